import type { PlanStep, Ref } from '../plugin.ts';

/** The ordered list of steps that takes the world from one snapshot to another. */
export interface Plan {
  readonly from: string | null;
  readonly to: string;
  readonly changes: readonly PlannedChange[];
}

export interface PlannedChange {
  readonly ref: Ref;
  readonly type: 'added' | 'changed' | 'removed' | 'affected';
  /** Which plugin acts; null for a kind that nothing controls. */
  readonly plugin: string | null;
  readonly path: string;
  readonly line: number;
  /** Fields that differ, as JSON pointers with their values before and after. */
  readonly fields: readonly { readonly pointer: string; readonly before: unknown; readonly after: unknown }[];
  readonly steps: readonly PlanStep[];
}
