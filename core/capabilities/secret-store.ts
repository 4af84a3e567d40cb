import { defineCapability } from '../plugin.ts';
import type { SecretValue } from './secret-value.ts';

export { SecretValue } from './secret-value.ts';

/**
 * Where secret values are kept. A provider's name is what a Secret writes under `spec.store`. It reads and keeps nothing
 * of its own between two questions that must outlive them: the last good values are kept by who asks.
 */
export interface SecretStore {
  /**
   * The values of one Secret, all of them or none. Changes nothing, so that it may be asked again at any time; ends soon
   * after `signal`. Throws an error of `secret-store-errors.ts`, which holds no value.
   */
  read(question: SecretQuestion, signal: AbortSignal): Promise<SecretAnswer>;
}

export interface SecretQuestion {
  /** The Secret's name. */
  readonly secret: string;
  /** What the Secret says below the store's name. */
  readonly place: Readonly<Record<string, unknown>>;
  /** The files of the registry that the Secret stands on, by their path from its root. */
  readonly files: ReadonlyMap<string, string>;
}

export interface SecretAnswer {
  /** By key. */
  readonly values: ReadonlyMap<string, SecretValue>;
  /** When to ask again, in milliseconds, where the Secret does not say. Absent: only when the Secret changes. */
  readonly checkAfter?: number;
  /** What is known of the values and is no secret: a version, a time. Small. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export const secretStore = defineCapability<SecretStore>('secret-store');
