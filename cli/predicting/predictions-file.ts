/**
 * The file that predictions are written to, a line a row in the order of the rows, and the note beside it that says how far it has
 * come: with it, whoever was stopped goes on where it stands.
 *
 * Nothing on the disk is touched before there are predictions to write: a request that turns out to be wrong costs no earlier result.
 */
import { access, constants, type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeDurably } from '../../libraries/durable-file/index.ts';
import { exactInteger, isLongInteger, unmarkLongIntegers } from '../../libraries/long-integers/index.ts';
import { fileExists, fileNotWritable, resumeRefused } from '../errors.ts';
import { exists } from '../exists.ts';
import { csvHeader, csvLine } from '../output/csv.ts';

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
  readonly #path: string;
  readonly #options: OpenOptions;
  readonly #note: Note | undefined;
  #file: FileHandle | undefined;

  private constructor(path: string, options: OpenOptions, note: Note | undefined) {
    this.#path = path;
    this.#options = options;
    this.#note = note;
    this.rows = note?.rows ?? 0;
    this.failed = note?.failed ?? 0;
  }

  /** Throws `FileExists`, `ResumeRefused`, `FileNotWritable`, each before anything is touched. */
  static async at(path: string, options: OpenOptions): Promise<PredictionsFile> {
    const note = options.resume ? await noteOf(path, options.job) : undefined;
    const isThere = await exists(path);
    if (!options.resume && !options.force && isThere) throw fileExists(path);
    try {
      await access(dirname(path), constants.W_OK);
      if (isThere) await access(path, constants.W_OK);
    } catch (error) {
      throw fileNotWritable(path, error);
    }
    return new PredictionsFile(path, options, note);
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

  /** All rows are written: nothing is left to go on with. */
  async finish(): Promise<void> {
    const file = await this.#opened();
    await file.close();
    await rm(noteFile(this.#path), { force: true });
  }

  /** Leaves it so that it can be gone on with. */
  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #opened(): Promise<FileHandle> {
    if (this.#file !== undefined) return this.#file;
    const isNew = this.#note === undefined && !this.#options.force;
    try {
      this.#file = await open(this.#path, this.#note !== undefined ? 'r+' : isNew ? 'wx' : 'w');
      if (this.#note === undefined) await this.#begin(this.#file);
      else await this.#goOn(this.#file, this.#note);
      return this.#file;
    } catch (error) {
      // Somebody else began it meanwhile.
      if (isNew && (error as NodeJS.ErrnoException).code === 'EEXIST') throw fileExists(this.#path);
      throw fileNotWritable(this.#path, error);
    }
  }

  async #begin(file: FileHandle): Promise<void> {
    await rm(noteFile(this.#path), { force: true });
    const { format, job } = this.#options;
    if (format === 'csv') await this.#append(file, csvHeader(job.columns));
    await this.#writeNote();
  }

  /** What was written after the last note counts as not written. */
  async #goOn(file: FileHandle, note: Note): Promise<void> {
    await file.truncate(note.bytes);
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
      throw fileNotWritable(this.#path, error);
    }
  }

  async #writeNote(): Promise<void> {
    const note: Note = { ...this.#options.job, rows: this.rows, failed: this.failed, bytes: this.#bytes };
    try {
      await writeDurably(noteFile(this.#path), `${JSON.stringify(note)}\n`);
    } catch (error) {
      throw fileNotWritable(noteFile(this.#path), error);
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

const noteFile = (path: string): string => `${path}.progress`;

async function noteOf(path: string, job: Job): Promise<Note> {
  let note: Note;
  try {
    note = JSON.parse(await readFile(noteFile(path), 'utf8')) as Note;
  } catch (error) {
    const isThere = await exists(path);
    throw resumeRefused(
      path,
      isThere ? 'it is complete, or was not begun by this command' : 'it is not there',
      error,
    );
  }
  for (const [field, name] of Object.entries(compared) as [keyof Job, string | undefined][]) {
    if (JSON.stringify(note[field]) === JSON.stringify(job[field])) continue;
    if (note[field] === undefined)
      throw resumeRefused(path, `it was begun by another version of this command, which noted no ${field}`);
    const was = [note[field] ?? []].flat().length === 0 ? 'none' : JSON.stringify(note[field]);
    throw resumeRefused(
      path,
      name === undefined ? 'the file of rows has changed since' : `${name} was ${was}`,
    );
  }
  const { size } = await stat(path).catch(() => ({ size: -1 }));
  if (size < note.bytes) throw resumeRefused(path, 'it is shorter than what was written');
  return note;
}
