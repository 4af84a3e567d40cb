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
    { timeout: 290_000, env: { ...process.env, TMPDIR: folder } },
  );
  expect(stdout).toMatch(/requests sent\s+\d{3,}/);
  expect(stdout).toMatch(/failed\s+0\n/);
  expect(stdout).toMatch(/answers that were not their version’s\s+0\n/);
  expect(stdout).toMatch(/answered by 1\.1\.0\s+[1-9]\d*/);
  expect(stdout).toContain('- version: 1.0.0');
  expect(stdout).toContain('+ version: 1.1.0');
  // Production: reviewed by a second person, under traffic.
  const reviewed = stdout.slice(
    stdout.indexOf('Production, reviewed'),
    stdout.indexOf('Production, refused'),
  );
  expect(reviewed).toContain('ada$ switchyard promote bird-strike --to production');
  expect(reviewed).toMatch(/needs 1 approval by team aviation-safety; has none/);
  expect(reviewed).toMatch(/Grace Example approved #1 at [0-9a-f]{10}\./);
  expect(reviewed).toMatch(/Merged #1 as [0-9a-f]{10}\./);
  expect(reviewed).toMatch(/failed\s+0\n/);
  expect(reviewed).toMatch(/answers that were not their version’s\s+0\n/);
  expect(reviewed).toMatch(/answered by 1\.0\.0\s+[1-9]\d*/);
  expect(reviewed).toMatch(/answered by 1\.1\.0\s+[1-9]\d*/);
  expect(reviewed).toContain('approved by Grace Example');
  // And refused by policy, with its reasons, although somebody approved.
  const refused = stdout.slice(stdout.indexOf('Production, refused'));
  expect(refused).toMatch(/Grace Example approved #2 at [0-9a-f]{10}\./);
  expect(refused).toMatch(/✘ may not be merged: \d things are missing/);
  expect(refused).toMatch(/✘ the check metric-regression failed: .*worse by more than 0\.005/);
  expect(refused).toContain('bird-strike 1.2.0 has not served in staging');
  expect(refused).toContain('production answers with 1.1.0 as before');
  expect(stdout).toContain('the platform ended with status 0');
  expect(stdout).not.toContain('✘ Something');
  const left = (await readdir(folder)).filter((name) => name.startsWith('switchyard-demo-'));
  expect(left).toEqual([]);
}, 300_000);
