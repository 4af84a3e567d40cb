import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { type Strike, tensorsOf } from '../../demo/strikes.ts';
import type { Platform } from './yard.ts';

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  /** In the place of a version in the path. */
  readonly version?: string;
  /** One of a single connection, so that one inference process answers all that goes through it. */
  readonly agent?: Agent;
}

/** A connection that is kept: to one inference process. */
export function connection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 });
}

/** Which version answers about a strike. Throws where none does. */
export async function whoAnswers(
  platform: Platform,
  environment: string,
  strike: Strike,
  { headers = {}, version, agent }: Asking = {},
): Promise<string> {
  const named = version === undefined ? '' : `/versions/${version}`;
  const url = `${platform.run.inference}/environments/${environment}/v2/models/bird-strike${named}/infer`;
  const body = JSON.stringify({ inputs: tensorsOf([strike]) });
  const [status, answered] = await new Promise<[number | undefined, IncomingHttpHeaders]>(
    (resolve, reject) => {
      const all = { 'content-type': 'application/json', ...headers };
      const outgoing = request(
        url,
        { method: 'POST', headers: all, ...(agent === undefined ? {} : { agent }) },
        (response) => {
          response.on('error', reject);
          response.on('end', () => resolve([response.statusCode, response.headers]));
          response.resume();
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    },
  );
  if (status !== 200) throw new Error(`answered with ${status}`);
  return String(answered['switchyard-model-version']);
}

/** How many of so many requests over one connection, which is one inference process, each version answers. */
export async function shares(
  platform: Platform,
  environment: string,
  strike: Strike,
  requests: number,
): Promise<Readonly<Record<string, number>>> {
  const agent = connection();
  const counts: Record<string, number> = {};
  for (let turn = 0; turn < requests; turn++) {
    const version = await whoAnswers(platform, environment, strike, { agent });
    counts[version] = (counts[version] ?? 0) + 1;
  }
  agent.destroy();
  return counts;
}
