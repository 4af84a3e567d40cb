/** What alerting knows now, for all of its parts. Whoever changes it decides when it must be on disk. */
import type { Logger } from '../../core/plugin.ts';
import type { Alert } from './alert.ts';
import { KeptState, noState, type State } from './kept-state.ts';
import type { Group } from './routing/groups.ts';
import type { Silence } from './routing/silence.ts';

/** How long what is over can still be seen. */
const rememberMs = 24 * 3_600_000;

export class Memory {
  readonly #kept: KeptState;
  #state: State = noState;

  constructor(folder: string, log: Logger) {
    this.#kept = new KeptState(folder, log);
  }

  get state(): State {
    return this.#state;
  }

  /** Why what is known is not on disk, while it is not. */
  get unwritten(): string | undefined {
    return this.#kept.unwritten;
  }

  async read(): Promise<void> {
    this.#state = await this.#kept.read();
  }

  change(part: Partial<State>): void {
    this.#state = { ...this.#state, ...part };
  }

  /** What is known now is on disk when it resolves. */
  keep(): Promise<void> {
    return this.#kept.write(this.#state);
  }

  /** Resolves once all that was asked for is on disk. */
  async settled(): Promise<void> {
    await this.#kept.settled();
  }
}

/** Without what has long been over and was told. */
export function rememberedAlerts(
  alerts: ReadonlyMap<string, Alert>,
  groups: ReadonlyMap<string, Pick<Group, 'told'>>,
  now: number,
): ReadonlyMap<string, Alert> {
  const old = [...alerts.values()].filter(
    ({ phase, resolvedAt = now }) => phase === 'resolved' && resolvedAt <= now - rememberMs,
  );
  if (old.length === 0) return alerts;
  const left = new Map(alerts);
  const told = new Set([...groups.values()].flatMap((group) => Object.keys(group.told)));
  for (const { id } of old) if (!told.has(id)) left.delete(id);
  return left;
}

export function rememberedSilences(silences: readonly Silence[], now: number): readonly Silence[] {
  return silences.filter(({ until }) => until > now - rememberMs);
}
