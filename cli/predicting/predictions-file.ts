/**
 * The file that predictions are written to, a line a row in the order of the rows. Until the last one is there they are in another
 * file beside it, with a note that says how far it has come: with it, whoever was stopped goes on where it stands.
 *
 * So an earlier result stays until there is a whole one to take its place. Nothing on the disk is touched before there are
 * predictions to write: a request that turns out to be wrong costs nothing that was begun before either.
 */
import { access, constants, type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { putInPlace, writeDurably } from '../../libraries/durable-file/index.ts';
import { exactInteger, isLongInteger, unmarkLongIntegers } from '../../libraries/long-integers/index.ts';
import { fileExists, fileNotWritable, resumeRefused, unfinishedThere } from '../errors.ts';
import { exists } from '../exists.ts';
import { csvHeader, csvLine } from '../output/csv.ts';
import { type OutputPlace, outputPlace } from '../output-place.ts';
import { type Headers, headersDiffer, type NotedHeaders, noteHeaders } from './noted-headers.ts';

/** What must be the same for the rest to belong to what is there. */
export interface Job {
  readonly deployment: string;
  /** That the server found it in; null where it does not say. */
  readonly environment: string | null;
  /** That --version asks for. */
  readonly version: string | null;
  readonly server: string;
  /** Of the file of rows. */
  readonly file: string;
  readonly size: number;
  readonly modified: number;
  /** The names of what is written of each row. */
  readonly columns: readonly string[];
  /** What --missing and --columns say, which decides what the server is asked. */
  readonly missing: readonly string[];
  readonly inputColumns: readonly string[];
}

/** What each is called where it differs; nothing where the file of rows does. */
const compared = {
  deployment: 'its deployment',
  environment: 'its environment',
  version: 'its --version',
  server: 'its server',
  file: 'its file',
  size: undefined,
  modified: undefined,
  columns: 'its columns',
  missing: 'its --missing',
  inputColumns: 'its --columns',
} satisfies Record<keyof Job, string | undefined>;

interface Note extends Job {
  readonly headers: NotedHeaders;
  /** Whether it may take the place of a file that is there. */
  readonly force: boolean;
  readonly rows: number;
  readonly failed: number;
  readonly bytes: number;
}

export interface Line {
  readonly values: readonly unknown[];
  readonly isError: boolean;
}

export interface OpenOptions {
  readonly job: Job;
  /** Of each request; they must be the same, too. */
  readonly headers: Headers | undefined;
  readonly format: 'csv' | 'jsonl';
  readonly resume: boolean;
  readonly force: boolean;
}

export class PredictionsFile {
  /** Rows that are in the file. */
  rows = 0;
  /** Those of them that could not be predicted. */
  failed = 0;
  #bytes = 0;
  readonly #place: OutputPlace;
  readonly #options: OpenOptions;
  readonly #note: Note | undefined;
  readonly #headers: NotedHeaders;
  #file: FileHandle | undefined;

  private constructor(place: OutputPlace, options: OpenOptions, note: Note | undefined) {
    this.#place = place;
    this.#options = { ...options, force: options.force || note?.force === true };
    this.#note = note;
    this.#headers = note?.headers ?? noteHeaders(options.headers);
    this.rows = note?.rows ?? 0;
    this.failed = note?.failed ?? 0;
  }

  /** Throws `FileExists`, `ResumeRefused`, `FileNotWritable`, each before anything is touched. */
  static async at(named: string, options: OpenOptions): Promise<PredictionsFile> {
    const place = await outputPlace(named);
    const { path, isThere, isReplaceable } = place;
    if (!isReplaceable)
      throw fileNotWritable(
        path,
        new Error('it is a folder, a pipe or a device, which no file can take the place of'),
      );
    const note = options.resume ? await noteOf(path, options) : undefined;
    const file = new PredictionsFile(place, options, note);
    if (isThere && !file.#options.force) throw fileExists(path);
    if (note === undefined && !options.force && (await exists(file.begun))) throw unfinishedThere(file.begun);
    try {
      await access(dirname(path), constants.W_OK);
      if (isThere) await access(path, constants.W_OK);
    } catch (error) {
      throw fileNotWritable(path, error);
    }
    return file;
  }

  /** Where the rows are until they are all there. */
  get begun(): string {
    return begunFile(this.#place.path);
  }

  /** When this resolves, these rows are kept, and are not asked for again. */
  async write(lines: readonly Line[]): Promise<void> {
    const { format, job } = this.#options;
    const text = lines
      .map(({ values }) => (format === 'csv' ? csvRow(values) : jsonLine(job.columns, values)))
      .join('');
    const file = await this.#opened();
    await this.#append(file, text);
    this.rows += lines.length;
    this.failed += lines.filter(({ isError }) => isError).length;
    await this.#writeNote();
  }

  /** All rows are written: the file is there from here on, and nothing is left to go on with. */
  async finish(): Promise<void> {
    const { path } = this.#place;
    const file = await this.#opened();
    await file.close();
    if (!this.#options.force && (await exists(path))) throw fileExists(path);
    try {
      await putInPlace(this.begun, path);
    } catch (error) {
      throw fileNotWritable(path, error);
    }
    await rm(noteFile(path), { force: true });
  }

  /** Leaves it so that it can be gone on with. */
  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #opened(): Promise<FileHandle> {
    if (this.#file !== undefined) return this.#file;
    const { mode, isThere } = this.#place;
    const isNew = this.#note === undefined && !this.#options.force;
    try {
      const flags = this.#note !== undefined ? 'r+' : isNew ? 'wx' : 'w';
      this.#file = await open(this.begun, flags, mode);
      if (isThere) await this.#file.chmod(mode);
    } catch (error) {
      // Somebody else began it meanwhile.
      if (isNew && (error as NodeJS.ErrnoException).code === 'EEXIST') throw unfinishedThere(this.begun);
      throw fileNotWritable(this.begun, error);
    }
    if (this.#note === undefined) await this.#begin(this.#file);
    else await this.#goOn(this.#file, this.#note);
    return this.#file;
  }

  /** What cannot be begun leaves nothing that would have to be removed by hand. */
  async #begin(file: FileHandle): Promise<void> {
    const { format, job } = this.#options;
    try {
      await rm(noteFile(this.#place.path), { force: true });
      if (format === 'csv') await this.#append(file, csvHeader(job.columns));
      await this.#writeNote();
    } catch (error) {
      await rm(this.begun, { force: true });
      throw error;
    }
  }

  /** What was written after the last note counts as not written. */
  async #goOn(file: FileHandle, note: Note): Promise<void> {
    try {
      await file.truncate(note.bytes);
    } catch (error) {
      throw fileNotWritable(this.begun, error);
    }
    this.#bytes = note.bytes;
  }

  async #append(file: FileHandle, text: string): Promise<void> {
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, at, bytes.length - at, this.#bytes + at);
        at += bytesWritten;
      }
      await file.datasync();
      this.#bytes += bytes.length;
    } catch (error) {
      throw fileNotWritable(this.begun, error);
    }
  }

  async #writeNote(): Promise<void> {
    const { job, force } = this.#options;
    const note: Note = {
      ...job,
      headers: this.#headers,
      force,
      rows: this.rows,
      failed: this.failed,
      bytes: this.#bytes,
    };
    const path = noteFile(this.#place.path);
    try {
      await writeDurably(path, `${JSON.stringify(note)}\n`);
    } catch (error) {
      throw fileNotWritable(path, error);
    }
  }
}

export function csvRow(values: readonly unknown[]): string {
  return csvLine(values.map((value) => (isLongInteger(value) ? String(exactInteger(value)) : value)));
}

export function jsonLine(columns: readonly string[], values: readonly unknown[]): string {
  const entries = columns.map((column, index) => [column, values[index]] as const);
  return `${unmarkLongIntegers(JSON.stringify(Object.fromEntries(entries.filter(([, value]) => value !== undefined))))}\n`;
}

const begunFile = (path: string): string => `${path}.partial`;
const noteFile = (path: string): string => `${path}.progress`;

async function noteOf(path: string, { job, headers }: OpenOptions): Promise<Note> {
  let note: Note;
  try {
    note = JSON.parse(await readFile(noteFile(path), 'utf8')) as Note;
  } catch (error) {
    throw await nothingBegun(path, error);
  }
  for (const [field, name] of Object.entries(compared) as [keyof Job, string | undefined][]) {
    if (JSON.stringify(note[field]) === JSON.stringify(job[field])) continue;
    if (note[field] === undefined) throw notNoted(path, field);
    throw resumeRefused(
      path,
      name === undefined
        ? 'the file of rows has changed since'
        : `${name} was ${shown(note[field])}, and is ${shown(job[field])}`,
    );
  }
  if (note.headers === undefined) throw notNoted(path, 'headers');
  const others = headersDiffer(note.headers, headers);
  if (others !== undefined) throw resumeRefused(path, others);
  const facts = await stat(begunFile(path)).catch(() => undefined);
  if (facts === undefined) throw await nothingBegun(path);
  if (facts.size < note.bytes) throw resumeRefused(path, 'it is shorter than what was written');
  return note;
}

function notNoted(path: string, field: string): Error {
  return resumeRefused(path, `it was begun by another version of this command, which noted no ${field}`);
}

const shown = (value: Job[keyof Job]): string =>
  [value ?? []].flat().length === 0 ? 'none' : JSON.stringify(value);

async function nothingBegun(path: string, cause?: unknown): Promise<Error> {
  const isThere = await exists(path);
  const said = isThere ? 'it is complete, or was not begun by this command' : 'it is not there';
  return resumeRefused(path, said, cause);
}
