import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { openFile } from '../../../libraries/sops/index.ts';
import { run as runIn } from '../run.ts';

const identities: string[] = [];
const recipients: string[] = [];
beforeAll(async () => {
  for (let count = 0; count < 3; count++) {
    const identity = await generateIdentity();
    identities.push(identity);
    recipients.push(await identityToRecipient(identity));
  }
});

let registry: string;
beforeEach(() => {
  registry = mkdtempSync(join(tmpdir(), 'switchyard-secrets-'));
  git('init', '-q', '-b', 'main');
  write(
    'platform.yaml',
    'apiVersion: switchyard/v1\nkind: Platform\nmetadata: { name: p }\nspec: { plugins: [{ name: secrets }] }\n',
  );
});
afterEach(() => rmSync(registry, { recursive: true, force: true }));

const environmentOf = (identity = identities[0]) => ({ SOPS_AGE_KEY: identity, PATH: process.env.PATH });
function git(...words: string[]): string {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@localhost', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', registry, ...identity, ...words], {
    encoding: 'utf8',
    env: { ...process.env, ...environmentOf(), HOME: registry },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
function write(path: string, text: string): void {
  mkdirSync(join(registry, path, '..'), { recursive: true });
  writeFileSync(join(registry, path), text);
}
const read = (path = 'secrets/slack.yaml') => readFileSync(join(registry, path), 'utf8');
const run = (
  words: readonly string[],
  more: { input?: string; environment?: Record<string, string | undefined> } = {},
) =>
  runIn(['secrets', ...words], {
    folder: registry,
    ...more,
    environment: { ...environmentOf(), ...more.environment },
  });
const set = (key: string, input: string, name = 'slack') =>
  run(['set', name, key, '--recipient', recipients[0] ?? ''], { input });
const get = async (key: string, name = 'slack', identity = identities[0]) =>
  (await run(['get', name, key], { environment: environmentOf(identity) })).out;
const editing = (script: string) => ({ environment: { EDITOR: `sed -i -e '${script}'` } });

describe('secrets set and get', () => {
  it('make a Secret that check finds right, with nothing of it in plain text', async () => {
    expect(await set('token', 'swordfish\n')).toMatchObject({
      status: 0,
      out: '',
      err: 'secrets/slack.yaml: token set\n',
    });
    expect(await set('db.port', '5432')).toMatchObject({ status: 0 });
    expect([await get('token'), await get('db.port')]).toEqual(['swordfish', '5432']);
    expect((await run(['get', 'slack'])).out).toBe('token\ndb.port\n');
    expect(read()).not.toMatch(/swordfish|5432/);
    expect(read()).toContain('kind: Secret');
    const checked = await runIn(['check'], { folder: registry });
    expect(checked.out).toContain('No issues: 2 valid resources');
  });

  it('keep every other ciphertext, and the file where nothing changes', async () => {
    await set('token', 'swordfish');
    await set('other', 'x');
    const before = read();
    expect((await set('other', 'x')).err).toContain('has that value already');
    expect(read()).toBe(before);
    await set('other', 'y');
    const lineOf = (text: string) => /^.*token: .*$/m.exec(text)?.[0];
    expect(lineOf(read())).toBe(lineOf(before));
  });

  it('keep a line break where it is asked for, and work on other files that SOPS encrypts', async () => {
    await run(['set', 'tls.enc.json', 'key.pem', '--exact', '--recipient', recipients[0] ?? ''], {
      input: 'a\nb\n',
    });
    expect(await get('key.pem', 'tls.enc.json')).toBe('a\nb\n');
    expect(JSON.parse(read('tls.enc.json'))).toHaveProperty('sops.mac');
  });

  it('take the recipients from .sops.yaml, by the path', async () => {
    write(
      '.sops.yaml',
      `creation_rules:\n  - path_regex: ^secrets/slack\n    age: ${recipients[0]},${recipients[1]}\n  - age: ${recipients[2]}\n`,
    );
    await run(['set', 'slack', 'token'], { input: 'x' });
    await run(['set', 'other', 'token'], { input: 'y' });
    expect(await get('token', 'slack', identities[1])).toBe('x');
    expect(await get('token', 'other', identities[2])).toBe('y');
    expect(await run(['get', 'other', 'token'])).toMatchObject({
      status: 5,
      err: expect.stringContaining(recipients[2] ?? ''),
    });
  });

  it('say what is wrong, and show no value', async () => {
    expect(await run(['set', 'slack', 'token'], { input: 'swordfish' })).toMatchObject({
      status: 2,
      err: expect.stringContaining('Give --recipient'),
    });
    expect(existsSync(join(registry, 'secrets'))).toBe(false);
    await set('token', 'swordfish');
    expect(await set('token', '\n')).toMatchObject({
      status: 2,
      err: expect.stringContaining('there is no value'),
    });
    expect(await run(['get', 'slack', 'tokn'])).toMatchObject({
      status: 4,
      err: expect.stringContaining('There are: token.'),
    });
    expect(await run(['get', 'other', 'x'])).toMatchObject({ status: 4 });
    write(
      'secrets/env.yaml',
      'apiVersion: switchyard/v1\nkind: Secret\nmetadata: { name: env }\nspec: { store: { env: { variables: { a: A } } } }\n',
    );
    expect(await run(['get', 'env', 'a'])).toMatchObject({
      err: expect.stringContaining('in the store env'),
    });
    write(
      'secrets/slack.yaml',
      read().replace(/mac: .*\n/, 'mac: ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]\n'),
    );
    const tampered = await run(['get', 'slack', 'token']);
    expect(tampered).toMatchObject({ status: 1, out: '', err: expect.stringContaining('SecretTampered') });
    expect((await set('token', 'marlin')).err).toContain('SecretTampered');
  });
});

describe('secrets edit', () => {
  it('opens the editor on plain text and encrypts what comes of it, leaving nothing behind', async () => {
    await set('token', 'swordfish');
    const left = () =>
      ['/dev/shm', tmpdir()]
        .flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []))
        .filter((name) => name.startsWith('switchyard-secret-'));
    const before = left();
    expect(await run(['edit', 'slack'], editing('s/swordfish/marlin/'))).toMatchObject({ status: 0 });
    expect(await get('token')).toBe('marlin');
    expect(left()).toEqual(before);
    const text = read();
    expect((await run(['edit', 'slack'], editing('s/nothing/x/'))).err).toContain('nothing changed');
    expect(read()).toBe(text);
  });

  it('encrypts a file that was plain, and begins one that is not there', async () => {
    write(
      'secrets/slack.yaml',
      'apiVersion: switchyard/v1\nkind: Secret\nmetadata:\n  name: slack\nspec:\n  store:\n    sops:\n      # of the team\n      values:\n        token: swordfish\n',
    );
    const found = await runIn(['check'], { folder: registry });
    expect(found.out).toContain('PlaintextSecret');
    expect(found.out).not.toContain('swordfish');
    await run(['edit', 'slack', '--recipient', recipients[0] ?? ''], editing('s/x/x/'));
    expect(await get('token')).toBe('swordfish');
    expect(read()).toContain('# of the team');
    await run(
      ['edit', 'new', '--recipient', recipients[0] ?? ''],
      editing('s/values: {}/values: { token: x }/'),
    );
    expect(await get('token', 'new')).toBe('x');
  });

  it('changes nothing where the editor fails or leaves what is no YAML', async () => {
    await set('token', 'swordfish');
    const before = read();
    expect(await run(['edit', 'slack'], { environment: { EDITOR: 'false' } })).toMatchObject({ status: 2 });
    const broken = await run(['edit', 'slack'], editing('s/swordfish/[swordfish/'));
    expect(broken.status).toBe(1);
    expect(broken.err).not.toContain('swordfish');
    expect(read()).toBe(before);
  });
});

