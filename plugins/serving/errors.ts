/** Errors of the control side of serving. Those of the data plane are in its own folder. */
import { messageOf, SwitchyardError } from '../../core/plugin.ts';

/** The operator's settings for this plugin do not make sense. */
export function invalidServingSetting(setting: string, reason: string): SwitchyardError {
  return new SwitchyardError('InvalidServingSetting', `${setting} ${reason}`, {
    where: `serving.${setting}`,
    hint: 'See plugins/serving/README.md for the settings and their values.',
  });
}

/** The socket that inference processes connect to cannot be opened. */
export function controlSocketFailed(path: string, reason: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError('ControlSocketFailed', `inference processes cannot connect: ${reason}`, {
    where: path,
    hint: 'See that no other platform runs on this data folder, and that the folder can be written.',
    cause,
  });
}

/** The disk took no routing table. What is served goes on; a restart of everything would begin from an older table. */
export function tableNotWritten(path: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('TableNotWritten', `the routing table cannot be written: ${messageOf(cause)}`, {
    where: path,
    hint: 'Make space or give the rights back. It is tried again by itself.',
    cause,
  });
}

/** A URI without a scheme cannot be read by any store. */
export function artifactSchemeMissing(where: string): SwitchyardError {
  return new SwitchyardError('ArtifactSchemeMissing', 'artifact.uri names no scheme', {
    where,
    status: 400,
    hint: 'Write file:, https:// or the scheme of another artifact store.',
  });
}

/** The artifact of a version that is to be tried cannot be brought here now. `reason` says what stands in the way. */
export function artifactNotFetched(reason: string, where: string, cause: unknown): SwitchyardError {
  return new SwitchyardError(reason, `the artifact cannot be fetched: ${messageOf(cause)}`, {
    where,
    status: 503,
    hint: 'It says nothing of the version: see to the disk or the store, and try again.',
    cause,
  });
}

/** A plugin compares more versions at once than a machine should hold. */
export function tooManyTrials(most: number): SwitchyardError {
  return new SwitchyardError('TooManyTrials', `at most ${most} versions stand on one bench`, {
    status: 400,
    hint: 'Take another turn for the rest.',
  });
}

/** A request to a version that is tried does not fit a message. */
export function trialRequestTooLarge(length: number, most: number): SwitchyardError {
  const message = `a request of ${length} characters is more than a trial takes (${most})`;
  return new SwitchyardError('TrialRequestTooLarge', message, {
    status: 413,
    hint: 'Send fewer rows at a time.',
  });
}

/** The process of a preview is gone: it crashed, took too much, or was released. */
export function previewEnded(
  reason: string,
  cause?: unknown,
): SwitchyardError & { readonly retryAfterMs: number } {
  const error = new SwitchyardError('PreviewEnded', `the preview does not answer: ${reason}`, {
    status: 503,
    hint: 'Ask again: it is loaded anew. A version that ends its process again and again cannot be served.',
    cause,
  });
  return Object.assign(error, { retryAfterMs: 5_000 });
}
