import type { PlanStep } from '../plugin.ts';

/** What a step of a plan waits for, as its facts: with the traffic of today that says how long. JSON. */
export interface WantedRequests {
  readonly requests: number;
  /** Of a deployment's traffic, that they are counted among. */
  readonly percent: number;
  /** What is over after so many milliseconds, in words: `its pause is 5m`. */
  readonly within?: { readonly ms: number; readonly words: string };
}

/** The facts of a step that waits for requests; a plan may come from a plugin that knows nothing of them. */
export function wantedRequests({ facts }: PlanStep): WantedRequests | undefined {
  const { requests, percent, within } = facts ?? {};
  if (typeof requests !== 'number' || typeof percent !== 'number') return undefined;
  if (!(requests > 0 && percent > 0 && percent <= 100)) return undefined;
  const { ms, words } = (within ?? {}) as { readonly ms?: unknown; readonly words?: unknown };
  if (typeof ms !== 'number' || typeof words !== 'string') return { requests, percent };
  return { requests, percent, within: { ms, words } };
}
