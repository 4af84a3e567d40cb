import { type SecretStore, SecretValue } from '../../core/capabilities/secret-store.ts';
import { secretMissing, secretRefused } from '../../core/capabilities/secret-store-errors.ts';
import { textsOf } from './place.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables of the process, those that the operator allows: a registry is written by many hands. */
export function envStore(environment: Environment, allowed: readonly string[]): SecretStore {
  return {
    async read({ place }, signal) {
      signal.throwIfAborted();
      const values = new Map<string, SecretValue>();
      for (const [key, name] of textsOf(place, 'env', 'variables')) {
        if (!isAllowed(name, allowed)) {
          throw refused(name, allowed);
        }
        const text = environment[name];
        if (text === undefined || text === '') {
          const hint = 'Set it for the platform’s process, and start that anew.';
          throw secretMissing(name, `the environment variable ${name} is not set`, hint);
        }
        values.set(key, new SecretValue(text));
      }
      return { values };
    },
  };
}

function refused(name: string, allowed: readonly string[]): Error {
  const may = allowed.length === 0 ? 'none' : allowed.join(', ');
  const hint = `It may name: ${may}. The operator says so under plugins.secrets.env.allow.`;
  return secretRefused(name, `a Secret may not name the environment variable ${name}`, hint);
}

function isAllowed(name: string, allowed: readonly string[]): boolean {
  return allowed.some((one) =>
    one.endsWith('*') ? name.startsWith(one.slice(0, -1)) && name.length >= one.length : name === one,
  );
}
