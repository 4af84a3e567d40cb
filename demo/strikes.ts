import { readFile } from 'node:fs/promises';
import type { Tensor } from '../cli/client/inference.ts';

const texts = [
  'airport',
  'aircraft',
  'operator',
  'origin_state',
  'phase_of_flight',
  'wildlife_size',
  'wildlife_species',
  'time_of_day',
] as const;

/** One reported bird strike, and whether it really damaged the aircraft. */
export interface Strike extends Readonly<Record<(typeof texts)[number], string>> {
  readonly id: number;
  readonly year: number;
  /** Knots; -1 where it was not reported. */
  readonly speed: number;
  readonly damaged: boolean;
}

/** The strikes of those years that no version was trained on: every fifth row of the file is held out. */
export async function heldOutStrikes(file: string, first: number, last: number): Promise<readonly Strike[]> {
  return (await readStrikes(file)).filter(({ id, year }) => id % 5 === 0 && year >= first && year <= last);
}

/** All strikes of a year. */
export async function allStrikes(file: string, wanted: number): Promise<readonly Strike[]> {
  return (await readStrikes(file)).filter(({ year }) => year === wanted);
}

async function readStrikes(file: string): Promise<readonly Strike[]> {
  const [header = '', ...lines] = (await readFile(file, 'utf8')).trimEnd().split(/\r?\n/);
  const columns = header.split(',');
  return lines.map((line): Strike => {
    const fields = line.split(',');
    const row = new Map(columns.map((column, index) => [column, fields[index] ?? '']));
    const speed = row.get('speed_knots') ?? '';
    return {
      ...(Object.fromEntries(texts.map((name) => [name, row.get(name) ?? ''])) as Record<
        (typeof texts)[number],
        string
      >),
      id: Number(row.get('id')),
      year: Number((row.get('flight_date') ?? '').slice(0, 4)),
      speed: speed === '' ? -1 : Number(speed),
      damaged: row.get('damage') !== 'None',
    };
  });
}

/** The strikes as the inputs of one request: a tensor for each column, a row for each strike. */
export function tensorsOf(strikes: readonly Strike[]): readonly Tensor[] {
  const shape = [strikes.length, 1];
  return [
    ...texts.map((name) => ({ name, datatype: 'BYTES', shape, data: strikes.map((strike) => strike[name]) })),
    { name: 'speed_knots', datatype: 'FP32', shape, data: strikes.map((strike) => strike.speed) },
  ];
}
