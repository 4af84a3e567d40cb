import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ArtifactStore } from '../../core/capabilities/artifact-store.ts';
import type { Providers } from '../../core/plugin.ts';
import { breather } from '../../libraries/breather/index.ts';
import { csvRows, DataFileError } from '../../libraries/data-file/index.ts';
import { seededRandom } from '../../libraries/statistics/index.ts';
import type { Declaration, Evaluation } from './declaration.ts';
import { evaluationSetUnusable } from './errors.ts';

/** The rows that both versions are run on. */
export interface EvaluationSet {
  /** Column → its values as the file writes them, a row each. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  readonly rows: number;
  /** Rows of the file that meet the conditions; more than `rows` where a random part of them was taken. */
  readonly matching: number;
}

/** Bytes that are parsed without a break. */
const atOnce = 16 * 1024;

/**
 * Reads the evaluation set as a stream: memory grows with the rows that are kept, not with the file. Of more than `maxRows` a
 * random part is kept, the same one each time. Throws `EvaluationSetUnusable`, or what the store throws.
 */
export async function readEvaluationSet(
  declaration: Declaration,
  inputs: readonly string[],
  stores: Providers<ArtifactStore>,
  options: { readonly maxRows: number; readonly seed: number; readonly signal: AbortSignal },
): Promise<EvaluationSet> {
  const { evaluation, dataset, data } = declaration;
  const where = `${dataset.origin.path} (${evaluation.dataset.name}@${data.version})`;
  const wanted = columnsNeeded(evaluation, inputs);
  const store = stores.get(/^([a-z][a-z0-9+.-]*):/i.exec(data.uri)?.[1] ?? 'file');
  const { signal, maxRows, seed } = options;
  const opened = await store.open({ uri: data.uri, resource: dataset, maxBytes: data.size, signal });
  const checked = hashing(opened.body, signal);
  const reservoir = new Reservoir(maxRows, seed);
  let positions: readonly number[] | undefined;
  let matches: (record: Row) => boolean = () => true;
  try {
    for await (const { columns, rows } of csvRows(Readable.from(checked.body))) {
      if (positions === undefined) {
        positions = wanted.map((column) => positionOf(columns, column, where));
        matches = condition(declaration, columns, where);
      }
      for (const row of rows) {
        if (matches(row)) reservoir.offer(positions.map((at) => row[at] ?? ''));
      }
    }
  } catch (thrown) {
    if (thrown instanceof DataFileError)
      throw evaluationSetUnusable(where, `it is no CSV: ${thrown.message}`);
    throw thrown;
  }
  if (checked.digest() !== data.digest) {
    const message = `its bytes are ${checked.digest()}, but the manifest declares ${data.digest}`;
    throw evaluationSetUnusable(where, message);
  }
  const rows = reservoir.rows();
  const columns = new Map(wanted.map((column, index) => [column, rows.map((row) => row[index] ?? '')]));
  return { columns, rows: rows.length, matching: reservoir.offered };
}

/** Null where a field is empty. */
type Row = readonly (string | null)[];

/** The columns that an input is made of. */
export function inputColumns(evaluation: Evaluation, input: string): readonly string[] {
  return evaluation.inputs?.find(({ name }) => name === input)?.columns ?? [input];
}

function columnsNeeded(evaluation: Evaluation, inputs: readonly string[]): readonly string[] {
  const needed = new Set(inputs.flatMap((input) => inputColumns(evaluation, input)));
  needed.add(evaluation.label.column);
  for (const column of evaluation.slices ?? []) needed.add(column);
  return [...needed];
}

function condition(
  { evaluation, dataset }: Declaration,
  header: readonly string[],
  where: string,
): (record: Row) => boolean {
  const tests = (evaluation.where ?? []).map(({ column, in: values, from, to }) => {
    const at = positionOf(header, column, where);
    const type = dataset.spec.columns.find(({ name }) => name === column)?.type;
    const isNumeric = type === 'number' || type === 'integer';
    const allowed = values && new Set(values);
    return (record: Row): boolean => {
      const value = record[at] ?? '';
      if (allowed !== undefined && !allowed.has(value)) return false;
      if (from === undefined && to === undefined) return true;
      if (value === '') return false;
      if (isNumeric)
        return !(Number(value) < Number(from ?? '-Infinity')) && !(Number(value) > Number(to ?? 'Infinity'));
      return !(from !== undefined && value < from) && !(to !== undefined && value > to);
    };
  });
  return (record) => tests.every((test) => test(record));
}

function positionOf(header: readonly string[], column: string, where: string): number {
  const at = header.indexOf(column);
  if (at < 0)
    throw evaluationSetUnusable(
      where,
      `its header has no column "${column}": it has ${header.slice(0, 50).join(', ')}`,
    );
  return at;
}

function hashing(body: AsyncIterable<Uint8Array>, signal: AbortSignal) {
  const hash = createHash('sha256');
  let digest: string | undefined;
  return {
    body: (async function* () {
      const breathe = breather(signal);
      for await (const piece of body) {
        signal.throwIfAborted();
        hash.update(piece);
        // A store may give the whole file at once, and its parser reads each piece to the end.
        for (let at = 0; at < piece.length; at += atOnce) {
          yield piece.subarray(at, at + atOnce);
          await breathe();
        }
      }
    })(),
    digest(): string {
      digest ??= `sha256:${hash.digest('hex')}`;
      return digest;
    },
  };
}

/** Keeps so many of all that is offered, each with the same chance (Vitter's algorithm R), in the order of the file. */
class Reservoir {
  readonly #most: number;
  readonly #random: ReturnType<typeof seededRandom>;
  readonly #kept: { readonly place: number; readonly row: readonly string[] }[] = [];
  offered = 0;

  constructor(most: number, seed: number) {
    this.#most = most;
    this.#random = seededRandom(seed);
  }

  offer(row: readonly string[]): void {
    const place = this.offered++;
    if (this.#kept.length < this.#most) {
      this.#kept.push({ place, row });
      return;
    }
    const at = this.#random.below(this.offered);
    if (at < this.#most) this.#kept[at] = { place, row };
  }

  rows(): readonly (readonly string[])[] {
    return this.#kept.sort((one, other) => one.place - other.place).map(({ row }) => row);
  }
}
