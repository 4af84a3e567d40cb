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
