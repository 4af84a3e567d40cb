/** From labels as they were told to labels that are kept: each finds its prediction first. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Label, LabelsTaken } from '../../../core/capabilities/prediction-sink.ts';
import { isCodedError } from '../../../core/plugin.ts';
import { writeDurably } from '../../../libraries/durable-file/index.ts';
import { type Known, knownInTurn } from './asking.ts';
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
  });
  if (stored.length > 0) {
    const name = `${String(now()).padStart(14, '0')}-${randomBytes(6).toString('hex')}.labels`;
    await writeDurably(join(paths.inbox, name), JSON.stringify(stored));
  }
  state.count('unknownLabels', unknown);
  state.count('lateLabels', late);
  return { taken: stored.length, duplicates, unknown, late, refused };
}

/** Looks at the labels that inference processes took, once their predictions must have arrived. Call it in turn. */
export async function lookAtTold(core: StoreCore): Promise<void> {
  const { paths, now, log, state } = core;
  for (const name of await toldFiles(paths.inbox)) {
    // What bears a time to come was named by a clock that was set back since.
    if (Math.abs(now() - Number.parseInt(name, 10)) < onItsWay) return;
    const path = join(paths.inbox, name);
    try {
      for (const { environment, deployment, labels } of await readTold(paths.inbox, name)) {
        const facts = await knownInTurn(core, [...new Set(labels.map(({ id }) => id))]);
        // Who may speak for one deployment may not for another.
        const own = new Map(
          [...facts.known].filter(
            ([, one]) => one.environment === environment && one.deployment === deployment,
          ),
        );
        const { unknown, late, refused } = await keepLabels(core, labels, { ...facts, known: own });
        if (unknown + late > 0) {
          const place = `${environment}/${deployment}`;
          log('warn', 'labels are not kept', { deployment: place, unknown, late, ids: refused.slice(0, 5) });
        }
      }
      await rm(path, { force: true });
    } catch (error) {
      // Their predictions are in a bucket that cannot be read now: they wait, and those behind them.
      if (isCodedError(error) || error instanceof UnfitObject) return;
      if (!(error instanceof SyntaxError)) throw error;
      state.count('unreadable', 1);
      log('warn', 'labels that were handed in cannot be read and are put aside', { name });
      await putAside(path, paths.broken);
    }
  }
}

/** Whether a prediction may still be on its way. */
export function isYoung(core: StoreCore, id: string): boolean {
  return Math.abs(core.now() - timeOfId(id)) < onItsWay;
}
