import type { Events } from '../../core/plugin.ts';

export type EventName = keyof Events;

export const eventNames = [
  'snapshot.applied',
  'snapshot.held',
  'plan.made',
  'resource.status',
  'resource.removed',
  'journal.appended',
] as const satisfies readonly EventName[];
