import type { SecretRef, Secrets, SecretUse, SecretValue } from '../../core/capabilities/secrets.ts';
import { codeOf, type Logger, messageOf, type Ref } from '../../core/plugin.ts';
import { secretKeyUnknown, secretUnknown } from './errors.ts';

export type SecretValues = ReadonlyMap<string, SecretValue>;

/** The newest good values of each Secret, in memory alone, and who used them. */
export class SecretTable implements Secrets {
  readonly #values = new Map<string, SecretValues>();
  /** Why there are none of a Secret that is declared. */
  readonly #troubles = new Map<string, unknown>();
  readonly #users = new Map<string, Set<Ref>>();
  readonly #listeners = new Set<(secret: string) => void>();
  readonly #wake: (ref: Ref) => void;
  readonly #log: Pick<Logger, 'error'>;

  constructor(wake: (ref: Ref) => void, log: Pick<Logger, 'error'>) {
    this.#wake = wake;
    this.#log = log;
  }

  async read({ name, key }: SecretRef, { usedBy }: SecretUse = {}): Promise<SecretValue> {
    // Noted before anything can fail: who came too early is woken when there is something.
    if (usedBy !== undefined) this.#users.set(name, (this.#users.get(name) ?? new Set()).add(usedBy));
    const values = this.#values.get(name);
    if (values === undefined) throw this.#troubles.get(name) ?? secretUnknown(name);
    const value = values.get(key);
    if (value === undefined) throw secretKeyUnknown(name, key, [...values.keys()]);
    return value;
  }

  onRotation(listener: (secret: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  held(name: string): SecretValues | undefined {
    return this.#values.get(name);
  }

  /** The resources that asked for a value of it. */
  usersOf(name: string): readonly Ref[] {
    return [...(this.#users.get(name) ?? [])].sort();
  }

  /** Takes new values, and answers the keys that are new, changed or gone. */
  put(name: string, values: SecretValues): readonly string[] {
    const before = this.#values.get(name);
    const changed = before === undefined ? [...values.keys()] : difference(before, values);
    this.#values.set(name, values);
    this.#troubles.delete(name);
    if (changed.length > 0) this.#tell(name, before !== undefined);
    return changed;
  }

  /** Says why there are no values; those that there are go on. */
  trouble(name: string, error: unknown): void {
    this.#troubles.set(name, error);
  }

  remove(name: string): void {
    this.#troubles.delete(name);
    if (this.#values.delete(name)) this.#tell(name, false);
  }

  #tell(name: string, isRotation: boolean): void {
    for (const ref of this.#users.get(name) ?? []) this.#wake(ref);
    if (!isRotation) return;
    for (const listener of this.#listeners) {
      try {
        listener(name);
      } catch (error) {
        // One that fails keeps the news from nobody else.
        this.#log.error(
          { secret: name, code: codeOf(error), reason: messageOf(error) },
          'a listener to rotations failed',
        );
      }
    }
  }
}

function difference(before: SecretValues, after: SecretValues): readonly string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => {
    const [old, now] = [before.get(key), after.get(key)];
    return old === undefined || now === undefined || !old.equals(now);
  });
}
