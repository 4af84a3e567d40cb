/** What asking a platform comes to, where it does not answer as it should. */
import { messageOf, SwitchyardError } from '../../core/errors.ts';

/** Nothing answers at the API's address. */
export function serverUnreachable(url: string, how: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('ServerUnreachable', `no platform answers at ${url} (${reasonOf(cause)})`, {
    where: how,
    hint: 'Start one with `switchyard up`, or name its address with --api or SWITCHYARD_API.',
    cause,
  });
}

/** Nothing answers where predictions are made. */
export function inferenceUnreachable(url: string, cause: unknown): SwitchyardError {
  return new SwitchyardError(
    'ServerUnreachable',
    `no inference server answers at ${url} (${reasonOf(cause)})`,
    {
      where: 'the inference server',
      hint: 'Start a platform with `switchyard up`, or name the address of the server with --server or SWITCHYARD_INFERENCE.',
      cause,
    },
  );
}

/** Nothing answers where a server is to be judged; it may be anybody's. */
export function serverNotFound(url: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('ServerUnreachable', `no server answers at ${url}: ${messageOf(cause)}`, {
    where: 'the server under test',
    hint: 'Give the address at which it answers HTTP, as http://127.0.0.1:8080: the part before /v2.',
    cause,
  });
}

/** Nothing answers where a server is to be judged over gRPC. */
export function grpcServerNotFound(address: string, cause: unknown): SwitchyardError {
  return new SwitchyardError(
    'ServerUnreachable',
    `no server answers at ${address} over gRPC: ${messageOf(cause)}`,
    {
      where: 'the server under test',
      hint: 'Give host and port at which it answers gRPC without TLS: Switchyard does with `switchyard up --grpc-port 9000`.',
      cause,
    },
  );
}

/** Something answers there, but not as a platform does. */
export function unexpectedAnswer(url: string, status: number, cause?: unknown): SwitchyardError {
  return new SwitchyardError(
    'UnexpectedAnswer',
    `what answers there is no Switchyard API (status ${status})`,
    {
      where: url,
      hint: 'Check the address: --api names the status API, not the inference port.',
      cause,
    },
  );
}

/**
 * What answers at `url` sends on to another address. What a command sends (predictions, changes, headers) may be secret, and is for the
 * address that was named.
 */
export function redirectRefused(url: string, to: string): SwitchyardError {
  const origin = URL.canParse(to, url) ? new URL(to, url).origin : 'another address';
  return new SwitchyardError('RedirectRefused', `what answers there sends on to ${origin}`, {
    where: url,
    hint: 'Nothing was sent there. Name the address of the server itself, with --api or --server.',
  });
}

/** More than one platform runs on this machine and none belongs to this folder. */
export function severalPlatforms(addresses: readonly string[]): SwitchyardError {
  return new SwitchyardError('SeveralPlatforms', `${addresses.length} platforms run on this machine`, {
    hint: `Name one with --api: ${addresses.join(', ')}.`,
    status: 400,
  });
}

/** The platform runs without the plugin that tells of alerts. */
export function alertingMissing(platform: string): SwitchyardError {
  return new SwitchyardError('AlertingMissing', 'this platform tells of no alerts', {
    where: platform,
    hint: 'Name the plugins alerting and notifiers in platform.yaml: see docs/alerts.md.',
    status: 404,
  });
}

/** The platform runs without the plugin that watches deployments. */
export function monitorsMissing(platform: string): SwitchyardError {
  return new SwitchyardError('MonitorsMissing', 'this platform watches nothing', {
    where: platform,
    hint: 'Name the plugin monitors in platform.yaml: see docs/kinds/monitor.md.',
    status: 404,
  });
}

/** The platform runs without the plugin that watches service levels. */
export function sloMissing(platform: string): SwitchyardError {
  return new SwitchyardError('SloMissing', 'this platform watches no service levels', {
    where: platform,
    hint: 'Name the plugin slo in platform.yaml: see docs/slo.md.',
    status: 404,
  });
}

/** The platform works no jobs. */
export const jobsMissing = (url: string) =>
  new SwitchyardError('JobsMissing', 'this platform works no jobs', {
    where: url,
    hint: 'Name the plugin jobs in platform.yaml.',
  });

/** The platform went away while it told the predictions of a job. */
export function resultCutOff(platform: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('ResultCutOff', `not all of the result came (${reasonOf(cause)})`, {
    where: platform,
    hint: 'Ask for it again: the platform keeps it. A file that --out names is as it was.',
    cause,
  });
}

/** A name that several resources have, in different scopes. */
export function ambiguousName(what: string, refs: readonly string[]): SwitchyardError {
  return new SwitchyardError('AmbiguousName', `${what} means ${refs.length} resources`, {
    hint: `Say which: ${refs.join(', ')}.`,
    status: 400,
  });
}

/** No commit that the platform has read begins so. */
export function commitUnknown(beginning: string): SwitchyardError {
  return new SwitchyardError('CommitUnknown', `the platform knows no commit that begins with ${beginning}`, {
    hint: 'See `switchyard status` for what is applied or held; an older commit is named by its whole id.',
    status: 404,
  });
}

/** Several commits begin so. */
export function ambiguousCommit(beginning: string, commits: readonly string[]): SwitchyardError {
  return new SwitchyardError('AmbiguousCommit', `${commits.length} commits begin with ${beginning}`, {
    hint: `Write more of it: ${commits.slice(0, 5).join(', ')}.`,
    status: 400,
  });
}

/** No alert has that id, or several begin like it. */
export function alertNotFound(id: string, ids: readonly string[]): SwitchyardError {
  const several = ids.length > 1;
  return new SwitchyardError(
    'AlertNotFound',
    several ? `${id} may mean ${ids.length} alerts` : `there is no alert ${id}`,
    {
      hint: several
        ? `Write more of it: ${ids.slice(0, 5).join(', ')}.`
        : 'List them with: switchyard alerts --all.',
      status: 404,
    },
  );
}

/** It has no spec.slo, or is not there. */
export function promiseNotFound(deployment: string): SwitchyardError {
  return new SwitchyardError('PromisesNothing', `${deployment} promises nothing`, {
    where: deployment,
    hint: 'List those that do with: switchyard slo. To promise something, add spec.slo: see docs/slo.md.',
    status: 404,
  });
}

/** The inference server refused a prediction, and says no code. */
export function predictionRefused(message: string, status: number, where: string): SwitchyardError {
  return new SwitchyardError('PredictionRefused', message, { where, hint: hintFor(status), status });
}

/** What to do where a server says no hint of its own. */
export function hintFor(status: number): string {
  return status === 404
    ? 'See what is served with `switchyard get deployments`.'
    : 'See the inputs that the model takes with `switchyard predict DEPLOYMENT --inputs`.';
}

/** The versions of a proposal cannot be tried. */
export function previewNotReady(proposal: string, reason: string): SwitchyardError {
  return new SwitchyardError('PreviewNotReady', reason, {
    where: `proposal ${proposal}`,
    status: 503,
    hint: 'Correct the proposal, or try again in half a minute.',
  });
}

function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const code: unknown = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : messageOf(cause);
}
