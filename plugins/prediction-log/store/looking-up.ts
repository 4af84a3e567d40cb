/** From labels as they were told to labels that are kept: each finds its prediction first. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Label, LabelsTaken } from '../../../core/capabilities/prediction-sink.ts';
import { isCodedError, messageOf } from '../../../core/plugin.ts';
import { writeDurably } from '../../../libraries/durable-file/index.ts';
import type { ToldLabels } from '../../../libraries/prediction-batch/index.ts';
import { isTooLong, type Known, knownInTurn } from './asking.ts';
import { UnfitObject } from './bucket/bucket.ts';
import type { StoreCore } from './core.ts';
import { putAside } from './files.ts';
import { readTold, toldFiles } from './inbox.ts';
import { sortLabels, timeOfId } from './labels.ts';

/** A prediction is handed in so many milliseconds after it was made, at most. */
export const onItsWay = 1_500;

/** Keeps those labels whose predictions are known, and counts the others. What this resolves with survives. */
export async function keepLabels(
  core: StoreCore,
  labels: readonly Label[],
  facts: Known,
): Promise<LabelsTaken> {
  const { state, paths, now } = core;
  const takenFor = (where: Parameters<typeof state.rulesOf>[0]) => state.rulesOf(where).feedbackFor;
  const { stored, duplicates, unknown, late, refused } = sortLabels(labels, {
    ...facts,
    takenFor,
    now: now(),
    received: core.receive(labels.length),
  });
  if (stored.length > 0) {
    const name = `${String(now()).padStart(14, '0')}-${randomBytes(6).toString('hex')}.labels`;
    await writeDurably(join(paths.inbox, name), JSON.stringify(stored));
  }
  state.count('unknownLabels', unknown);
  state.count('lateLabels', late);
  return { taken: stored.length, duplicates, unknown, late, refused };
}

/** After so long it is tried again to look up what could not be, at first; then after twice as long, and so on. */
const firstRestMs = 1_000;
const longestRestMs = 300_000;

interface Rest {
  readonly since: number;
  readonly ms: number;
  /** Of what its labels are: those that came later for the same wait, too, since the last one counts. */
  readonly ids: readonly string[];
}

/** Looks at the labels that inference processes took. */
export class LookingUp {
  readonly #core: StoreCore;
  /** Files whose labels cannot be looked up now: those behind them are not to wait for that. */
  readonly #resting = new Map<string, Rest>();

  constructor(core: StoreCore) {
    this.#core = core;
  }

  /** Looks up what was taken, once its predictions must have arrived. Call it in turn. */
  async lookAtTold(): Promise<void> {
    const { paths, now, log, state } = this.#core;
    const held = new Set<string>();
    for (const name of await toldFiles(paths.inbox)) {
      // What bears a time to come was named by a clock that was set back since.
      if (Math.abs(now() - Number.parseInt(name, 10)) < onItsWay) return;
      const rest = this.#resting.get(name);
      // A clock that was set back is no reason to wait for it.
      if (rest !== undefined && Math.abs(now() - rest.since) < rest.ms) {
        for (const id of rest.ids) held.add(id);
        continue;
      }
      const path = join(paths.inbox, name);
      let ids: readonly string[] = [];
      try {
        const told = await readTold(paths.inbox, name);
        ids = told.flatMap(({ labels }) => labels.map(({ id }) => id));
        if (ids.some((id) => held.has(id))) {
          for (const id of ids) held.add(id);
          continue;
        }
        for (const one of told) await this.#lookUp(one);
        await rm(path, { force: true });
        this.#resting.delete(name);
      } catch (error) {
        if (error instanceof SyntaxError) {
          state.count('unreadable', 1);
          log('warn', 'labels that were handed in cannot be read and are put aside', { name });
          await putAside(path, paths.broken);
          continue;
        }
        this.#letRest(name, ids, error);
        // Their predictions are in a bucket that cannot be read now. Each that is tried in vain costs time: the next one the next time.
        if (isCodedError(error) || error instanceof UnfitObject) return;
        throw error;
      }
    }
  }

  async #lookUp({ environment, deployment, labels }: ToldLabels): Promise<void> {
    const core = this.#core;
    // Who may speak for one deployment may not for another.
    const place = { environment, deployment };
    const facts = await knownInTurn(core, [...new Set(labels.map(({ id }) => id))], place);
    const { unknown, late, refused } = await keepLabels(core, labels, facts);
    if (unknown + late === 0) return;
    const ids = refused.slice(0, 5);
    core.log('warn', 'labels are not kept', {
      deployment: `${environment}/${deployment}`,
      unknown,
      late,
      ids,
    });
  }

  #letRest(name: string, ids: readonly string[], error: unknown): void {
    const { now, log } = this.#core;
    const before = this.#resting.get(name);
    // It is the operator's setting that stands in the way, and that is read at the start.
    const ms = isTooLong(error)
      ? longestRestMs
      : Math.min(longestRestMs, (before?.ms ?? firstRestMs / 2) * 2);
    this.#resting.set(name, { since: now(), ms, ids });
    if (before === undefined)
      log('warn', 'labels cannot be looked up now and wait', { name, reason: messageOf(error) });
  }
}

/** Whether a prediction may still be on its way. */
export function isYoung(core: StoreCore, id: string): boolean {
  return Math.abs(core.now() - timeOfId(id)) < onItsWay;
}
