import type { Plan, PlannedChange } from '../capabilities/registry.ts';
import { changedFields } from '../manifest/diff.ts';
import type { Change, Controller, Related, Resource } from '../plugin.ts';

export type { Plan, PlannedChange } from '../capabilities/registry.ts';

export interface PlanInput {
  readonly from: string | null;
  readonly to: string;
  /** In the order in which they will be worked on. */
  readonly changes: readonly Change[];
  readonly controllers: ReadonlyMap<string, Controller>;
  /** Kind → plugin. */
  readonly owners: ReadonlyMap<string, string>;
  readonly related: (resource: Resource) => Related;
}

/** Pure. What is merely affected is listed only where its controller has something to do about it. */
export function makePlan(input: PlanInput): Plan {
  const changes: PlannedChange[] = [];
  for (const change of input.changes) {
    const resource = change.type === 'removed' ? change.previous : change.next;
    const controller = input.controllers.get(resource.kind);
    const steps = controller?.plan?.(change, input.related(resource)) ?? [];
    if (change.type === 'affected' && steps.length === 0) continue;
    changes.push({
      ref: resource.ref,
      type: change.type,
      plugin: input.owners.get(resource.kind) ?? null,
      path: resource.origin.path,
      line: resource.origin.line,
      fields: change.type === 'changed' ? changedFields(change.previous, change.next) : [],
      steps,
    });
  }
  return { from: input.from, to: input.to, changes };
}
