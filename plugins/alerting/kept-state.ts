/** What alerting must not forget, in one file: written whole, so that what is told and what is known agree. */
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, messageOf } from '../../core/plugin.ts';
import { writeDurably } from '../../libraries/durable-file/index.ts';
import type { Alert } from './alert.ts';
import type { Group } from './routing/groups.ts';
import type { Silence } from './routing/silence.ts';
import type { Delivery } from './telling/outbox.ts';

export interface State {
  readonly alerts: ReadonlyMap<string, Alert>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly outbox: readonly Delivery[];
  readonly silences: readonly Silence[];
  /** Entries of the journal up to this one were looked at; undefined before the first look. */
  readonly journal: number | undefined;
}

export const noState: State = {
  alerts: new Map(),
  groups: new Map(),
  outbox: [],
  silences: [],
  journal: undefined,
};

export class KeptState {
  readonly #path: string;
  readonly #log: Logger;
  #writing: Promise<void> | undefined;
  #next: { readonly state: State; readonly done: Promise<void> } | undefined;
  #unwritten: string | undefined;

  constructor(folder: string, log: Logger) {
    this.#path = join(folder, 'state.json');
    this.#log = log;
  }

  /** A file that cannot be read is put aside: what fires is seen again, and told again. */
  async read(): Promise<State> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch {
      return noState;
    }
    try {
      const { version, alerts, groups, outbox, silences, journal } = JSON.parse(text);
      if (version !== 1) throw new Error(`it is of version ${version}`);
      return {
        alerts: new Map((alerts as Alert[]).map((one) => [one.id, one])),
        groups: new Map((groups as Group[]).map((one) => [one.key, one])),
        outbox: outbox as Delivery[],
        silences: silences as Silence[],
        journal: typeof journal === 'number' ? journal : undefined,
      };
    } catch (error) {
      const aside = `${this.#path}.broken`;
      this.#log.error({ path: aside, error: messageOf(error) }, 'what alerting knew cannot be read');
      await rm(aside, { force: true });
      await rename(this.#path, aside).catch(() => {});
      return noState;
    }
  }

  /** Why what is known is not on disk, while it is not. */
  get unwritten(): string | undefined {
    return this.#unwritten;
  }

  /** On disk when it resolves. States that come while one is written are written as one. A full disk is told and sat out. */
  write(state: State): Promise<void> {
    if (this.#writing === undefined) {
      this.#writing = this.#put(state).finally(() => {
        this.#writing = undefined;
      });
      return this.#writing;
    }
    const done =
      this.#next?.done ??
      this.#writing.then(() => {
        const newest = this.#next?.state ?? state;
        this.#next = undefined;
        return this.write(newest);
      });
    this.#next = { state, done };
    return done;
  }

  /** Resolves once all that was asked for is on disk. */
  async settled(): Promise<void> {
    await (this.#next?.done ?? this.#writing);
  }

  async #put(state: State): Promise<void> {
    const { alerts, groups, outbox, silences, journal } = state;
    const text = JSON.stringify({
      version: 1,
      alerts: [...alerts.values()],
      groups: [...groups.values()],
      outbox,
      silences,
      journal,
    });
    try {
      await writeDurably(this.#path, text);
      this.#unwritten = undefined;
    } catch (error) {
      if (this.#unwritten === undefined)
        this.#log.error({ error: messageOf(error) }, 'what alerting knows cannot be written');
      this.#unwritten = messageOf(error);
    }
  }
}
