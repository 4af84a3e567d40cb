/** `/plugins/proposals/…`: the same things that the command line does. Answers are JSON, errors as everywhere in the API. */
import type { Actor } from '../../core/capabilities/forge.ts';
import type { Intent } from '../../core/capabilities/proposer.ts';
import { isLine, methodNotAllowed, readFields } from '../../libraries/json-requests/index.ts';
import { requestInvalid } from './errors.ts';
import type { Proposals } from './proposals.ts';

const refusal = { refuse: requestInvalid };

export function proposalRoutes(proposals: Proposals) {
  return async (request: Request, path: string): Promise<Response | undefined> => {
    const parts = path.split('/').filter((part) => part !== '');
    const route = routeOf(parts);
    if (route === undefined) return undefined;
    const handler = route[request.method === 'HEAD' ? 'GET' : request.method];
    if (handler === undefined) throw methodNotAllowed(request.method, Object.keys(route).join(' or '));
    const { body, status = 200 } = await handler(proposals, request, Number(parts[1]));
    return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
  };
}

interface Answer {
  readonly body: unknown;
  readonly status?: number;
}

type Handler = (proposals: Proposals, request: Request, number: number) => Promise<Answer>;
type Route = Readonly<Record<string, Handler>>;

function routeOf(parts: readonly string[]): Route | undefined {
  const [first, number, action] = parts;
  if (first === 'queue' && parts.length === 1) return { GET: queue };
  if (first !== 'proposals') return undefined;
  if (parts.length === 1) return { GET: list, POST: propose };
  if (!/^[1-9]\d{0,14}$/.test(number ?? '')) return undefined;
  if (parts.length === 2) return { GET: show };
  const handler = parts.length === 3 ? actions[action ?? ''] : undefined;
  return handler === undefined ? undefined : { POST: handler };
}

const list: Handler = async (proposals, request) => {
  const { searchParams } = new URL(request.url);
  for (const name of searchParams.keys()) {
    if (!['state', 'key', 'limit'].includes(name)) {
      throw requestInvalid(`query ${name}`, `there is no parameter "${name}" here: state, key and limit are`);
    }
  }
  const state = searchParams.get('state') ?? undefined;
  if (state !== undefined && state !== 'open' && state !== 'merged' && state !== 'closed') {
    throw requestInvalid('query state', 'state is open, merged or closed');
  }
  const limit = Number(searchParams.get('limit') ?? 100);
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 1000) {
    throw requestInvalid('query limit', 'limit is a whole number from 1 to 1000');
  }
  const key = searchParams.get('key') ?? undefined;
  const items = await proposals.list({
    ...(state === undefined ? {} : { state }),
    ...(key === undefined ? {} : { key }),
    limit,
  });
  return { body: { items, broken: await proposals.broken() } };
};

const show: Handler = async (proposals, request, number) => {
  const { searchParams } = new URL(request.url);
  for (const name of searchParams.keys()) {
    if (name !== 'wait')
      throw requestInvalid(`query ${name}`, `there is no parameter "${name}" here: wait is`);
  }
  const wait = searchParams.get('wait') ?? 'false';
  if (wait !== 'true' && wait !== 'false') throw requestInvalid('query wait', 'wait is true or false');
  return { body: await proposals.show(number, { run: wait === 'true' ? 'wait' : 'background' }) };
};

const queue: Handler = async (proposals) => ({ body: { items: await proposals.queue() } });

const propose: Handler = async (proposals, request) => {
  const { intent, byHand, waitMs } = await readFields(request, ['intent', 'byHand', 'waitMs'], refusal);
  if (typeof intent !== 'object' || intent === null)
    throw requestInvalid('body intent', 'an intent is missing');
  if (byHand !== undefined && typeof byHand !== 'boolean') {
    throw requestInvalid('body byHand', 'byHand is true or false');
  }
  if (waitMs !== undefined && !(typeof waitMs === 'number' && waitMs >= 0 && waitMs <= 60_000)) {
    throw requestInvalid('body waitMs', 'waitMs is a number from 0 to 60000');
  }
  const proposed = await proposals.propose(intent as Intent, {
    ...(byHand === undefined ? {} : { byHand }),
    ...(waitMs === undefined ? {} : { waitMs }),
  });
  return { body: proposed, status: proposed.state === 'queued' ? 202 : proposed.isNew ? 201 : 200 };
};

const recheck: Handler = async (proposals, request, number) => {
  const { checks, wait = false } = await readFields(request, ['checks', 'wait'], refusal);
  if (checks !== undefined && !(Array.isArray(checks) && checks.every((name) => typeof name === 'string'))) {
    throw requestInvalid('body checks', 'checks is a list of names');
  }
  if (typeof wait !== 'boolean') throw requestInvalid('body wait', 'wait is true or false');
  const again = checks === undefined ? 'all' : (checks as readonly string[]);
  const judgement = await proposals.judge(number, { again, wait });
  return { body: judgement, status: judgement.verdict.state === 'pending' ? 202 : 200 };
};

const merge: Handler = async (proposals, request, number) => {
  const { by, expectedHead } = await readFields(request, ['by', 'expectedHead'], refusal);
  if (expectedHead !== undefined && typeof expectedHead !== 'string') {
    throw requestInvalid('body expectedHead', 'expectedHead is the id of a commit');
  }
  const who = actorOf(by);
  const merged = await proposals.merge(number, {
    by: who,
    ...(expectedHead === undefined ? {} : { expectedHead }),
  });
  return { body: merged };
};

const close: Handler = async (proposals, request, number) => {
  const { by, reason } = await readFields(request, ['by', 'reason'], refusal);
  if (typeof reason !== 'string' || reason.trim() === '') {
    throw requestInvalid('body reason', 'a reason is missing');
  }
  await proposals.close(number, { by: actorOf(by), reason });
  return { body: (await proposals.show(number)).proposal };
};

const actions: Readonly<Record<string, Handler>> = { recheck, merge, close };

function actorOf(by: unknown): Actor & { readonly email: string } {
  const { name, email } = (typeof by === 'object' && by !== null ? by : {}) as Record<string, unknown>;
  // Git writes them as `name <email>`.
  const isPart = (text: unknown): text is string => isLine(text, 254) && !/[<>]/.test(text);
  if (!isPart(name) || !isPart(email)) {
    throw requestInvalid('body by', 'by needs the name and the email of who does this');
  }
  return { name, email };
}
