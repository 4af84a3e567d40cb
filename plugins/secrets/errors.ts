import { SwitchyardError } from '../../core/plugin.ts';

export const secretUnknown = (name: string) =>
  new SwitchyardError('SecretUnknown', `no Secret "${name}" is read`, {
    where: `Secret/${name}`,
    status: 404,
    hint: `Add secrets/${name}.yaml, or correct the name. Right after a start it may take a moment.`,
  });

export const secretKeyUnknown = (name: string, key: string, keys: readonly string[]) =>
  new SwitchyardError('SecretKeyUnknown', `the Secret "${name}" has no key "${key}"`, {
    where: `Secret/${name}`,
    status: 404,
    hint: `There are: ${keys.join(', ')}.`,
  });
