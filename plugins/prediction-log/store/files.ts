/** The files of the store: their names say what they hold, where they belong and how they came about. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { TableName } from './columns.ts';

export interface StoreFile {
  readonly table: TableName;
  /** Absolute. */
  readonly path: string;
  readonly date: string;
  readonly environment: string;
  readonly deployment: string;
  /** `c`: made of what was handed in. `r`: made of other files, which it replaces. */
  readonly kind: 'c' | 'r';
  /** Of predictions: whether it has the column `outlier`, which the first files had not. Its name says so. */
  readonly hasOutliers: boolean;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  readonly bytes: number;
}

export interface Partition {
  readonly date: string;
  readonly environment: string;
  readonly deployment: string;
}

export function partitionKey({ date, environment, deployment }: Partition): string {
  return `${date}/${environment}/${deployment}`;
}

const part = (name: string) => `${name}=([a-zA-Z0-9_-]+)`;
const shape = new RegExp(
  `(predictions|labels)/${part('date')}/${part('environment')}/${part('deployment')}/(\\d+)-\\d+-([cr])(1?)\\.parquet$`,
);

/** All files of the store. */
export async function listFiles(store: string): Promise<readonly StoreFile[]> {
  const found: StoreFile[] = [];
  for (const entry of await readdir(store, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = await fileAt(join(entry.parentPath, entry.name));
    if (file !== undefined) found.push(file);
  }
  return found.sort((one, other) => (one.path < other.path ? -1 : 1));
}

export async function fileAt(path: string): Promise<StoreFile | undefined> {
  if (partsOf(path) === null) return undefined;
  const { size } = await stat(path);
  return storeFile(path, size);
}

/** The file of that name below the store, whether it is there or not. */
export function fileNamed(store: string, name: string, bytes: number): StoreFile | undefined {
  return /^(predictions|labels)\//.test(name) ? storeFile(join(store, name), bytes) : undefined;
}

function storeFile(path: string, bytes: number): StoreFile | undefined {
  const [, table, date = '', environment = '', deployment = '', madeAt, kind, format] = partsOf(path) ?? [];
  if (table === undefined) return undefined;
  return {
    table: table as TableName,
    path,
    date,
    environment,
    deployment,
    kind: kind as 'c' | 'r',
    hasOutliers: format === '1',
    madeAt: Number(madeAt),
    bytes,
  };
}

function partsOf(path: string): RegExpExecArray | null {
  return shape.exec(path.replaceAll('\\', '/'));
}

let made = 0;

/** Where a new file of that partition will be. */
export function newPath(store: string, table: TableName, where: Partition, kind: 'c' | 'r'): string {
  const { date, environment, deployment } = where;
  const name = `${Date.now()}-${made++}-${kind}1.parquet`;
  const folders = [table, `date=${date}`, `environment=${environment}`, `deployment=${deployment}`];
  return join(store, ...folders, name);
}

/** Puts a finished draft into its place, so that it survives a power cut there. */
export async function settleDraft(draft: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await sync(draft);
  await rename(draft, path);
  if (process.platform !== 'win32') await sync(dirname(path));
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Whether a file begins and ends as Parquet does: most damage (a cut, zeros) shows here. */
export async function looksWhole(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size < 12) return false;
    const head = Buffer.alloc(4);
    const tail = Buffer.alloc(8);
    await file.read(head, 0, 4, 0);
    await file.read(tail, 0, 8, size - 8);
    const isMarked = head.toString('latin1') === 'PAR1' && tail.toString('latin1', 4) === 'PAR1';
    return isMarked && tail.readUInt32LE(0) <= size - 12;
  } finally {
    await file.close();
  }
}

/** When somebody wrote to a file last, in milliseconds since 1970; undefined where it is not there. */
export async function changedAtOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ ctimeMs }) => ctimeMs,
    () => undefined,
  );
}

export async function putAside(path: string, broken: string): Promise<void> {
  await mkdir(broken, { recursive: true, mode: 0o700 });
  await rename(path, join(broken, `${Date.now()}-${basename(path)}`));
}

export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
}
