import { defineCapability, type Providers, type Ref, type Reference, refOf } from '../plugin.ts';
import type { SecretValue } from './secret-value.ts';

export { SecretValue } from './secret-value.ts';

/** How manifests and settings name a secret: one key of a Secret. Its schema is `secretRef` of the envelope. */
export interface SecretRef {
  /** The Secret. */
  readonly name: string;
  /** The key in it. */
  readonly key: string;
}

/**
 * The secrets of the registry, for whoever uses them. Read a value when it is needed and let it go: the next read gives
 * the one that is good then. The provider of the plugin `secrets` is called `registry`.
 *
 * @example
 * const token = await secrets.get('registry').read(spec.secretRef, { usedBy: resource.ref });
 */
export interface Secrets {
  /**
   * The value that is good now: the newest that was read, while its store is down the last one. Throws `SecretUnknown`,
   * `SecretKeyUnknown`, or why its store gave none.
   */
  read(ref: SecretRef, options?: SecretUse): Promise<SecretValue>;
  /** Calls with the name of each Secret whose values changed, from now on. Answers what ends that. */
  onRotation(listener: (secret: string) => void): () => void;
}

export interface SecretUse {
  /** The resource that uses it: woken when the value changes, and when there is one at last. */
  readonly usedBy?: Ref;
}

export const secrets = defineCapability<Secrets>('secrets');

/** How settings read secrets, where a plugin needs no more than that; nothing where nobody provides them. */
export function secretReader(providers: Providers<Secrets>): {
  readonly secret?: (named: SecretRef) => Promise<SecretValue>;
} {
  const [provider] = providers.names();
  return provider === undefined ? {} : { secret: (named) => providers.get(provider).read(named) };
}

/** The reference that a `secretRef` in a manifest makes: for `references` of its kind. */
export function referenceOfSecret(ref: SecretRef, pointer: string): Reference {
  return { to: refOf('Secret', ref.name), pointer: `${pointer}/name` };
}
