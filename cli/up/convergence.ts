import { setTimeout as wait } from 'node:timers/promises';
import type { Head } from '../../core/kernel-api.ts';
import type { Api } from '../client/api.ts';
import { allFollow, readProcesses } from '../client/processes.ts';
import { readResources, type ShownResource } from '../client/resources.ts';

export interface Convergence {
  readonly head: Head;
  readonly total: number;
  readonly ready: number;
  /** What is not ready, first what is under way. */
  readonly notReady: readonly { readonly ref: string; readonly reason: string; readonly message: string }[];
  /** Nothing is under way any more, whether all is well or not. */
  readonly isSettled: boolean;
  /** Every inference process answers by the newest table. */
  readonly isFollowed: boolean;
}

/** A process that does not come up is no reason to say nothing: `status` shows it. */
const patience = 20_000;

/**
 * Looks at the platform until nothing is under way, and tells each look. Answers the last one. A platform whose API does
 * not answer for a moment is asked again.
 */
export async function followConvergence(
  api: Api,
  tell: (now: Convergence) => void,
  signal: AbortSignal,
): Promise<Convergence | undefined> {
  let last: Convergence | undefined;
  let settledAt: number | undefined;
  while (!signal.aborted) {
    last = (await look(api).catch(() => undefined)) ?? last;
    if (last) tell(last);
    if (last?.isSettled) settledAt ??= Date.now();
    const isPatient = Date.now() - (settledAt ?? 0) < patience;
    if (last?.isSettled && (last.isFollowed || last.total === 0 || !isPatient)) return last;
    await wait(last && last.total > 1000 ? 1000 : 200, undefined, { signal }).catch(() => undefined);
  }
  return last;
}

async function look(api: Api): Promise<Convergence> {
  const head = await api.get<Head>('/head');
  const resources = await readResources(api, {});
  const processes = await readProcesses(api);
  const open = resources.filter((shown) => conditionOf(shown, 'Ready')?.status !== 'True');
  const isUnderWay = (shown: ShownResource) =>
    (shown.status === null && shown.issues.length === 0) ||
    conditionOf(shown, 'Progressing')?.status === 'True';
  const isEmpty = head.commit === null && head.lookedAt !== null;
  const isApplied = head.applied !== null && head.applied === head.commit;
  const isSeen = head.held !== null || head.error !== null || isEmpty || isApplied;
  return {
    head,
    total: resources.length,
    ready: resources.length - open.length,
    notReady: open
      .sort((a, b) => Number(isUnderWay(b)) - Number(isUnderWay(a)))
      .map((shown) => {
        const condition = conditionOf(shown, 'Ready');
        return {
          ref: shown.ref,
          reason: condition?.reason ?? shown.issues[0]?.code ?? 'Pending',
          message: condition?.message ?? shown.issues[0]?.message ?? '',
        };
      }),
    isSettled: isSeen && !resources.some(isUnderWay),
    isFollowed: allFollow(processes),
  };
}

function conditionOf(shown: ShownResource, type: string) {
  return shown.status?.conditions.find((condition) => condition.type === type);
}
