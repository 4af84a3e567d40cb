import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Issue } from '../../../core/manifest/issue.ts';
import { putTemplateRegistry } from '../../fixtures/template-registry.ts';
import { run as runIn } from '../run.ts';

let folder: string;
let registry: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-check-'));
  registry = join(folder, 'registry');
  await putTemplateRegistry(registry);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const deployment = 'environments/staging/bird-strike.yaml';
const isRoot = process.getuid?.() === 0;
if (isRoot) console.warn('root may read every folder: one that may not be read is not tried');
const run = (...words: string[]) => runIn(words, { folder: registry });
const git = async (...words: string[]) => {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@localhost'];
  return (await promisify(execFile)('git', ['-C', registry, ...identity, ...words])).stdout.trim();
};
async function edit(path: string, from: string | RegExp, to: string): Promise<void> {
  const file = join(registry, path);
  await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
}

describe('check', () => {
  it('finds nothing wrong with a fresh registry', async () => {
    const { status, out } = await run('check');
    expect(status).toBe(0);
    expect(out).toMatch(/^✔ No issues: 19 valid resources {2}work tree, \d+ ms\n$/);
  });

  it('shows each issue with its line, a mark under the place, and what to do', async () => {
    await edit(deployment, 'version: 1.0.0', 'version: 1.9.0');
    const { status, out } = await run('check');
    expect(status).toBe(1);
    const [place, message, quote, mark] = out.split('\n');
    expect(place).toMatch(/^environments\/staging\/bird-strike\.yaml:9:\d+ {2}error {2}\w+$/);
    expect(message).toContain('1.9.0');
    expect(quote).toContain('9 |   version: 1.9.0');
    const column = Number(place?.split(':')[2]?.split(' ')[0]);
    expect(mark?.indexOf('^')).toBe('  9 | '.length + column - 1);
    expect(out).toMatch(/✘ 1 error; \d+ valid resources/);
  });

  it('finds keys and tokens in manifests, and repeats none, also in a manifest that is broken', async () => {
    // Made of pieces, so that nothing looks for its owner.
    const token = ['ghp', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('_');
    const key = `AGE-SECRET-KEY-1${'Q'.repeat(58)}`;
    await edit(deployment, 'spec:', `spec:\n  # ${token}`);
    await edit('datasets/bird-strike.yaml', 'spec:', `spec:\n  passwrd: ${key}`);
    await git('add', '-A');
    for (const words of [[], ['-o', 'json'], ['-o', 'sarif'], ['-o', 'github']]) {
      const { status, out } = await run('check', ...words);
      expect(status).toBe(1);
      expect(out.match(/this looks like a credential \((?:github|age)\)/g)).toHaveLength(2);
      expect(out).toContain('UnknownField');
      expect(out).not.toContain(token);
      expect(out).not.toContain(key);
    }
    expect((await run('check', 'environments')).out).toContain('✘ 1 error');
    await git('commit', '-qam', 'Leak');
    expect((await run('check', 'HEAD')).out).toContain('SecretLeaked');
  });

  it('looks at what is on disk; at a commit, when one is named', async () => {
    await edit(deployment, 'version: 1.0.0', 'verison: 1.0.0');
    expect((await run('check')).status).toBe(1);
    const committed = await run('check', 'main');
    expect(committed.status).toBe(0);
    expect(committed.out).toContain(`main @ ${(await git('rev-parse', 'main')).slice(0, 10)}`);
    await git('commit', '-qam', 'Break it');
    const broken = await run('check', 'HEAD', '-o', 'json');
    expect(broken.status).toBe(1);
    expect(JSON.parse(broken.out)).toMatchObject({ commit: await git('rev-parse', 'HEAD') });
    const quoted = await run('check', 'HEAD');
    expect(quoted.out).toContain('9 |   verison: 1.0.0');
    expect((await run('check', 'HEAD~1')).status).toBe(0);
  });

  it('tells of one folder or file only, when that is named', async () => {
    await edit(deployment, 'version: 1.0.0', 'verison: 1.0.0');
    expect((await run('check', 'environments/production')).status).toBe(0);
    expect((await run('check', 'environments/staging')).status).toBe(1);
    expect((await run('check', deployment)).status).toBe(1);
    expect((await runIn(['check'], { folder: join(registry, 'environments', 'production') })).status).toBe(0);
  });

  it('never shows a private key that was pasted by mistake', async () => {
    const secret = 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW';
    const key = `"-----BEGIN OPENSSH PRIVATE KEY-----\\n${secret}\\n-----END OPENSSH PRIVATE KEY-----"`;
    const head = 'apiVersion: switchyard/v1\nkind: Team\nmetadata: { name: risk }\nspec:\n';
    await mkdir(join(registry, 'teams'), { recursive: true });
    for (const body of [
      `  members: [{ name: Ada, emails: [ada@example.com], signingKeys: [{ ssh: ${key} }] }]\n`,
      `  members: [{ name: Ada, nmae: Ada, signingKeys: [{ ssh: ${key} }] }]\n`,
      `  members:\n    - name: Ada\n${secret}\n`,
    ]) {
      await writeFile(join(registry, 'teams', 'risk.yaml'), head + body);
      for (const output of [[], ['-o', 'json'], ['-o', 'github'], ['-o', 'sarif']]) {
        const { status, out, err } = await run('check', ...output);
        expect(status).toBe(1);
        expect(out + err).not.toContain(secret);
      }
    }
    await writeFile(
      join(registry, 'teams', 'risk.yaml'),
      `${head}  members: [{ name: Ada, emails: [ada@example.com], signingKeys: [{ ssh: ${key} }] }]\n`,
    );
    expect((await run('check')).out).toContain('A PRIVATE KEY STANDS HERE');
  });

  it('reads a bare repository', async () => {
    const bare = join(folder, 'bare.git');
    await git('clone', '-q', '--bare', registry, bare);
    const { status, out } = await runIn(['check', bare], { folder });
    expect(status).toBe(0);
    expect(out).toContain('19 valid resources');
  });

  it('gives programs every issue whole', async () => {
    await edit(deployment, 'version: 1.0.0', 'verison: 1.0.0');
    const { status, out } = await run('check', '--output', 'json');
    expect(status).toBe(1);
    const { issues, commit } = JSON.parse(out) as { issues: Issue[]; commit: null };
    expect(commit).toBeNull();
    expect(issues).toContainEqual(
      expect.objectContaining({
        code: 'UnknownField',
        severity: 'error',
        path: deployment,
        line: 9,
        column: 3,
        pointer: '/spec/verison',
        ref: 'Deployment/staging/bird-strike',
      }),
    );
  });

  it('annotates a pull request on GitHub, and prints nothing else there', async () => {
    await edit(deployment, 'version: 1.0.0', 'verison: 1.0.0');
    const { status, out } = await run('check', '--output', 'github');
    expect(status).toBe(1);
    for (const line of out.trimEnd().split('\n')) expect(line).toMatch(/^::(error|warning) file=/);
    expect((await run('check', 'main', '--output', 'github')).out).toBe('');
  });

  it('writes SARIF for code scanning', async () => {
    await edit(deployment, 'version: 1.0.0', 'verison: 1.0.0');
    const { out } = await run('check', '--output', 'sarif');
    const log = JSON.parse(out) as { version: string; runs: { results: { ruleId: string }[] }[] };
    expect(log.version).toBe('2.1.0');
    expect(log.runs[0]?.results.map((result) => result.ruleId)).toContain('UnknownField');
  });

  it('takes warnings for errors only when asked to', async () => {
    // A model without a card section that the check asks for is a warning, not an error.
    await edit('models/bird-strike/card.md', /^## .*$/gm, '');
    const plain = await run('check', '-o', 'json');
    const { issues } = JSON.parse(plain.out) as { issues: Issue[] };
    expect(issues.length).toBeGreaterThan(0);
    expect(new Set(issues.map(({ severity }) => severity))).toEqual(new Set(['warning']));
    expect(plain.status).toBe(0);
    expect((await run('check', '--strict')).status).toBe(1);
  });

  it('says so when there is nothing of that name', async () => {
    const { status, err } = await run('check', 'no-such-thing');
    expect(status).toBe(4);
    expect(err).toContain('no-such-thing is neither a path nor a revision');
  });

  it('does not pass where there is no registry, and says how to make one', async () => {
    const empty = join(folder, 'empty');
    await mkdir(join(empty, 'photos'), { recursive: true });
    const { status, out, err } = await runIn(['check'], { folder: empty });
    expect({ status, out }).toEqual({ status: 4, out: '' });
    expect(err).toContain('there is no registry here');
    expect(err).toContain(`at:   ${empty}`);
    expect(err).toContain('switchyard init DIR');
    expect(err).toContain('code: NothingToCheck');
  });

  it('does not pass where a repository holds no manifest, on disk or in a commit', async () => {
    await git('rm', '-rq', '.');
    await git('commit', '-qm', 'Remove all', '--allow-empty');
    for (const words of [['check'], ['check', 'HEAD'], ['check', '-o', 'json']]) {
      const { status, out, err } = await run(...words);
      expect({ status, out }).toEqual({ status: 4, out: '' });
      expect(err).toContain('there is no manifest');
    }
  });

  it('checks a registry that is no Git repository, whole or in part', async () => {
    await rm(join(registry, '.git'), { recursive: true });
    expect((await run('check')).out).toContain('19 valid resources');
    await edit(deployment, 'version: 1.0.0', 'verison: 1.0.0');
    expect((await run('check', deployment)).status).toBe(1);
    expect((await run('check', 'environments/production')).status).toBe(0);
    await rm(join(registry, 'platform.yaml'));
    expect((await run('check')).status).toBe(1);
  });

  it.skipIf(isRoot)('names the folder that it may not read (needs a user other than root)', async () => {
    await rm(join(registry, '.git'), { recursive: true });
    const locked = join(registry, 'models', 'locked');
    await mkdir(locked, { mode: 0 });
    const { status, err } = await run('check');
    await chmod(locked, 0o700);
    expect(status).toBe(1);
    expect(err).toContain('code: Unreadable');
    expect(err).toContain(locked);
  });

  it('finds a plugin where the operator’s configuration says that was named, and so does plan', async () => {
    const operator = join(folder, 'operator');
    await mkdir(operator);
    await writeFile(
      join(operator, 'greeter.mjs'),
      "export const plugin = { name: 'greeter', description: 'Greets.', setup() {} };\n",
    );
    await edit('platform.yaml', '- name: rollout', '- name: rollout\n    - name: greeter');
    await git('commit', '-qam', 'Greet');
    const inOperator = (...words: string[]) => runIn(words, { folder: operator });
    expect((await inOperator('check', registry)).err).toContain('plugin "greeter" cannot be loaded');
    await writeFile(
      join(operator, 'switchyard.config.yaml'),
      'plugins:\n  greeter:\n    module: ./greeter.mjs\n',
    );
    // One that just lies in the folder may come from the change that is to be judged: its code is not run.
    expect((await inOperator('check', registry)).status).toBe(1);
    const named = ['--config', 'switchyard.config.yaml'];
    expect(await inOperator('check', registry, ...named)).toMatchObject({ status: 0 });
    const plan = await inOperator('plan', '--from', 'nothing', '--repo', registry, ...named);
    expect(plan).toMatchObject({ status: 0 });
  });

  it('checks by the plugins that the registry names, and says which is not installed', async () => {
    await edit('platform.yaml', '- name: rollout', '- name: rollout\n    - name: no-such-plugin');
    const { status, err } = await run('check');
    expect(status).toBe(1);
    expect(err).toContain('plugin "no-such-plugin" cannot be loaded');
    expect(err).toContain('npm install no-such-plugin');
  });

  it('shows what is wrong with a platform.yaml that names no plugins', async () => {
    await edit('platform.yaml', 'plugins:', 'plugin:');
    const { status, out } = await run('check');
    expect(status).toBe(1);
    expect(out).toContain('platform.yaml:');
    expect(out).toContain('UnknownField');
  });
});

describe('plan', () => {
  it('shows what changes, who acts, and the steps in their order', async () => {
    await edit(deployment, 'version: 1.0.0', 'version: 1.1.0');
    await git('commit', '-qam', 'Promote');
    const { status, out } = await run('plan', '--from', 'HEAD~1', '--to', 'HEAD');
    expect(status).toBe(0);
    expect(out).toContain(
      '~ Deployment/staging/bird-strike  changed, environments/staging/bird-strike.yaml:2',
    );
    expect(out).toContain('/spec/version: 1.0.0 → 1.1.0');
    expect(out.indexOf('load')).toBeLessThan(out.indexOf('switch'));
    expect(out).toMatch(/1 changed; \d steps\./);
  });

  it('writes the same for programs and for a pull request', async () => {
    await edit(deployment, 'version: 1.0.0', 'version: 1.1.0');
    await git('commit', '-qam', 'Promote');
    const json = JSON.parse((await run('plan', '--from', 'HEAD~1', '-o', 'json')).out) as {
      changes: { ref: string; plugin: string; steps: unknown[] }[];
    };
    expect(json.changes).toHaveLength(1);
    expect(json.changes[0]).toMatchObject({ ref: 'Deployment/staging/bird-strike', plugin: 'rollout' });
    const { out } = await run('plan', '--from', 'HEAD~1', '-o', 'markdown');
    expect(out).toContain('| changed | `Deployment/staging/bird-strike`');
    expect(out).toContain('`1.0.0` → `1.1.0`');
  });

  it('says when nothing changes', async () => {
    await writeFile(join(registry, 'note.txt'), 'hello');
    await git('add', '.');
    await git('commit', '-qm', 'Write a note');
    const { status, out } = await run('plan', '--from', 'HEAD~1');
    expect(status).toBe(0);
    expect(out).toContain('Nothing changes.');
  });

  it('warns of errors and of a commit that a platform would hold', async () => {
    await edit('environments/production/environment.yaml', /^ {2}promotesFrom.*\n/m, '');
    await git('rm', '-rq', 'environments/dev', 'environments/staging', 'policies');
    await git('commit', '-qam', 'Remove');
    const held = await run('plan', '--from', 'HEAD~1');
    expect(held.status).toBe(1);
    expect(held.out).toContain('This commit would be held (MassRemovalHeld)');

    await edit('environments/production/bird-strike.yaml', 'version: 1.0.0', 'verison: 1.0.0');
    await git('commit', '-qam', 'Break');
    const broken = await run('plan', '--from', 'HEAD~1');
    expect(broken.status).toBe(1);
    expect(broken.out).toContain('1 error in the commit');
    expect(broken.out).toContain('Nothing changes.');
  });

  it('plans a whole registry from nothing', async () => {
    const { status, out } = await run('plan', '--from', 'nothing', '-o', 'json');
    expect(status).toBe(0);
    const { from, changes } = JSON.parse(out) as { from: null; changes: { type: string }[] };
    expect(from).toBeNull();
    expect(changes.map(({ type }) => type)).toEqual(Array(19).fill('added'));
  });

  it('names the revision that is not there', async () => {
    const { status, err } = await run('plan', '--from', 'v0', '--to', 'HEAD');
    expect(status).toBe(4);
    expect(err).toContain('there is no commit called v0');
  });

  it('needs a repository', async () => {
    const { status, err } = await runIn(['plan', '--from', 'HEAD~1'], { folder });
    expect(status).toBe(4);
    expect(err).toContain('code: NotARepository');
  });
});

describe('schema', () => {
  it('lists the kinds, and shows the schema of one by any of its names', async () => {
    const all = await run('schema');
    expect(all.status).toBe(0);
    expect(all.out).toMatch(/ModelVersion\s+modelversions, mv/);
    for (const name of ['deployment', 'Deployments', 'deploy']) {
      const one = await run('schema', name);
      expect(JSON.parse(one.out)).toMatchObject({ title: 'Deployment' });
    }
  });

  it('writes every schema for editors, and that of the operator’s configuration', async () => {
    const { status, out } = await run('schema', '--write', 'schemas');
    expect(status).toBe(0);
    expect(out).toMatch(/^Wrote \d+ schemas into schemas\.\n$/);
    const configuration = JSON.parse(
      await readFile(join(registry, 'schemas', 'configuration.schema.json'), 'utf8'),
    );
    expect(configuration.properties.inferencePort.description).toContain('port of inference');
  });

  it('knows what was meant by a misspelt kind', async () => {
    const { status, err } = await run('schema', 'deploymnt');
    expect(status).toBe(4);
    expect(err).toContain('Did you mean `deployment`?');
  });
});
