import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ContentCache,
  openContentCache,
  type Part,
  type ResumeFrom,
} from '../../../libraries/content-cache/index.ts';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { canMount } from '../../fixtures/mounting.ts';

let folder: string;
let cache: ContentCache;
const signal = new AbortController().signal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-cache-'));
  cache = await openContentCache(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function idOf(bytes: Uint8Array): { digest: string; size: number } {
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, size: bytes.byteLength };
}

async function digestOf(path: string): Promise<string> {
  return idOf(await readFile(path)).digest;
}

/** A source that counts how often it was asked. */
function sourceOf(bytes: Uint8Array, chunk = 65_536) {
  const source = Object.assign(
    async () => {
      source.asked++;
      return pieces(bytes, chunk);
    },
    { asked: 0 },
  );
  return source;
}

async function* pieces(bytes: Uint8Array, chunk: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.byteLength; offset += chunk)
    yield bytes.subarray(offset, offset + chunk);
}

async function everyFile(root = folder): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

test('fails for another size of the same content alone, whoever asked first', async () => {
  const bytes = randomBytes(200_000);
  const right = idOf(bytes);
  for (const size of [99_999, 200_001]) {
    const asked = await Promise.allSettled(
      [{ ...right, size }, right, { ...right, size }].map((id) => cache.fetch(id, sourceOf(bytes), signal)),
    );
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
    await cache.evict(right.digest);
  }
});

test('keeps content under its digest, read-only, and does not fetch it again', async () => {
  const bytes = randomBytes(200_000);
  const id = idOf(bytes);
  const source = sourceOf(bytes);
  const path = await cache.fetch(id, source, signal);
  expect(path).toBe(join(folder, 'sha256', id.digest.slice(7, 9), id.digest.slice(7)));
  expect(await digestOf(path)).toBe(idOf(bytes).digest);
  expect((await stat(path)).mode & 0o777).toBe(0o444);
  expect(await cache.fetch(id, source, signal)).toBe(path);
  expect(await (await openContentCache(folder)).fetch(id, source, signal)).toBe(path);
  expect(source.asked).toBe(1);
  expect(await everyFile()).toEqual([path]);
});

test('fetches a digest once for all who ask at the same time', async () => {
  const bytes = randomBytes(300_000);
  const source = sourceOf(bytes);
  const paths = await Promise.all(
    Array.from({ length: 20 }, () => cache.fetch(idOf(bytes), source, new AbortController().signal)),
  );
  expect(new Set(paths).size).toBe(1);
  expect(source.asked).toBe(1);
});

describe('what is wrong never becomes visible', () => {
  test('puts a file in the place of a folder that somebody made there', async () => {
    const bytes = randomBytes(100);
    const path = await cache.fetch(idOf(bytes), sourceOf(bytes), signal);
    await rm(path, { force: true });
    await mkdir(join(path, 'inside'), { recursive: true });
    const again = await cache.fetch(idOf(bytes), sourceOf(bytes), signal);
    expect(await digestOf(again)).toBe(idOf(bytes).digest);
  });

  const bytes = randomBytes(100_000);
  const changed = Buffer.from(bytes);
  changed[99_999] = (changed[99_999] ?? 0) ^ 1;

  test.each([
    ['Truncated', bytes.subarray(0, 99_999)],
    ['Truncated', new Uint8Array()],
    ['TooLarge', Buffer.concat([bytes, Buffer.from('x')])],
    ['DigestMismatch', changed],
  ])('%s', async (problem, sent) => {
    await expect(cache.fetch(idOf(bytes), sourceOf(sent), signal)).rejects.toMatchObject({ problem });
    expect(await everyFile()).toEqual([]);
    const path = await cache.fetch(idOf(bytes), sourceOf(bytes), signal);
    expect(await digestOf(path)).toBe(idOf(bytes).digest);
  });

  test('an error of the source is passed on as it is, and the next fetch asks again', async () => {
    const broken = new Error('the line broke');
    const half = async () =>
      (async function* () {
        yield bytes.subarray(0, 50_000);
        throw broken;
      })();
    await expect(cache.fetch(idOf(bytes), half, signal)).rejects.toBe(broken);
    expect(await everyFile()).toEqual([]);
    expect(await cache.fetch(idOf(bytes), sourceOf(bytes), signal)).toContain(idOf(bytes).digest.slice(7));
  });

  test('a process killed in the middle leaves a draft, which the next one sweeps away', async () => {
    const child = await otherProcess(idOf(bytes), 'undefined');
    await child.kill();
    expect((await everyFile()).map((path) => path.split('.').at(-1)).sort()).toEqual(['lock', 'part']);
    expect(await cache.find(idOf(bytes))).toBeUndefined();

    const next = await openContentCache(folder);
    expect(await everyFile()).toEqual([]);
    expect(await digestOf(await next.fetch(idOf(bytes), sourceOf(bytes), signal))).toBe(idOf(bytes).digest);
  });
});

