/** `/plugins/rollout/deployments/ENVIRONMENT/NAME/VERB`: what people say to a rollout. Answers are JSON. */
import { type Machine, type Ref, refOf } from '../../core/plugin.ts';
import { isLine, methodNotAllowed, readFields } from '../../libraries/json-requests/index.ts';
import { type Command, type Verb, verbs } from './commands.ts';
import { commandInvalid, deploymentUnknown } from './errors.ts';
import type { Mailbox } from './mailbox.ts';

export interface RolloutRoutes {
  readonly mailbox: Pick<Mailbox, 'send'>;
  readonly machine: Pick<Machine, 'runs'>;
  /** Whether a deployment of that name is looked after here. */
  readonly isKnown: (ref: Ref) => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function rolloutRoutes({ mailbox, machine, isKnown, now }: RolloutRoutes) {
  return async (request: Request, path: string): Promise<Response | undefined> => {
    const [first, environment = '', name = '', verb = '', ...more] = path
      .split('/')
      .filter((part) => part !== '');
    if (first !== 'deployments' || !isVerb(verb) || more.length > 0) return undefined;
    if (request.method !== 'POST') throw methodNotAllowed(request.method, 'POST');
    const command = await commandIn(request, verb, now());
    const ref = refOf('Deployment', name, environment);
    if (!machine.runs(environment) || !isKnown(ref)) throw deploymentUnknown(`${environment}/${name}`);
    const message = await mailbox.send(ref, command);
    return Response.json({ verb, deployment: `${environment}/${name}`, message });
  };
}

function isVerb(text: string): text is Verb {
  return (verbs as readonly string[]).includes(text);
}

async function commandIn(request: Request, verb: Verb, at: number): Promise<Command> {
  const more: Partial<Record<Verb, string>> = { promote: 'full', 'accept-risk': 'version' };
  const fields = ['by', 'reason', ...(more[verb] === undefined ? [] : [more[verb]])];
  const { by, reason, full, version } = await readFields(request, fields, {
    refuse: commandInvalid,
    longest: 16_384,
  });
  if (!isLine(by, 254)) throw commandInvalid('body by', 'by needs the name of who says this, in one line');
  if (reason !== undefined && !isLine(reason, 1000)) {
    throw commandInvalid('body reason', 'reason is a text of one line, at most 1000 characters');
  }
  if (reason === undefined && verb === 'accept-risk') {
    throw commandInvalid('body reason', 'whoever accepts a risk says why: a reason is missing');
  }
  if (version !== undefined && !isLine(version, 128)) {
    throw commandInvalid('body version', 'version is the name of one, as in 1.1.0');
  }
  if (full !== undefined && typeof full !== 'boolean')
    throw commandInvalid('body full', 'full is true or false');
  return {
    verb,
    by: by.trim(),
    at,
    ...(reason === undefined ? {} : { reason: reason.trim() }),
    ...(full === true ? { isFull: true } : {}),
    ...(version === undefined ? {} : { version: version.trim() }),
  };
}
