/** What a detector says after a value. An alarm is said once, at the value that gave it; then the detector begins anew. */
export type Signal = 'none' | 'warning' | 'alarm';

/** Looks at a stream one value after the other, in memory that does not grow with it (ADWIN's: with its logarithm). */
export interface Detector {
  /** Throws `ChangeDetectionError` for a value that is none: it is not counted. */
  add(value: number): Signal;
  /** Values since the beginning, or since the last alarm. */
  readonly seen: number;
  /** All there is to know, as JSON: given to the same constructor it goes on from here. */
  state(): unknown;
}

/** A value or an option that a detector cannot work with. */
export class ChangeDetectionError extends Error {
  override readonly name = 'ChangeDetectionError';
  readonly code = 'ChangeDetectionInput';
}

export function requireFinite(value: number): void {
  if (!Number.isFinite(value)) throw new ChangeDetectionError(`the value is ${value}, not a finite number`);
}

export function requireWithin(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new ChangeDetectionError(`${name} is ${value}, not from ${least} to ${most}`);
}

export function requireOption(name: string, value: number, isGood: boolean, wanted: string): void {
  if (Number.isFinite(value) && isGood) return;
  throw new ChangeDetectionError(`${name} is ${value}: ${wanted}`);
}
