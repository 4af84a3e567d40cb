/**
 * `rows`: others may fare better. `late`: fewer may be in time. `passing`: the same may be taken later. `final`: nothing of
 * it would be taken.
 */
export type Refusal = 'rows' | 'late' | 'passing' | 'final';

/** What it means for the rows that were sent together that the inference port answered with this status, and this code of an error. */
export function refusalOf(status: number | undefined, code: unknown): Refusal {
  if (code === 'InferenceFailed') return 'rows';
  return meanings.get(status ?? 0) ?? 'final';
}

const meanings: ReadonlyMap<number, Refusal> = new Map([
  [400, 'rows'],
  [406, 'rows'],
  [413, 'rows'],
  [422, 'rows'],
  [429, 'passing'],
  [502, 'passing'],
  [503, 'passing'],
  [504, 'late'],
]);
