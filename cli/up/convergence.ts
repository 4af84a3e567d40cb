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
  readonly notReady: readonly Shown[];
  /** What answers, and walks to another version: that may take days, or wait for a human. */
  readonly walking: readonly Shown[];
  /** Nothing that does not answer yet is under way any more, whether all is well or not. */
  readonly isSettled: boolean;
  /** Every inference process answers by the newest table. */
  readonly isFollowed: boolean;
}

export interface Shown {
  readonly ref: string;
  readonly reason: string;
  readonly message: string;
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
  const isReady = (shown: ShownResource) => conditionOf(shown, 'Ready')?.status === 'True';
  const isProgressing = (shown: ShownResource) => conditionOf(shown, 'Progressing')?.status === 'True';
  const isUnderWay = (shown: ShownResource) =>
    (shown.status === null && shown.issues.length === 0) || (isProgressing(shown) && !isReady(shown));
  const open = resources.filter((shown) => !isReady(shown));
  const isEmpty = head.commit === null && head.lookedAt !== null;
  const isApplied = head.applied !== null && head.applied === head.commit;
  const isSeen = head.held !== null || head.error !== null || isEmpty || isApplied;
  return {
    head,
    total: resources.length,
    ready: resources.length - open.length,
    notReady: open
      .sort((a, b) => Number(isUnderWay(b)) - Number(isUnderWay(a)))
      .map((shown) => asShown(shown, 'Ready')),
    walking: resources
      .filter((shown) => isReady(shown) && isProgressing(shown))
      .map((shown) => asShown(shown, 'Progressing')),
    isSettled: isSeen && !resources.some(isUnderWay),
    isFollowed: allFollow(processes),
  };
}

function asShown(shown: ShownResource, type: string): Shown {
  const condition = conditionOf(shown, type);
  return {
    ref: shown.ref,
    reason: condition?.reason ?? shown.issues[0]?.code ?? 'Pending',
    message: condition?.message ?? shown.issues[0]?.message ?? '',
  };
}

function conditionOf(shown: ShownResource, type: string) {
  return shown.status?.conditions.find((condition) => condition.type === type);
}
