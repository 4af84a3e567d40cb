import { methodNotAllowed } from '../../libraries/json-requests/index.ts';
import type { Previews } from './previews.ts';

/**
 * Answers `/proposals/<n>/v2/…` (the Open Inference Protocol, with the proposal's versions) and `/proposals/<n>/preview`: GET
 * says how it is, POST loads it, DELETE releases it.
 */
export function previewRoutes(previews: Previews) {
  return async (request: Request, path: string): Promise<Response | undefined> => {
    const [, digits, rest] = /^([1-9]\d{0,14})(\/.*)$/.exec(path) ?? [];
    if (digits === undefined || rest === undefined) return undefined;
    const number = Number(digits);
    if (rest === '/preview') return manage(previews, number, request.method);
    if (rest !== '/v2' && !rest.startsWith('/v2/')) return undefined;
    return previews.ask(number, rest, request);
  };
}

async function manage(previews: Previews, number: number, method: string): Promise<Response> {
  const headers = { 'cache-control': 'no-store' };
  switch (method) {
    case 'GET':
    case 'HEAD':
      return Response.json(await previews.status(number), { headers });
    case 'POST': {
      const status = await previews.load(number);
      return Response.json(status, { status: status.state === 'ready' ? 200 : 202, headers });
    }
    case 'DELETE':
      await previews.release(number, 'somebody asked for it');
      return new Response(null, { status: 204, headers });
    default:
      throw methodNotAllowed(method, 'GET, POST or DELETE');
  }
}
