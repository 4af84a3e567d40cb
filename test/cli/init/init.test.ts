import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run as runIn } from '../run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-init-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...words: string[]) => runIn(words, { folder });
const hasSys = process.platform === 'linux';
if (!hasSys) console.warn('there is no /sys here: a folder that nobody may write to is not tried');
const git = async (...words: string[]) =>
  (await promisify(execFile)('git', ['-C', join(folder, 'registry'), ...words])).stdout.trim();

describe('init', () => {
  it('makes a Git repository whose one commit on main holds everything, and says what comes next', async () => {
    const { status, out } = await run('init', 'registry');
    expect(status).toBe(0);
    const commit = await git('rev-parse', 'main');
    expect(out).toContain(`Made a registry in registry: `);
    expect(out).toContain(`commit ${commit.slice(0, 10)} on main`);
    expect(out).toContain('cd registry');
    expect(await git('status', '--porcelain')).toBe('');
    expect(await git('rev-list', '--count', 'HEAD')).toBe('1');
    expect(await git('fsck', '--strict')).toBe('');
  });

  it('spares whoever installs there the libraries of graphics cards, and keeps what is installed out of Git', async () => {
    await run('init', 'registry');
    expect(await git('show', 'main:.npmrc')).toContain('onnxruntime-node-install=skip');
    expect(await git('show', 'main:.gitignore')).toContain('node_modules/');
  });

  it('leaves a registry without a single issue, and the schemas that its manifests name', async () => {
    await run('init', 'registry');
    const registry = join(folder, 'registry');
    const checked = await runIn(['check', '--strict'], { folder: registry });
    expect(checked.status, checked.out).toBe(0);
    const files = await readdir(registry, { recursive: true });
    let named = 0;
    for (const path of files.filter((name) => name.endsWith('.yaml'))) {
      const text = await readFile(join(registry, path), 'utf8');
      const schema = /^# yaml-language-server: \$schema=(\S+)/.exec(text)?.[1];
      if (schema === undefined) continue;
      named += 1;
      JSON.parse(await readFile(join(registry, path, '..', schema), 'utf8'));
    }
    expect(named).toBeGreaterThan(9);
  });

  it('makes a registry whose changes are proposals: what nobody else approved does not merge', async () => {
    await run('init', 'registry');
    await writeFile(join(folder, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.org\n');
    const place = { folder: join(folder, 'registry'), environment: { HOME: folder, PATH: process.env.PATH } };
    const asked = await runIn(['promote', 'bird-strike', '--to', 'staging'], place);
    expect(asked.err).toBe('');
    expect(asked.out).toContain('Opened #1: Promote bird-strike 1.1.0 to staging');
    const shown = JSON.parse((await runIn(['show', '1', '--wait', '-o', 'json'], place)).out) as {
      judgement: { checks: { name: string; outcome: string }[] };
    };
    const checks = new Map(shown.judgement.checks.map(({ name, outcome }) => [name, outcome]));
    expect(checks.get('metric-regression')).toBe('pass');
    expect(checks.get('leaked-secrets')).toBe('pass');
    const merge = await runIn(['merge', '1'], place);
    expect(merge.status).toBe(1);
    expect(merge.out).toContain('needs 1 approval');
    expect(merge.out).toContain('Policy/promotion, rule staging');
    expect(await git('rev-list', '--count', 'main')).toBe('1');
  }, 120_000);

  it('names the platform after the folder, or as it is told', async () => {
    await run('init', 'registry');
    await run('init', 'My Models!');
    await run('init', 'other', '--name', 'fraud-models');
    const nameIn = async (name: string) =>
      /^ {2}name: (.*)$/m.exec(await readFile(join(folder, name, 'platform.yaml'), 'utf8'))?.[1];
    expect(await nameIn('registry')).toBe('registry');
    expect(await nameIn('My Models!')).toBe('my-models');
    expect(await nameIn('other')).toBe('fraud-models');
  });

  it('keeps the comments of the template', async () => {
    await run('init', 'registry');
    expect(await readFile(join(folder, 'registry', 'platform.yaml'), 'utf8')).toContain(
      '# A commit that would remove',
    );
  });

  it('refuses a name that is none', async () => {
    const { status, err } = await run('init', 'registry', '--name', 'Fraud Models');
    expect(status).toBe(2);
    expect(err).toContain('"Fraud Models" cannot be a platform\'s name');
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes an empty folder, and no other', async () => {
    await mkdir(join(folder, 'registry'));
    expect((await run('init', 'registry')).status).toBe(0);
    const again = await run('init', 'registry');
    expect(again.status).toBe(1);
    expect(again.err).toContain('the folder is not empty: it holds .git, .gitattributes, .github and ');
    expect(again.err).toContain('code: FolderNotEmpty');
  });

  it('refuses a file of that name', async () => {
    await writeFile(join(folder, 'registry'), 'mine');
    const { status, err } = await run('init', 'registry');
    expect(status).toBe(1);
    expect(err).toContain('code: FolderNotEmpty');
    expect(await readFile(join(folder, 'registry'), 'utf8')).toBe('mine');
  });

  // Nobody may make a folder in /sys, not even the superuser.
  it.skipIf(!hasSys)('says so where it may not write (needs /sys)', async () => {
    const { status, err } = await run('init', '/sys/registry');
    expect(status).toBe(1);
    expect(err).toContain('the folder cannot be written');
    expect(err).toContain('code: FolderNotWritable');
  });

  it('leaves nothing behind where the place is no folder', async () => {
    await writeFile(join(folder, 'file'), '');
    const { status, err } = await run('init', 'file/registry');
    expect(status).toBe(1);
    expect(err).toMatch(/code: Folder(NotEmpty|NotWritable)/);
    expect(await readdir(folder)).toEqual(['file']);
  });
});
