import type { Condition, ConditionType, Outcome, Resource, Status } from '../plugin.ts';

export interface Observation {
  readonly resource: Resource;
  /** The commit that is being converged to. */
  readonly commit: string;
  /** RFC 3339. */
  readonly time: string;
  readonly previous: Status | undefined;
  /** Why the newest version of the document is not the one that was reconciled, where so. */
  readonly invalid?: { readonly reason: string; readonly message: string };
}

/**
 * What the kernel writes from a controller's outcome. A resource may be Ready and Progressing and Degraded at once.
 * `lastTransitionTime` moves only when a condition's status does.
 */
export function statusFrom(outcome: Outcome, observation: Observation): Status {
  const { resource, commit, time, previous, invalid } = observation;
  const condition = (type: ConditionType, status: Condition['status'], reason: string, message: string) => {
    const before = previous?.conditions.find((one) => one.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : time;
    return { type, status, reason, message, observedCommit: commit, lastTransitionTime };
  };
  const conditions: Condition[] = [];
  if (invalid) conditions.push(condition('Ready', 'False', invalid.reason, invalid.message));
  else {
    conditions.push(
      condition('Ready', outcome.state === 'ready' ? 'True' : 'False', outcome.reason, outcome.message),
    );
  }
  if (outcome.progressing) {
    conditions.push(
      condition('Progressing', 'True', outcome.progressing.reason, outcome.progressing.message),
    );
  } else if (outcome.state === 'stalled') {
    conditions.push(condition('Progressing', 'False', 'Stalled', outcome.message));
  }
  if (outcome.degraded) {
    conditions.push(condition('Degraded', 'True', outcome.degraded.reason, outcome.degraded.message));
  }
  return {
    ref: resource.ref,
    conditions,
    observedDigest: resource.digest,
    suspended: false,
    ...(outcome.facts ? { facts: outcome.facts } : {}),
  };
}

/** Whether two statuses differ in what people and other plugins act on (times and observed commits aside). */
export function differs(previous: Status | undefined, next: Status): boolean {
  if (previous === undefined || previous.suspended !== next.suspended) return true;
  if (previous.conditions.length !== next.conditions.length) return true;
  const changed = next.conditions.some((condition, index) => {
    const before = previous.conditions[index];
    return (
      before?.type !== condition.type ||
      before.status !== condition.status ||
      before.reason !== condition.reason ||
      before.message !== condition.message
    );
  });
  return changed || JSON.stringify(previous.facts) !== JSON.stringify(next.facts);
}

/** The condition that people mean by "is it ready?". */
export function readyOf(status: Status | undefined): Condition | undefined {
  return status?.conditions.find((condition) => condition.type === 'Ready');
}
