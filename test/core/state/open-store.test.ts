import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../core/state/open-store.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-state-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const isRoot = process.getuid?.() === 0;

describe('opening the state', () => {
  it('makes the folder and the file', async () => {
    const store = await openStore({ folder: join(folder, 'deep', 'state'), log: recordingLog() });
    await store.close();
    expect(readdirSync(join(folder, 'deep', 'state'))).toEqual(['state.db']);
  });

  it('leaves one whole file behind when it closes', async () => {
    const store = await openStore({ folder, log: recordingLog() });
    await store.putNote('applied', 'c1');
    await store.close();
    expect(readdirSync(folder)).toEqual(['state.db']);
  });

  it('may be closed, deleted and begun again at the same place', async () => {
    for (let round = 0; round < 5; round += 1) {
      const store = await openStore({ folder, log: recordingLog() });
      expect(await store.note('round')).toBeUndefined();
      await store.putNote('round', round);
      expect(await store.note('round')).toBe(round);
      await store.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a damaged state', () => {
  const damages: [string, (file: string) => void][] = [
    ['is no database at all', (file) => writeFileSync(file, 'hello, world\n'.repeat(1_000))],
    ['was cut short', (file) => writeFileSync(file, readFileSync(file).subarray(0, 30_000))],
    ['has foreign bytes inside', (file) => writeFileSync(file, readFileSync(file).fill(0xab, 8_192, 40_960))],
  ];

  it.each(damages)('that %s is set aside, and a new one begun, never silently', async (_what, damage) => {
    const first = await openStore({ folder, log: recordingLog() });
    await Promise.all(
      Array.from({ length: 500 }, (_, index) => first.putCell(`Model/m${index}`, 'x'.repeat(200))),
    );
    await first.close();
    damage(join(folder, 'state.db'));
    const damaged = readFileSync(join(folder, 'state.db'));

    const log = recordingLog();
    const second = await openStore({ folder, log });
    expect(await second.cell('Model/m1')).toBeUndefined();
    await second.putCell('Model/m1', 'observed anew');

    const aside = readdirSync(folder).filter((name) => name.startsWith('state.db.corrupt-'));
    expect(aside).toHaveLength(1);
    expect(readFileSync(join(folder, aside[0] ?? '')).equals(damaged)).toBe(true);
    expect(log.lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        facts: expect.objectContaining({ aside: join(folder, aside[0] ?? '') }),
      }),
    ]);
    expect(await second.journal({ limit: 10 })).toEqual([
      expect.objectContaining({
        sequence: 1,
        type: 'state.set-aside',
        message: expect.stringContaining(aside[0] ?? ''),
      }),
    ]);
    await second.close();

    const third = await openStore({ folder, log: recordingLog() });
    expect(await third.cell('Model/m1')).toBe('observed anew');
    await third.close();
  });

  it('that is empty is simply filled', async () => {
    writeFileSync(join(folder, 'state.db'), '');
    const log = recordingLog();
    const store = await openStore({ folder, log });
    await store.putNote('applied', 'c1');
    await store.close();
    expect(log.lines).toEqual([]);
    expect(readdirSync(folder)).toEqual(['state.db']);
  });
});

describe('a state of a newer version', () => {
  it('is refused by name and left as it is', async () => {
    await (await openStore({ folder, log: recordingLog() })).close();
    const database = new Database(join(folder, 'state.db'));
    database.exec(`
      insert into kysely_migration (name, timestamp) values ('9999-from-the-future', '2099-01-01T00:00:00.000Z');
      alter table cells add column future text;`);
    database.close();
    const before = contentOf(join(folder, 'state.db'));

    await expect(openStore({ folder, log: recordingLog() })).rejects.toMatchObject({
      code: 'StateFromNewerVersion',
      message: expect.stringContaining('9999-from-the-future'),
      where: join(folder, 'state.db'),
      hint: expect.stringContaining('later'),
    });
    expect(contentOf(join(folder, 'state.db'))).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.includes('corrupt'))).toEqual([]);
  });
});

function contentOf(file: string): object {
  const database = new Database(file);
  const schema = database.prepare('select name, sql from sqlite_master order by name').all();
  const migrations = database.prepare('select * from kysely_migration').all();
  database.close();
  return { schema, migrations };
}

describe('a place that cannot be written', () => {
  it('is refused where the folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(
      openStore({ folder: join(folder, 'file', 'state'), log: recordingLog() }),
    ).rejects.toMatchObject({
      code: 'StateNotWritable',
      where: join(folder, 'file', 'state'),
    });
  });

  it('is refused where the folder is read-only', async () => {
    const readOnly = join(folder, 'read-only');
    mkdirSync(readOnly);
    chmodSync(folder, 0o755);
    chmodSync(readOnly, 0o555);
    await asOrdinaryUser(async () => {
      await expect(openStore({ folder: readOnly, log: recordingLog() })).rejects.toMatchObject({
        code: 'StateNotWritable',
        where: readOnly,
        hint: expect.stringContaining('write access'),
      });
    });
    expect(readdirSync(readOnly)).toEqual([]);
  });

  it('is refused where the file is read-only, and nothing is set aside', async () => {
    await (await openStore({ folder, log: recordingLog() })).close();
    chmodSync(folder, 0o555);
    chmodSync(join(folder, 'state.db'), 0o444);
    await asOrdinaryUser(async () => {
      await expect(openStore({ folder, log: recordingLog() })).rejects.toMatchObject({
        code: 'StateNotWritable',
      });
    });
    chmodSync(folder, 0o755);
    expect(readdirSync(folder)).toEqual(['state.db']);
  });

  it('is refused where the file is a folder', async () => {
    mkdirSync(join(folder, 'state.db'));
    await expect(openStore({ folder, log: recordingLog() })).rejects.toMatchObject({
      code: 'StateNotWritable',
    });
    expect(existsSync(join(folder, 'state.db'))).toBe(true);
  });
});

