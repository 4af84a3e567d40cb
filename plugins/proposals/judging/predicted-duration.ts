import type { Plan, Registry } from '../../../core/capabilities/registry.ts';
import type { Ref } from '../../../core/plugin.ts';

/** How long a plan will take, from what like switches took. Plain JSON. */
export interface PredictedDuration {
  /** Of the longest; deployments switch side by side. Null where nothing like it was seen yet. */
  readonly ms: number | null;
  /** What the figure stands on. */
  readonly of: readonly { readonly ref: Ref; readonly ms: number; readonly seen: number }[];
  /** Deployments that switch and have no history. */
  readonly unknown: readonly Ref[];
}

/**
 * For each deployment that gets another version: the median time from the commit to the switch, of its own last
 * switches. A version's load time is the greater part of it.
 */
export async function predictDuration(plan: Plan, journal: Registry['journal']): Promise<PredictedDuration> {
  const of: { ref: Ref; ms: number; seen: number }[] = [];
  const unknown: Ref[] = [];
  for (const { ref, type, fields } of plan.changes) {
    if (!ref.startsWith('Deployment/')) continue;
    const isSwitch = type === 'added' || fields.some(({ pointer }) => pointer === '/spec/version');
    if (!isSwitch) continue;
    if (of.length + unknown.length >= maxDeployments) break;
    const times = await switchTimes(ref, journal);
    const ms = median(times);
    if (ms === undefined) unknown.push(ref);
    else of.push({ ref, ms, seen: times.length });
  }
  return { ms: of.length === 0 ? null : Math.max(...of.map(({ ms }) => ms)), of, unknown };
}

const maxDeployments = 20;

async function switchTimes(ref: Ref, journal: Registry['journal']): Promise<readonly number[]> {
  const times: number[] = [];
  for (const entry of await journal({ ref, type: 'deployment.switched', limit: 5 })) {
    const commit = typeof entry.data.commit === 'string' ? entry.data.commit : entry.commit;
    if (commit === null) continue;
    const [applied] = await journal({ type: 'snapshot.applied', commit, limit: 1 });
    if (applied === undefined) continue;
    const taken = Date.parse(entry.time) - Date.parse(applied.time);
    if (taken >= 0) times.push(taken);
  }
  return times;
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}
