import type { Api } from './api.ts';

/** How the inference processes are. */
export interface Processes {
  /** How many there should be; null where nobody said. */
  readonly expected: number | null;
  readonly live: number;
  /** Live ones that can answer and follow the newest routing table. */
  readonly following: number;
}

/** Undefined where no serving plugin answers. */
export async function readProcesses(api: Api): Promise<Processes | undefined> {
  const answer = await api
    .get<{
      expected: number | null;
      revision: number;
      processes: readonly { state: string; ready?: boolean; revision?: number }[];
    }>('/plugins/serving/processes')
    .catch(() => undefined);
  if (answer === undefined) return undefined;
  const live = answer.processes.filter(({ state }) => state === 'live');
  const following = live.filter(({ ready, revision }) => ready === true && revision === answer.revision);
  return { expected: answer.expected, live: live.length, following: following.length };
}

/** Whether every process that there should be answers by the newest table. One that has just started may not yet. */
export function allFollow(processes: Processes | undefined): boolean {
  return processes === undefined || processes.following >= Math.max(processes.expected ?? 0, processes.live);
}
