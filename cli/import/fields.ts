import type { FieldOutcome, FieldReport } from './report.ts';
import { sourceInvalid } from './report.ts';

/**
 * Reads a document field by field and notes what became of each. What nobody asked for is found by `finish`, so that
 * nothing is lost in silence.
 */
export class Fields {
  readonly path: string;
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #notes: FieldReport[];
  readonly #seen = new Set<string>();

  constructor(value: unknown, path: string, notes: FieldReport[]) {
    if (!isObject(value)) throw sourceInvalid(path, `it must be a map, and is ${wordFor(value)}`);
    this.path = path;
    this.#value = value;
    this.#notes = notes;
  }

  /** The full name of a field. */
  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  has(name: string): boolean {
    const value = this.#value[name];
    return value !== undefined && value !== null;
  }

  /** Says what became of a field. One that is not there is not spoken of. */
  note(name: string, outcome: FieldOutcome, note?: string, to?: string): void {
    this.#seen.add(name);
    if (!this.has(name)) return;
    this.#notes.push({
      field: this.at(name),
      outcome,
      ...(to === undefined ? {} : { to }),
      ...(note === undefined ? {} : { note }),
    });
  }

  imported(name: string, to: string): void {
    this.note(name, 'imported', undefined, to);
  }

  /** Several fields that share an outcome and its reason. */
  noteAll(names: readonly string[], outcome: FieldOutcome, note: string): void {
    for (const name of names) this.note(name, outcome, note);
  }

  text(name: string): string | undefined {
    return this.#take(name, 'a text', (value) => (typeof value === 'string' ? value : undefined));
  }

  /** A text, or a number or truth value that a quote was forgotten around. */
  written(name: string): string | undefined {
    return this.#take(name, 'a text or a number', (value) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? String(value)
        : undefined,
    );
  }

  number(name: string): number | undefined {
    return this.#take(name, 'a number', (value) =>
      typeof value === 'number' && Number.isFinite(value) ? value : undefined,
    );
  }

  whole(name: string): number | undefined {
    return this.#take(name, 'a whole number', (value) =>
      typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined,
    );
  }

  flag(name: string): boolean | undefined {
    return this.#take(name, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined));
  }

  /** A map, to be read in turn. */
  map(name: string): Fields | undefined {
    const value = this.#take(name, 'a map', (found) => (isObject(found) ? found : undefined));
    return value === undefined ? undefined : new Fields(value, this.at(name), this.#notes);
  }

  demandMap(name: string): Fields {
    const found = this.map(name);
    if (found === undefined) throw sourceInvalid(this.at(name), 'it is missing');
    return found;
  }

  /** The maps of a list, each to be read in turn. */
  maps(name: string): readonly Fields[] {
    return this.list(name).map((item, index) => new Fields(item, `${this.at(name)}[${index}]`, this.#notes));
  }

  list(name: string): readonly unknown[] {
    return this.#take(name, 'a list', (found) => (Array.isArray(found) ? found : undefined)) ?? [];
  }

  /** The names of the fields that hold something. */
  names(): readonly string[] {
    return Object.keys(this.#value).filter((name) => this.has(name));
  }

  /** Notes whatever nobody read. */
  finish(outcome: FieldOutcome = 'dropped', note = 'nothing in Switchyard does this'): void {
    for (const name of this.names()) if (!this.#seen.has(name)) this.note(name, outcome, note);
  }

  #take<Taken>(name: string, what: string, read: (value: unknown) => Taken | undefined): Taken | undefined {
    this.#seen.add(name);
    const value = this.#value[name];
    if (value === undefined || value === null) return undefined;
    const taken = read(value);
    if (taken === undefined)
      throw sourceInvalid(this.at(name), `it must be ${what}, and is ${wordFor(value)}`);
    return taken;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wordFor(value: unknown): string {
  if (value === null || value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `${JSON.stringify(value).slice(0, 40)}`;
}
