/** What a secret store says where there are no values to be had. None of it holds a value. */
import { codeOf, SwitchyardError } from '../plugin.ts';

/** No answer now; asking again may help. */
export const secretStoreUnreachable = (where: string, reason: string, cause?: unknown) =>
  new SwitchyardError('SecretStoreUnreachable', `the secret cannot be read: ${reason}`, {
    where,
    status: 502,
    hint: 'It is asked again, and what was read last goes on. If it lasts, see that this machine reaches the store.',
    cause,
  });

/** The store, or this machine's operator, does not let it be read. */
export const secretRefused = (where: string, reason: string, hint: string) =>
  new SwitchyardError('SecretRefused', `the secret may not be read: ${reason}`, { where, status: 403, hint });

/** The store answers, and has no such thing. */
export const secretMissing = (where: string, reason: string, hint: string) =>
  new SwitchyardError('SecretMissing', `there is no such secret: ${reason}`, { where, status: 404, hint });

/** What is there was changed by somebody who may not, or is damaged. */
export const secretTampered = (where: string, reason: string) =>
  new SwitchyardError('SecretTampered', `the secret is not as it was encrypted: ${reason}`, {
    where,
    status: 422,
    hint: 'Find out who changed it (git log -p). Restore the last good file, or encrypt it anew from a source that you trust.',
  });

/** The Secret names a place that makes no sense to its store. */
export const secretPlaceInvalid = (where: string, reason: string, hint?: string) =>
  new SwitchyardError('SecretPlaceInvalid', `the secret has no place: ${reason}`, {
    where,
    status: 400,
    hint: hint ?? 'Correct spec.store of the Secret.',
  });

/** The settings of a secret store in the operator's configuration do not make sense. Throw it before anything starts. */
export const invalidSecretSetting = (setting: string, reason: string) =>
  new SwitchyardError('InvalidSecretSetting', `${setting} ${reason}`, {
    where: setting,
    hint: "See the plugin's README for the settings and their values.",
  });

const lasting = ['SecretRefused', 'SecretMissing', 'SecretTampered', 'SecretPlaceInvalid', 'ProviderMissing'];

/** Whether a human must change something before asking again can help. */
export function isLastingSecretTrouble(error: unknown): boolean {
  return lasting.includes(codeOf(error));
}
