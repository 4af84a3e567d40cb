import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataFolder } from '../../../server/supervisor/data-folder-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a folder is locked once, and again after it was released', async () => {
  const data = join(folder, 'made', 'for', 'it');
  const lock = await lockDataFolder(data);
  await expect(lockDataFolder(data)).rejects.toMatchObject({
    code: 'DataFolderInUse',
    message: `another platform (process ${process.pid}) runs from this data folder`,
    where: data,
  });
  await lock.release();
  expect(existsSync(join(data, 'platform.sock'))).toBe(false);
  await (await lockDataFolder(data)).release();
});

test('a folder that cannot be made is an error that says so', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(lockDataFolder(join(folder, 'file', 'data'))).rejects.toMatchObject({
    code: 'DataFolderUnusable',
    where: join(folder, 'file', 'data'),
    hint: expect.stringContaining('--data'),
  });
});

test('of many that want it at once, one gets it', async () => {
  const attempts = await Promise.allSettled(Array.from({ length: 10 }, () => lockDataFolder(folder)));
  const got = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  expect(got).toHaveLength(1);
  await got[0]?.release();
});
