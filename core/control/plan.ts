import { changedFields } from '../manifest/diff.ts';
import type { Change, Controller, PlanStep, Ref, Related, Resource } from '../plugin.ts';

/** The ordered list of steps that takes the world from one snapshot to another. */
export interface Plan {
  readonly from: string | null;
  readonly to: string;
  readonly changes: readonly PlannedChange[];
}

export interface PlannedChange {
  readonly ref: Ref;
  readonly type: 'added' | 'changed' | 'removed' | 'affected';
  /** Which plugin acts; null for a kind that nothing owns. */
  readonly plugin: string | null;
  readonly path: string;
  readonly line: number;
  /** Fields that differ, as JSON pointers with their values before and after. */
  readonly fields: readonly { readonly pointer: string; readonly before: unknown; readonly after: unknown }[];
  readonly steps: readonly PlanStep[];
}

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
