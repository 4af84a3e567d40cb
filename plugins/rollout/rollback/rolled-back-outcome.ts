import type { Outcome } from '../../../core/plugin.ts';
import type { Aborted } from '../walk-state.ts';
import type { Recourse } from './recourse.ts';

export interface Explaining {
  /** `production/bird-strike`. */
  readonly deployment: string;
  /** What answers again. */
  readonly stable: string;
  readonly aborted: Aborted;
  readonly recourse: Recourse;
  /** Until when somebody should decide, in milliseconds since 1970. */
  readonly deadline: number;
  readonly now: number;
}

/** What a deployment that was rolled back says of itself, with what is done about Git. */
export function explained(outcome: Outcome, given: Explaining): Outcome {
  const { recourse, deadline, now } = given;
  const isOverdue = recourse.state !== 'declined' && now >= deadline;
  const reason =
    recourse.state === 'declined' ? 'RollbackDeclined' : isOverdue ? 'RollbackOverdue' : outcome.reason;
  const message = `${outcome.message}; ${sentenceOf(given, isOverdue)}`;
  const untilDeadline = isOverdue ? lookAgainAfter : Math.max(1_000, deadline - now);
  return {
    ...outcome,
    reason,
    message,
    degraded: { reason, message },
    checkAfter: Math.min(outcome.checkAfter ?? lookAgainAfter, untilDeadline),
  };
}

/** The journal wakes the deployment when something becomes of its proposal; this is for what a forge says to nobody. */
const lookAgainAfter = 60_000;

function sentenceOf(
  { deployment, stable, aborted, recourse, deadline }: Explaining,
  isOverdue: boolean,
): string {
  const until = new Date(deadline).toISOString();
  const by = isOverdue ? `, which was to be decided by ${until}` : `; decide by ${until}`;
  const quarantine = aborted.isUnjudged === true ? '' : ` and quarantine ${aborted.version}`;
  const proposal = `proposal ${recourse.number ?? ''}`.trim();
  switch (recourse.state) {
    case 'none':
      return `nothing here makes proposals: set spec.version of ${deployment} to ${stable}${quarantine} by hand${by}`;
    case 'queued':
      return `the proposal that puts Git right waits: ${recourse.reason ?? 'the forge is away'}${by}`;
    case 'refused':
      return `what puts Git right could not be proposed and is tried again: ${recourse.reason}${by}`;
    case 'open':
      return `${proposal} puts Git right${by}`;
    case 'merged':
      return `${proposal} was merged and is about to be applied`;
    case 'declined': {
      const [again, why] = aborted.isUnjudged === true ? ['retry', ''] : ['accept-risk', ' --reason TEXT'];
      const who = recourse.by === undefined ? 'was closed' : `was closed by ${recourse.by}`;
      return `${proposal} ${who} without being merged: declare another version, or \`switchyard rollout ${again} ${deployment}${why}\``;
    }
  }
}