describe('secrets rotate and updatekeys', () => {
  it('change the data key, and who may open it', async () => {
    await set('token', 'swordfish');
    const keyOf = async (identity = identities[0] ?? '') =>
      Buffer.from((await openFile(read(), 'yaml', [identity])).dataKey);
    const before = await keyOf();
    expect(await run(['updatekeys', 'slack', '--add', recipients[1] ?? ''])).toMatchObject({
      status: 0,
      err: expect.stringContaining('+ '),
    });
    expect((await keyOf(identities[1])).equals(before)).toBe(true);
    const removed = await run(['updatekeys', 'slack', '--remove', recipients[1] ?? '']);
    expect(removed.err).toContain('secrets rotate');
    expect(await run(['get', 'slack', 'token'], { environment: environmentOf(identities[1]) })).toMatchObject(
      { status: 5 },
    );
    expect(await run(['rotate', 'slack'])).toMatchObject({ status: 0 });
    expect((await keyOf()).equals(before)).toBe(false);
    expect(await get('token')).toBe('swordfish');
    write('.sops.yaml', `creation_rules:\n  - age: ${recipients[2]}\n`);
    await run(['updatekeys', 'slack']);
    expect(await get('token', 'slack', identities[2])).toBe('swordfish');
  });

  it('refuse to shut everybody out, or to remove who is not there', async () => {
    await set('token', 'swordfish');
    const before = read();
    expect((await run(['updatekeys', 'slack', '--remove', recipients[0] ?? ''])).status).toBe(1);
    expect((await run(['updatekeys', 'slack', '--remove', recipients[1] ?? ''])).status).toBe(2);
    expect((await run(['updatekeys', 'slack', '--add', 'age1nonsense'])).status).toBe(1);
    expect(read()).toBe(before);
  });
});