describe('a lock that another process holds', () => {
  it('is waited for without blocking this one', async () => {
    const store = await openStore({ folder, log: recordingLog() });
    const other = new Database(join(folder, 'state.db'));
    other.exec('begin immediate');
    const put = store.putCell('Model/a', 1);
    let longestTurnMs = 0;
    const until = performance.now() + 150;
    for (let turns = 0; turns < 10 || performance.now() < until; turns += 1) {
      const begun = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      longestTurnMs = Math.max(longestTurnMs, performance.now() - begun);
    }
    // Some 20 ms on a machine with time for it; a wait that blocks takes as long as the lock is held.
    expect(longestTurnMs).toBeLessThan(2_000);
    other.exec('rollback');
    await put;
    expect(await store.cell('Model/a')).toBe(1);
    other.close();
    await store.close();
  });
});

describe('a full disk', () => {
  it('is told by name, loses nothing that was acknowledged, and is gone when there is space again', async (context) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const mounted =
      isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status === 0;
    if (!mounted) context.skip('a small disk can be mounted by root alone');
    try {
      writeFileSync(join(disk, 'filling'), Buffer.alloc(1024 * 1024));
      const store = await openStore({ folder: disk, log: recordingLog() });
      const acknowledged: string[] = [];
      const failure = await (async () => {
        for (let index = 0; index < 1_000; index += 1) {
          await store.putCell(`Model/m${index}`, 'x'.repeat(10_000));
          acknowledged.push(`Model/m${index}`);
        }
      })().catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'StateDiskFull',
        where: disk,
        hint: expect.stringContaining('Free space'),
      });
      expect(acknowledged.length).toBeGreaterThan(10);
      expect(await store.cell(acknowledged.at(-1) ?? '')).toBe('x'.repeat(10_000));

      rmSync(join(disk, 'filling'));
      await store.putCell('Model/after', 'there is space again');
      await store.close();

      const again = await openStore({ folder: disk, log: recordingLog() });
      expect(await again.cell('Model/after')).toBe('there is space again');
      const cells = await Promise.all(acknowledged.map((ref) => again.cell(ref)));
      expect(cells.every((cell) => cell === 'x'.repeat(10_000))).toBe(true);
      await again.close();
    } finally {
      spawnSync('umount', ['-l', disk]);
    }
  });

  it('is told by name when there is no space to begin', async (context) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const mounted =
      isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status === 0;
    if (!mounted) context.skip('a small disk can be mounted by root alone');
    try {
      writeFileSync(join(disk, 'filling'), Buffer.alloc(1024 * 1024 - 8192));
      await expect(openStore({ folder: disk, log: recordingLog() })).rejects.toMatchObject({
        code: 'StateDiskFull',
      });
    } finally {
      spawnSync('umount', ['-l', disk]);
    }
  });
});

describe('a process killed while it writes', () => {
  it('leaves a state that opens, with all that was acknowledged', async () => {
    const module = join(import.meta.dirname, '../../../dist/core/state/open-store.js');
    expect(existsSync(module), 'npm run build makes dist').toBe(true);
    const acknowledged = new Set<number>();
    let lastRound = -1;
    for (const acknowledgements of [1, 7, 30]) {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, 'endless-writer.mjs'), module, folder],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const exited = once(child, 'exit');
      let lines = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        const { round, sequences } = JSON.parse(line) as { round: number; sequences: number[] };
        for (const sequence of sequences) acknowledged.add(sequence);
        lastRound = round;
        lines += 1;
        if (lines === acknowledgements) child.kill('SIGKILL');
      }
      await exited;
      expect(child.signalCode).toBe('SIGKILL');

      const log = recordingLog();
      const store = await openStore({ folder, log });
      expect(log.lines).toEqual([]);
      const there = new Set((await store.journal({ limit: 1_000_000 })).map((entry) => entry.sequence));
      expect([...acknowledged].filter((sequence) => !there.has(sequence))).toEqual([]);
      expect(there).toEqual(new Set(Array.from({ length: there.size }, (_, index) => index + 1)));
      expect((await store.cell('Model/m19')) as object).toHaveProperty('round');
      const { round } = (await store.cell('Model/m19')) as { round: number };
      expect(round).toBeGreaterThanOrEqual(lastRound);
      await store.close();
    }
  });
});

/** File modes do not bind root: its test runs as nobody for the while. */
async function asOrdinaryUser(work: () => Promise<void>): Promise<void> {
  if (!isRoot) return work();
  process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}
