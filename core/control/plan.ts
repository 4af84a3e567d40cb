import type { Plan, PlannedChange } from '../capabilities/registry.ts';
import { changedFields } from '../manifest/diff.ts';
import { relatedView } from '../manifest/references.ts';
import type { Change, Controller, KindDefinition, PlanStep, Ref, Resource } from '../plugin.ts';
import { isSuspended } from './suspension.ts';

export type { Plan, PlannedChange } from '../capabilities/registry.ts';

export interface PlanInput {
  readonly from: string | null;
  readonly to: string;
  /** In the order in which they will be worked on. */
  readonly changes: readonly Change[];
  /** What they lead to. */
  readonly resources: ReadonlyMap<Ref, Resource>;
  /** What resources that are suspended no more were when a controller saw them last. */
  readonly seen: ReadonlyMap<Ref, Resource>;
}

export interface Planners {
  readonly kinds: ReadonlyMap<string, KindDefinition>;
  readonly controllers: ReadonlyMap<string, Controller>;
  /** Kind → plugin. */
  readonly owners: ReadonlyMap<string, string>;
}

/** Pure. What is merely affected is listed only where its controller has something to do about it. */
export function makePlan(input: PlanInput, planners: Planners): Plan {
  const changes: PlannedChange[] = [];
  for (const change of input.changes) {
    const resource = change.type === 'removed' ? change.previous : change.next;
    const steps = stepsOf(change, input, planners);
    if (change.type === 'affected' && steps.length === 0) continue;
    changes.push({
      ref: resource.ref,
      type: change.type,
      plugin: planners.owners.get(resource.kind) ?? null,
      path: resource.origin.path,
      line: resource.origin.line,
      fields: change.type === 'changed' ? changedFields(change.previous, change.next) : [],
      steps,
    });
  }
  return { from: input.from, to: input.to, changes };
}

/** A suspended resource is left as it is, and goes on from there when it is resumed. */
function stepsOf(
  change: Change,
  { resources, seen }: PlanInput,
  { kinds, controllers }: Planners,
): readonly PlanStep[] {
  const { ref, kind } = change.type === 'removed' ? change.previous : change.next;
  const plan = (one: Change, resource: Resource) =>
    controllers.get(kind)?.plan?.(one, relatedView(resource, kinds.get(kind), resources)) ?? [];
  const last = seen.get(ref);
  if (change.type === 'removed') {
    const previous = last ?? change.previous;
    return plan({ type: 'removed', previous }, previous);
  }
  const { type, next } = change;
  if (isSuspended(next)) return type === 'affected' ? [] : [leave];
  if (type !== 'changed' || !isSuspended(change.previous)) return plan(change, next);
  if (last) return [resume, ...plan({ type, previous: last, next }, next)];
  return [resumeSomewhere, ...plan({ type: 'added', next }, next)];
}

const leave = { action: 'leave', description: 'leave it as it is: it is suspended' };
const resume = { action: 'resume', description: 'resume: it is no longer suspended' };
const resumeSomewhere = {
  action: 'resume',
  description: 'resume from where it was left, which is not known here; what follows is as if it were new',
};
