/**
 * What it takes at least to know what a commit changed: one `git cat-file --batch` that stays, the trees that differ,
 * and the blobs that differ parsed and validated by their schema. No positions, references, duplicates or caches.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import type { KindDefinition } from '../core/plugin.ts';

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly id: string;
}

interface Folder {
  readonly id: string;
  readonly entries: readonly Entry[];
  readonly folders: ReadonlyMap<string, Folder>;
}

export class RegistryFloor {
  readonly #repository: string;
  readonly #git: ReturnType<typeof startCatFile>;
  readonly #validators = new Map<string, ValidateFunction>();
  #root: Folder | undefined;

  constructor(repository: string, kinds: readonly KindDefinition[]) {
    this.#repository = repository;
    this.#git = startCatFile(repository);
    for (const { kind, schema } of kinds) {
      const ajv = new Ajv({ strict: false });
      addFormats.default(ajv);
      this.#validators.set(kind, ajv.compile(schema));
    }
  }

  /** Takes a commit as the one before, without parsing it. */
  async begin(commit: string): Promise<void> {
    const header = (await this.#git.read(commit)).toString('latin1');
    this.#root = await this.#walk(header.slice('tree '.length, header.indexOf('\n')), undefined, []);
  }

  /** Reads what differs from the commit before, parses it and validates it; answers how many files those were. */
  async follow(): Promise<number> {
    const commit = readFileSync(join(this.#repository, 'refs/heads/main'), 'utf8').trim();
    const header = (await this.#git.read(commit)).toString('latin1');
    const changed: string[] = [];
    this.#root = await this.#walk(header.slice('tree '.length, header.indexOf('\n')), this.#root, changed);
    for (const blob of changed) this.parse(await this.#git.read(blob));
    return changed.length;
  }

  /** Reads every manifest; answers the milliseconds of reading, and of parsing and validating. */
  async readAll(commit: string): Promise<{ reading: number; parsing: number }> {
    const start = performance.now();
    const header = (await this.#git.read(commit)).toString('latin1');
    const all: string[] = [];
    this.#root = await this.#walk(header.slice('tree '.length, header.indexOf('\n')), undefined, all);
    const contents = await Promise.all(all.map((id) => this.#git.read(id)));
    const read = performance.now();
    for (const content of contents) this.parse(content);
    return { reading: read - start, parsing: performance.now() - read };
  }

  parse(content: Buffer): void {
    const document = parse(content.toString('utf8')) as { kind: string };
    if (this.#validators.get(document.kind)?.(document) !== true)
      throw new Error('the bench made a bad manifest');
  }

  close(): void {
    this.#git.close();
  }

  async #walk(id: string, before: Folder | undefined, changed: string[]): Promise<Folder> {
    if (before?.id === id) return before;
    const entries = readTree(await this.#git.read(id));
    const old = new Map(before?.entries.map((entry) => [entry.name, entry.id]));
    const folders = new Map<string, Folder>();
    for (const entry of entries) {
      if (entry.isFolder) {
        folders.set(entry.name, await this.#walk(entry.id, before?.folders.get(entry.name), changed));
      } else if (entry.name.endsWith('.yaml') && old.get(entry.name) !== entry.id) {
        changed.push(entry.id);
      }
    }
    return { id, entries, folders };
  }
}

function readTree(bytes: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    entries.push({
      name: bytes.toString('utf8', space + 1, end),
      isFolder: bytes[at] === 0x34,
      id: bytes.toString('hex', end + 1, end + 21),
    });
    at = end + 21;
  }
  return entries;
}

/** Questions go out at once and answers come in the order of the questions. */
function startCatFile(repository: string) {
  const child = spawn('git', ['cat-file', '--batch'], {
    cwd: repository,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting: ((content: Buffer) => void)[] = [];
  let pending: Buffer[] = [];
  let size = 0;
  let needed = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    pending.push(chunk);
    size += chunk.length;
    if (size < needed) return;
    let bytes = Buffer.concat(pending);
    for (;;) {
      const line = bytes.indexOf(0x0a);
      if (line < 0) break;
      const length = Number(bytes.toString('latin1', bytes.lastIndexOf(0x20, line) + 1, line));
      needed = line + 1 + length + 1;
      if (bytes.length < needed) break;
      waiting.shift()?.(bytes.subarray(line + 1, line + 1 + length));
      bytes = bytes.subarray(needed);
      needed = 0;
    }
    pending = bytes.length > 0 ? [bytes] : [];
    size = bytes.length;
  });
  return {
    read(id: string): Promise<Buffer> {
      child.stdin.write(`${id}\n`);
      return new Promise((resolve) => waiting.push(resolve));
    },
    close: () => child.stdin.end(),
  };
}
