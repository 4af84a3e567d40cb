/**
 * Makes data/bird-strikes.csv from the dataset it comes from:
 *
 *   npm install --no-save vega-datasets@3.2.1
 *   npm run derive
 *
 * The source is the FAA Wildlife Strike Database (U.S. Government data) as vega-datasets packages it.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCsv } from './csv.ts';

const root = join(import.meta.dirname, '..');
const source = process.argv[2] ?? join(root, 'node_modules/vega-datasets/data/birdstrikes.csv');
const target = process.argv[3] ?? join(root, 'data/bird-strikes.csv');
const sourceDigest = 'sha256:45777edf69984b37599e73dbfb34dbc976055243547407214261a4fcb9466462';

/** Column of the result, and the column of the source that it holds as it is. */
const columns = {
  flight_date: 'Flight Date',
  airport: 'Airport Name',
  aircraft: 'Aircraft Make Model',
  operator: 'Aircraft Airline Operator',
  origin_state: 'Origin State',
  phase_of_flight: 'Phase of flight',
  wildlife_size: 'Wildlife Size',
  wildlife_species: 'Wildlife Species',
  time_of_day: 'Time of day',
  speed_knots: 'Speed IAS in knots',
  damage: 'Effect Amount of damage',
};

/** The levels of damage that the FAA defines. 15 rows carry the codes `B` and `C`, which mean nothing known: dropped. */
const damageLevels = new Set(['None', 'Minor', 'Medium', 'Substantial']);

const text = readFileSync(source, 'utf8');
const digest = digestOf(text);
if (digest !== sourceDigest) {
  throw new Error(`${source} is ${digest}, expected ${sourceDigest} (vega-datasets@3.2.1)`);
}

// `id` is the row's place in the source: it names a strike for good, and decides who is held out.
const rows = parseCsv(text, source)
  .map((row, index) => ({ id: index + 1, row }))
  .filter(({ row }) => damageLevels.has(row[columns.damage] ?? ''))
  .map(({ id, row }) => [id, ...Object.values(columns).map((column) => row[column])].join(','));
const derived = `${[['id', ...Object.keys(columns)].join(','), ...rows].join('\n')}\n`;

writeFileSync(target, derived);
console.log(`${target}: ${rows.length} rows, ${Buffer.byteLength(derived)} bytes, ${digestOf(derived)}`);

function digestOf(content: string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