/** A process that has received half of 100,000 bytes of the letter a, and waits for a word to receive the rest. */
async function otherProcess(id: { digest: string; size: number }, validator: string) {
  const script = `
    import { openContentCache } from ${JSON.stringify(pathToFileURL(packageFile('dist/libraries/content-cache/index.js')).href)};
    const cache = await openContentCache(${JSON.stringify(folder)});
    const source = async () => ({ validator: ${validator}, body: (async function* () {
      yield new Uint8Array(50_000).fill(97);
      process.stdout.write('half');
      await new Promise((settle) => process.stdin.once('data', settle));
      yield new Uint8Array(50_000).fill(97);
    })() });
    await cache.fetch(${JSON.stringify(id)}, source, new AbortController().signal);
    process.exit();
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((settle) => child.once('exit', settle));
  await new Promise((settle) => child.stdout.once('data', settle));
  return {
    goOn: () => child.stdin.write('go on'),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe('what came of a download that broke off', () => {
  const bytes = Buffer.alloc(100_000, 'a');

  /** A source that can go on where it stopped, and breaks off after so many bytes. */
  function resumable(content: Uint8Array, most = Number.POSITIVE_INFINITY, validator = '"one"') {
    const asked: (ResumeFrom | undefined)[] = [];
    const source = async (_signal: AbortSignal, resume?: ResumeFrom): Promise<Part> => {
      asked.push(resume);
      const from = resume?.validator === validator ? resume.from : 0;
      const rest = content.subarray(from);
      const body = (async function* () {
        yield* pieces(rest.subarray(0, most), 10_000);
        if (rest.length > most) throw new Error('the line broke');
      })();
      return { body, from, validator };
    };
    return Object.assign(source, { asked });
  }

  test('is gone on with, also by a cache that is opened later', async () => {
    await expect(cache.fetch(idOf(bytes), resumable(bytes, 30_000), signal)).rejects.toThrow(
      'the line broke',
    );
    await expect(cache.fetch(idOf(bytes), resumable(bytes, 30_000), signal)).rejects.toThrow(
      'the line broke',
    );
    const last = resumable(bytes);
    const path = await (await openContentCache(folder)).fetch(idOf(bytes), last, signal);
    expect(last.asked).toEqual([{ from: 60_000, validator: '"one"' }]);
    expect(await digestOf(path)).toBe(idOf(bytes).digest);
    expect(await everyFile()).toEqual([path]);
  });

  test('is gone on with after a kill -9', async () => {
    const child = await otherProcess(idOf(bytes), `'"one"'`);
    await child.kill();
    const next = resumable(bytes);
    const path = await (await openContentCache(folder)).fetch(idOf(bytes), next, signal);
    expect(next.asked).toEqual([{ from: 50_000, validator: '"one"' }]);
    expect(await digestOf(path)).toBe(idOf(bytes).digest);
    expect(await everyFile()).toEqual([path]);
  });

  test('is thrown away where the source has other content now', async () => {
    await expect(cache.fetch(idOf(bytes), resumable(bytes, 30_000), signal)).rejects.toThrow();
    const other = resumable(bytes, undefined, '"two"');
    expect(await digestOf(await cache.fetch(idOf(bytes), other, signal))).toBe(idOf(bytes).digest);
    expect(other.asked).toEqual([{ from: 30_000, validator: '"one"' }]);
  });

  test('is fetched once more as a whole where the two parts do not fit together', async () => {
    const wrong = Buffer.alloc(100_000, 'b');
    await expect(cache.fetch(idOf(bytes), resumable(wrong, 30_000), signal)).rejects.toThrow();
    const right = resumable(bytes);
    expect(await digestOf(await cache.fetch(idOf(bytes), right, signal))).toBe(idOf(bytes).digest);
    expect(right.asked).toEqual([{ from: 30_000, validator: '"one"' }, undefined]);
  });

  test('is right without asking where all of it had come', async () => {
    await expect(
      cache.fetch(idOf(bytes), resumable(Buffer.concat([bytes, bytes]), 100_000), signal),
    ).rejects.toThrow('the line broke');
    const none = resumable(bytes);
    expect(await digestOf(await cache.fetch(idOf(bytes), none, signal))).toBe(idOf(bytes).digest);
    expect(none.asked).toEqual([]);
  });

  test('goes when it is swept, or is wrong as a whole', async () => {
    await expect(cache.fetch(idOf(bytes), resumable(bytes, 30_000), signal)).rejects.toThrow();
    expect(await everyFile()).toHaveLength(2);
    await cache.sweep();
    expect(await everyFile()).toEqual([]);
    const wrong = resumable(Buffer.alloc(100_000, 'b'));
    await expect(cache.fetch(idOf(bytes), wrong, signal)).rejects.toMatchObject({
      problem: 'DigestMismatch',
    });
    expect(await everyFile()).toEqual([]);
  });
});

describe('two processes with one cache', () => {
  const bytes = Buffer.alloc(100_000, 'a');

  test('do not fetch the same twice', async () => {
    const child = await otherProcess(idOf(bytes), 'undefined');
    const source = sourceOf(bytes);
    const fetching = (await openContentCache(folder)).fetch(idOf(bytes), source, signal);
    const impatient = new AbortController();
    const other = await openContentCache(folder);
    const leaving = other.fetch(idOf(bytes), source, impatient.signal);
    impatient.abort(new Error('enough'));
    await expect(leaving).rejects.toThrow('enough');
    child.goOn();
    expect(await digestOf(await fetching)).toBe(idOf(bytes).digest);
    expect(source.asked).toBe(0);
    await child.kill();
  });

  test('one goes on when the other is killed', async () => {
    const child = await otherProcess(idOf(bytes), 'undefined');
    const source = sourceOf(bytes);
    const fetching = cache.fetch(idOf(bytes), source, signal);
    await child.kill();
    expect(await digestOf(await fetching)).toBe(idOf(bytes).digest);
    expect(source.asked).toBe(1);
  });
});

describe('giving up', () => {
  test('one of two callers may give up without hurting the other', async () => {
    const bytes = randomBytes(100_000);
    const gate = gateway();
    const source = async () =>
      (async function* () {
        yield bytes.subarray(0, 50_000);
        await gate.promise;
        yield bytes.subarray(50_000);
      })();
    const impatient = new AbortController();
    const first = cache.fetch(idOf(bytes), source, impatient.signal);
    const second = cache.fetch(idOf(bytes), source, signal);
    const reason = new Error('enough');
    impatient.abort(reason);
    await expect(first).rejects.toBe(reason);
    gate.resolve();
    expect(await digestOf(await second)).toBe(idOf(bytes).digest);
  });

  test('when the last caller gives up, the source is told and nothing stays', async () => {
    const bytes = randomBytes(100_000);
    const told = gateway();
    const source = async (given: AbortSignal) =>
      (async function* () {
        yield bytes.subarray(0, 50_000);
        await new Promise((_settle, reject) => given.addEventListener('abort', () => reject(given.reason)));
      })();
    const watched = async (given: AbortSignal) => {
      given.addEventListener('abort', () => told.resolve());
      return source(given) as unknown as AsyncIterable<Uint8Array>;
    };
    const impatient = new AbortController();
    const fetching = cache.fetch(idOf(bytes), watched, impatient.signal);
    await expect.poll(() => everyFile()).toHaveLength(2);
    impatient.abort(new Error('enough'));
    await expect(fetching).rejects.toThrow('enough');
    await told.promise;
    await expect.poll(() => everyFile()).toEqual([]);
    expect(await digestOf(await cache.fetch(idOf(bytes), sourceOf(bytes), signal))).toBe(idOf(bytes).digest);
  });
});

describe('content that is no longer right', () => {
  test('a file of another size is not offered, and fetched anew', async () => {
    const bytes = randomBytes(1000);
    const path = await cache.fetch(idOf(bytes), sourceOf(bytes), signal);
    await chmod(path, 0o644);
    await truncate(path, 500);
    expect(await cache.find(idOf(bytes))).toBeUndefined();
    expect(await digestOf(await cache.fetch(idOf(bytes), sourceOf(bytes), signal))).toBe(idOf(bytes).digest);
  });

  test('an evicted file is fetched under another name, so that a reader sees that it is new', async () => {
    const bytes = randomBytes(1000);
    const source = sourceOf(bytes);
    const before = await cache.fetch(idOf(bytes), source, signal);
    await cache.evict(idOf(bytes).digest);
    expect(existsSync(before)).toBe(false);
    const after = await cache.fetch(idOf(bytes), source, signal);
    expect(after).not.toBe(before);
    expect(await digestOf(after)).toBe(idOf(bytes).digest);
    expect(await (await openContentCache(folder)).find(idOf(bytes))).toBe(after);
    expect(source.asked).toBe(2);
  });
});

test('trims what was asked for the longest ago, but nothing that is to be kept', async () => {
  const all = [1, 2, 3, 4].map(() => randomBytes(1000));
  const paths: string[] = [];
  for (const [index, bytes] of all.entries()) {
    const path = await cache.fetch(idOf(bytes), sourceOf(bytes), signal);
    await utimes(path, 1000 + index, 1000 + index);
    paths.push(path);
  }
  // The second is asked for again: it is now the youngest.
  await cache.fetch(idOf(all[1] ?? Buffer.alloc(0)), sourceOf(Buffer.alloc(0)), signal);
  const removed = await cache.trim(2000, new Set([idOf(all[0] ?? Buffer.alloc(0)).digest]));
  expect(removed.map((file) => file.path)).toEqual([paths[2], paths[3]]);
  expect(new Set(await everyFile())).toEqual(new Set([paths[0], paths[1]]));
  expect(await cache.trim(0, new Set((await cache.list()).map((file) => file.digest)))).toEqual([]);
});

test('files that are not its own are left alone', async () => {
  const strange = join(folder, 'sha256', 'ab');
  await mkdir(strange, { recursive: true });
  await writeFile(join(strange, 'readme'), 'not mine');
  await cache.trim(0, new Set());
  expect(await cache.list()).toEqual([]);
  expect(existsSync(join(strange, 'readme'))).toBe(true);
});

const isRoot = process.getuid?.() === 0;

describe('a disk that does not do', () => {
  test.skipIf(!canMount())(
    'a full disk (needs root and mount): a clear error, nothing half-written',
    async () => {
      const disk = join(folder, 'disk');
      await mkdir(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
      try {
        const small = await openContentCache(disk);
        const large = randomBytes(3_000_000);
        await expect(small.fetch(idOf(large), sourceOf(large), signal)).rejects.toMatchObject({
          problem: 'NoSpace',
          message: `no space left for 3000000 bytes in ${disk}`,
        });
        expect(await everyFile(disk)).toEqual([]);
        const fits = randomBytes(500_000);
        expect(await digestOf(await small.fetch(idOf(fits), sourceOf(fits), signal))).toBe(idOf(fits).digest);
      } finally {
        execFileSync('umount', [disk]);
      }
    },
  );

  test.skipIf(isRoot && !canMount())(
    'a read-only folder (needs mount where root runs it): what is there is used, anything else a clear error',
    async () => {
      const here = randomBytes(1000);
      const path = await cache.fetch(idOf(here), sourceOf(here), signal);
      const restore = await makeReadOnly(folder);
      try {
        const readOnly = await openContentCache(folder);
        expect(await readOnly.fetch(idOf(here), sourceOf(here), signal)).toBe(path);
        const other = randomBytes(1000);
        await expect(readOnly.fetch(idOf(other), sourceOf(other), signal)).rejects.toMatchObject({
          problem: 'NotWritable',
          message: expect.stringContaining(folder),
        });
        await readOnly.evict(idOf(here).digest);
        expect(await readOnly.trim(0, new Set())).toEqual([]);
      } finally {
        await restore();
      }
    },
  );
});

/** Root ignores modes, so it gets a read-only mount. */
async function makeReadOnly(path: string): Promise<() => Promise<void>> {
  if (isRoot) {
    execFileSync('mount', ['--bind', path, path]);
    execFileSync('mount', ['-o', 'remount,ro,bind', path]);
    return async () => void execFileSync('umount', [path]);
  }
  const folders = [path, join(path, 'sha256'), join(path, 'incoming')];
  for (const name of folders) await chmod(name, 0o555);
  return async () => {
    for (const name of folders) await chmod(name, 0o755);
  };
}

function gateway(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
