import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';

const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('switchyard-demo-'));

it('tells the whole story, ends well, and leaves nothing behind', async () => {
  const before = await left();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [packageFile('dist/demo/main.js'), '--once'],
    { timeout: 170_000 },
  );
  expect(stdout).toMatch(/requests sent\s+\d{3,}/);
  expect(stdout).toMatch(/failed\s+0\n/);
  expect(stdout).toMatch(/answers that were not their version’s\s+0\n/);
  expect(stdout).toMatch(/answered by 1\.1\.0\s+[1-9]\d*/);
  expect(stdout).toContain('- version: 1.0.0');
  expect(stdout).toContain('+ version: 1.1.0');
  expect(stdout).toContain('the platform ended with status 0');
  expect(stdout).not.toContain('✘ Something');
  expect((await left()).filter((name) => !before.includes(name))).toEqual([]);
}, 180_000);