describe('secrets audit', () => {
  it('lists each Secret with what is known of it, and fails where one was tampered with', async () => {
    expect((await run(['audit'])).status).toBe(4);
    await set('token', 'swordfish');
    await run(['set', 'theirs', 'token', '--recipient', recipients[1] ?? ''], { input: 'x' });
    write(
      'secrets/prometheus.yaml',
      'apiVersion: switchyard/v1\nkind: Secret\nmetadata: { name: prometheus }\nspec: { store: { env: { variables: { token: SWITCHYARD_SECRET_P } } } }\n',
    );
    const { status, out } = await run(['audit']);
    expect(status).toBe(0);
    const rows = out
      .split('\n')
      .slice(1, 4)
      .map((line) => line.split(/ {2,}/).slice(0, 5));
    expect(rows).toEqual([
      ['prometheus', 'env', 'kept elsewhere', 'token', '-'],
      ['slack', 'sops', 'verified', 'token', '1'],
      ['theirs', 'sops', 'not for this machine', '-', '-'],
    ]);
    write('secrets/slack.yaml', read().replace(/lastmodified: .*/, 'lastmodified: "2020-01-01T00:00:00Z"'));
    const tampered = await run(['audit', '-o', 'json']);
    expect(tampered.status).toBe(1);
    expect(JSON.parse(tampered.out).items[1]).toMatchObject({
      secret: 'slack',
      verdict: 'problem',
      message: expect.stringContaining('lastmodified'),
    });
    write('secrets/slack.yaml', read().replace(/ +mac: .*\n/, ''));
    expect((await run(['audit'])).out).toMatch(/slack +- +PROBLEM/);
  });
});

