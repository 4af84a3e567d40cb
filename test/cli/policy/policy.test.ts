import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../fixtures/git-repository.ts';
import { git } from '../../fixtures/registry.ts';
import { run as runIn } from '../run.ts';

let folder: ReturnType<typeof temporaryFolder>;
let registry: string;
const cases = 'policy-tests/promotion.yaml';
const run = (...words: string[]) => runIn(['policy', 'test', ...words], { folder: registry });

beforeEach(async () => {
  folder = temporaryFolder();
  registry = join(folder.path, 'registry');
  await runIn(['init', 'registry'], { folder: folder.path });
});
afterEach(() => folder.remove());

async function edit(path: string, from: string | RegExp, to: string): Promise<void> {
  const file = join(registry, path);
  await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
}

describe('policy test', () => {
  it('finds every case of a fresh registry as expected', async () => {
    const { status, out } = await run();
    expect(out).toContain('15 cases, all as expected');
    expect(status).toBe(0);
  });

  it('shows what differs, with the verdict and the rule behind it', async () => {
    await edit('policies/promotion.yaml', 'approvals: { count: 2', 'approvals: { count: 3');
    const { status, out } = await run(cases);
    expect(status).toBe(1);
    expect(out).toMatch(/✘ production takes what two others approved .* policy-tests\/promotion\.yaml:14/);
    expect(out).toContain('    should be allowed, and is not\n');
    expect(out).toMatch(/✘ ApprovalMissing {2}Policy\/promotion, rule production/);
    expect(out).toMatch(/\d of 15 cases are not as expected/);
  });

  it('says that a case names people whom no team knows', async () => {
    await edit('teams/ml-operations.yaml', '    - name: Linus Example', '    - name: Barbara');
    const { out } = await run();
    expect(out).toContain('    no team has a member called Linus Example: where your people changed');
    expect(out).not.toContain('no team has a member called Grace Example');
  });

  it('tries what is on disk, and what was committed where a commit is named', async () => {
    await edit('policies/promotion.yaml', 'for: 24h', 'for: 1h');
    expect((await run()).status).toBe(1);
    expect(await run('main')).toMatchObject({ status: 0 });
    git(registry, 'commit', '-qam', 'Soak for an hour');
    const { status, out } = await run('HEAD', '--output', 'json');
    expect(status).toBe(1);
    const told = JSON.parse(out) as { failed: number; cases: { passed: boolean; problems: string[] }[] };
    expect(told.failed).toBe(1);
    expect(told.cases.find(({ passed }) => !passed)?.problems).toContain('should not be allowed, and is');
  });

  it('lets nothing pass while a policy is not valid', async () => {
    await edit('policies/promotion.yaml', 'change.environment', 'change.enviroment');
    const { status, out } = await run();
    expect(status).toBe(1);
    expect(out).toContain('PolicyBroken');
    expect(out).toContain('policies/promotion.yaml:');
  });

  it('says which line of a case it cannot read', async () => {
    await edit(cases, 'author: Ada Example', 'autor: Ada Example');
    expect(await run()).toMatchObject({ status: 2 });
    expect((await run()).err).toMatch(
      /`cases.0` has an unknown field `autor`\n {2}at: {3}policy-tests\/promotion.yaml:3/,
    );
    await writeFile(join(registry, cases), 'cases: [\n  { name: *x }');
    expect((await run()).err).toContain('code: InvalidCase');
    await writeFile(join(registry, cases), 'cases: []\n');
    expect((await run()).status).toBe(2);
  });

  it('says so where there is no case, or no such file', async () => {
    expect(await run('platform.yaml')).toMatchObject({ status: 4 });
    await rm(join(registry, 'policy-tests'), { recursive: true });
    const { status, err } = await run();
    expect(status).toBe(4);
    expect(err).toContain('code: NoCases');
    await mkdir(join(registry, 'policy-tests'));
    expect((await run()).status).toBe(4);
  });
});
