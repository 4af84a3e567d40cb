import { readFileSync } from 'node:fs';
import { parseCsv } from './csv.ts';

/** What the model looks at. The cost columns of the source are left out: they are known only after the damage. */
export const categories = [
  'airport',
  'aircraft',
  'operator',
  'origin_state',
  'phase_of_flight',
  'wildlife_size',
  'wildlife_species',
  'time_of_day',
] as const;

export type Category = (typeof categories)[number];

/** Stands for a speed that was not reported: the JSON of the Open Inference Protocol knows no missing number. */
export const unknownSpeed = -1;

/** What a caller of the model knows about a strike. */
export interface Question extends Readonly<Record<Category, string>> {
  readonly speed_knots: number;
}

export interface Strike extends Question {
  readonly id: number;
  readonly year: number;
  readonly damaged: boolean;
}

/** The reported strikes, in the order of the file. */
export function readStrikes(file: string): Strike[] {
  return parseCsv(readFileSync(file, 'utf8'), file).map((row) => {
    const levels = Object.fromEntries(categories.map((column) => [column, row[column] ?? '']));
    return {
      ...(levels as Record<Category, string>),
      id: Number(row.id),
      year: Number((row.flight_date ?? '').slice(0, 4)),
      speed_knots: row.speed_knots === '' ? unknownSpeed : Number(row.speed_knots),
      damaged: row.damage !== 'None',
    };
  });
}

/** A fifth of all strikes never trains any version, so what they measure can be compared across versions. */
export function isHeldOut(strike: Strike): boolean {
  return strike.id % 5 === 0;
}

export function isBetween(strike: Strike, [first, last]: readonly [number, number]): boolean {
  return strike.year >= first && strike.year <= last;
}