describe('secrets merge', () => {
  const values = async () =>
    Object.fromEntries(
      (await openFile(read(), 'yaml', [identities[0] ?? ''])).values
        .filter(({ isEncrypted }) => isEncrypted)
        .map(({ path, value }) => [path.at(-1), value.text]),
    );
  const commit = (message: string) => {
    git('add', '-A');
    git('commit', '-qm', message);
  };

  beforeEach(async () => {
    for (const key of ['a', 'b', 'c']) await set(key, 'old');
    const { err } = await run(['merge', '--install']);
    expect(err).toContain('.gitattributes: secrets/** merge=switchyard-secrets');
    // As installed, but from here.
    git(
      'config',
      'merge.switchyard-secrets.driver',
      `"${process.execPath}" "${packageFile('dist/cli/main.js')}" secrets merge %O %A %B %P`,
    );
    commit('Base');
  });

  it('takes what each side changed, on neighbouring lines too, and keeps the ciphertext of both', async () => {
    git('checkout', '-qb', 'theirs');
    await set('b', 'theirs');
    await set('d', 'theirs');
    commit('Theirs');
    const theirs = /b: (ENC\S+)/.exec(read())?.[1] ?? '';
    git('checkout', '-q', 'main');
    await set('a', 'ours');
    commit('Ours');
    const ours = /a: (ENC\S+)/.exec(read())?.[1] ?? '';
    git('merge', '-q', '--no-edit', 'theirs');
    expect(await values()).toEqual({ a: 'ours', b: 'theirs', c: 'old', d: 'theirs' });
    expect([theirs, ours].every((ciphertext) => ciphertext !== '' && read().includes(ciphertext))).toBe(true);
    expect(await run(['merge', '--install'])).toMatchObject({
      status: 0,
      err: expect.not.stringContaining('.gitattributes'),
    });
  });

  it('stops where both changed a value, names it, and leaves no plain text', async () => {
    git('checkout', '-qb', 'theirs');
    await set('b', 'theirs-swordfish');
    commit('Theirs');
    git('checkout', '-q', 'main');
    await set('b', 'ours-marlin');
    commit('Ours');
    const before = read();
    let said = '';
    try {
      git('merge', '-q', '--no-edit', 'theirs');
    } catch (error) {
      said = String((error as { stderr?: string }).stderr);
    }
    expect(said).toContain('both sides changed spec.store.sops.values.b');
    expect(said).not.toMatch(/swordfish|marlin/);
    expect(read()).toBe(before);
    expect(git('status', '--porcelain')).toContain('UU secrets/slack.yaml');
  });

  it('refuses a side that was tampered with, and keeps the recipients of the side that changed them', async () => {
    for (const name of ['base', 'ours', 'theirs']) write(name, read());
    await run(
      ['updatekeys', 'theirs', '--add', recipients[1] ?? ''].map((word) =>
        word === 'theirs' ? './theirs' : word,
      ),
    );
    const files = ['merge', 'base', 'ours', 'theirs', 'secrets/slack.yaml'];
    const before = read('ours');
    linkSync(join(registry, 'ours'), join(registry, 'what-was-ours'));
    expect(await run(files)).toMatchObject({ status: 0 });
    // Another file took its place: one that is stopped halfway leaves the old one whole.
    expect(read('what-was-ours')).toBe(before);
    expect((await openFile(read('ours'), 'yaml', [identities[1] ?? ''])).values.length).toBeGreaterThan(3);
    write('theirs', read('theirs').replace(/lastmodified: .*/, 'lastmodified: "2020-01-01T00:00:00Z"'));
    expect(await run(files)).toMatchObject({ status: 1, err: expect.stringContaining('SecretTampered') });
  });
});

describe('Tab', () => {
  const candidates = async (...words: string[]) =>
    (await runIn(['__complete', ...words], { folder: registry })).out;

  it('knows the verbs, the Secrets and the keys', async () => {
    await set('token', 'swordfish');
    expect(await candidates('secrets', '')).toMatch(/edit[\s\S]*audit/);
    expect(await candidates('secrets', 'get', '')).toContain('slack');
    expect(await candidates('secrets', 'get', 'slack', '')).toContain('token');
  });
});
