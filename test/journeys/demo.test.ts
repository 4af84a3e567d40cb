import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-journey-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('tells the whole story, ends well, and leaves nothing behind', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [packageFile('dist/demo/main.js'), '--once'],
    { timeout: 170_000, env: { ...process.env, TMPDIR: folder } },
  );
  expect(stdout).toMatch(/requests sent\s+\d{3,}/);
  expect(stdout).toMatch(/failed\s+0\n/);
  expect(stdout).toMatch(/answers that were not their version’s\s+0\n/);
  expect(stdout).toMatch(/answered by 1\.1\.0\s+[1-9]\d*/);
  expect(stdout).toContain('- version: 1.0.0');
  expect(stdout).toContain('+ version: 1.1.0');
  expect(stdout).toContain('the platform ended with status 0');
  expect(stdout).not.toContain('✘ Something');
  const left = (await readdir(folder)).filter((name) => name.startsWith('switchyard-demo-'));
  expect(left).toEqual([]);
}, 180_000);
