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
  // And walks in by what its analyses say.
  expect(reviewed).toMatch(/1\.0\.0 → 1\.1\.0 by canary/);
  expect(reviewed).toMatch(/✓ disagreement +0\.\d+ \[0\.\d+, 0\.\d+] +not lower > 0\.2 /);
  expect(reviewed).toMatch(/rollout\.started .*walks 1\.0\.0 → 1\.1\.0 by canary in 6 steps/);
  expect(reviewed).toMatch(/deployment\.switched .*1\.0\.0 → 1\.1\.0/);
  // And refused by policy, with its reasons, although somebody approved.
  const refused = stdout.slice(
    stdout.indexOf('Production, refused'),
    stdout.indexOf('Production, judged by what it answers'),
  );
  expect(refused).toMatch(/Grace Example approved #2 at [0-9a-f]{10}\./);
  expect(refused).toMatch(/✘ may not be merged: \d things are missing/);
  expect(refused).toMatch(/✘ the check metric-regression failed: .*worse by more than 0\.005/);
  expect(refused).toContain('bird-strike 1.2.0 has not served in staging');
  expect(refused).toContain('production answers with 1.1.0 as before');
  // A version that learnt nothing is sent back before it answers anybody, and Git is put right by a proposal with evidence.
  const judged = stdout.slice(stdout.indexOf('Production, judged by what it answers'));
  expect(judged).toMatch(/✔ sent back by its analysis \d+\.\d s after the commit/);
  expect(judged).toMatch(/failed\s+0\n/);
  expect(judged).toMatch(/answered by 1\.3\.0\s+0\n/);
  expect(judged).toContain('1.3.0 was rolled back in step 2 of 6');
  expect(judged).toContain('#3 Quarantine bird-strike 1.3.0 and roll back to 1.1.0 in production');
  expect(judged).toMatch(/`agrees-with-stable\/disagreement` \| `not result\.lower > 0\.2` .* Failed \|/);
  expect(judged).toMatch(/\/spec\/version: 1\.3\.0 → 1\.1\.0/);
  expect(judged).toMatch(/\/spec\/quarantine: \(none\) → /);
  // Years of traffic: nothing is raised for what is like the training data, drift is an early warning, and the truth confirms it.
  const watched = stdout.slice(stdout.indexOf('Years go by'), stdout.indexOf('What the platform says'));
  expect(watched).toMatch(/1990–94 +606 +0 of 10 +ok +0\.80/);
  expect(watched).toMatch(/1995 +712 +5 of 10 +breached +not known yet/);
  expect(watched).toMatch(/2002 +625 +7 of 10 +breached/);
  expect(watched).toContain('✔ nothing was raised for strikes of 1990–94');
  expect(watched).toContain('✔ drift was told of in 1995');
  expect(watched).toMatch(/monitor bird-strike-drift tells of a breach: 5 of 10 columns drifted/);
  expect(watched).toMatch(/auc +labels +3700 +0\.77\d +0\.7\d+ to 0\.79\d/);
  expect(watched).toContain('✔ the truth confirms it');
  expect(watched).toMatch(/monitor bird-strike-performance tells of a breach: ROC AUC 0\.77\d is below 0\.8/);
  expect(stdout).toContain('the platform ended with status 0');
  expect(stdout).not.toContain('✘ Something');
  const left = (await readdir(folder)).filter((name) => name.startsWith('switchyard-demo-'));
  expect(left).toEqual([]);
}, 300_000);
