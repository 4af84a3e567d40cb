import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import { findSigningKey, type SigningKeyOptions } from '../../../libraries/git/signing-key.ts';
import { splitWords } from '../../../libraries/git/ssh-signing.ts';
import {
  cleanEnvironment,
  type GitRepository,
  makeRepository,
  temporaryFolder,
} from '../../fixtures/git-repository.ts';

let folder: ReturnType<typeof temporaryFolder>;
let real: GitRepository;
let home: string;
const agents: ChildProcess[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  home = join(folder.path, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true });
  real = makeRepository(join(folder.path, 'registry'));
  configure({ 'user.name': 'Ada', 'user.email': 'ada@example.org' });
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const agent of agents.splice(0)) agent.kill();
  folder.remove();
});

const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: home,
  GIT_CONFIG_NOSYSTEM: '1',
  ...more,
});

function configure(settings: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(settings))
    execFileSync('git', ['config', '--global', key, value], { env: environment() });
}

function makeKey(name: string, passphrase = ''): string {
  const file = join(home, '.ssh', name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', file]);
  return file;
}

const find = (more: NodeJS.ProcessEnv = {}, options: Partial<SigningKeyOptions> = {}) =>
  findSigningKey({ folder: real.path, environment: environment(more), isInteractive: false, ...options });

/** Commits with the key, and lets the real git judge. Answers what it says of the signer. */
async function signedAndVerified(more: NodeJS.ProcessEnv = {}): Promise<string> {
  const key = await find(more);
  const repository = await openRepository(real.path, { environment: cleanEnvironment });
  try {
    const id = await repository.makeCommit({
      message: 'feat: signed\n\nMit ä.',
      author: { name: 'Ada', email: 'ada@example.org' },
      changes: new Map([['a', '1']]),
      sign: key.sign,
    });
    const signers = join(folder.path, 'signers');
    const keys = readdirSync(join(home, '.ssh')).filter((name) => name.endsWith('.pub'));
    writeFileSync(
      signers,
      keys.map((name) => `ada@example.org ${readFileSync(join(home, '.ssh', name), 'utf8')}`).join(''),
    );
    const command = ['-c', `gpg.ssh.allowedSignersFile=${signers}`, 'verify-commit', '--raw', id];
    return execFileSync('sh', ['-c', 'git "$@" 2>&1', 'git', ...command], {
      cwd: real.path,
      env: environment(more),
    }).toString();
  } finally {
    await repository.close();
  }
}

/** An agent of its own; answers its socket. */
async function startAgent(): Promise<NodeJS.ProcessEnv> {
  const socket = join(folder.path, `agent-${agents.length}`);
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  agents.push(agent);
  await expect.poll(() => existsSync(socket), { timeout: 10_000 }).toBe(true);
  return { SSH_AUTH_SOCK: socket };
}

const add = (key: string, agent: NodeJS.ProcessEnv) =>
  execFileSync('ssh-add', ['-q', key], { env: environment(agent), stdio: 'ignore' });

async function failure(attempt: Promise<unknown>): Promise<{ code: string; hint: string; message: string }> {
  return attempt.then(
    () => ({ code: 'none', hint: '', message: '' }),
    (error: { code: string; hint: string; message: string }) => error,
  );
}

async function signing(
  more: NodeJS.ProcessEnv = {},
): Promise<{ code: string; hint: string; message: string }> {
  return failure(find(more).then((key) => key.sign(Buffer.from('payload'))));
}

describe('signing with an SSH key', () => {
  beforeEach(() => configure({ 'gpg.format': 'ssh' }));

  it('signs with the configured file, private or public, by a path that begins at home', async () => {
    const file = makeKey('ada');
    for (const configured of [file, `${file}.pub`, '~/.ssh/ada', '~/.ssh/ada.pub']) {
      configure({ 'user.signingKey': configured });
      expect(await signedAndVerified()).toContain('Good "git" signature for ada@example.org');
    }
    const key = await find();
    expect(key).toMatchObject({ format: 'ssh', name: join(home, '.ssh/ada.pub') });
  });

  it('takes a path in the repository from its root, and the repository’s key before the person’s', async () => {
    configure({ 'user.signingKey': '/nowhere' });
    const file = makeKey('ada');
    copyFileSync(file, join(real.path, '-key'));
    execFileSync('chmod', ['600', join(real.path, '-key')]);
    real.git('config', 'user.signingKey', '-key');
    expect(await signedAndVerified()).toContain('Good "git" signature');
  });

  it('signs with a key that an agent holds, named in the settings or by the default command', async () => {
    vi.stubEnv('TMPDIR', folder.path);
    const file = makeKey('ada', 'secret');
    const open = join(folder.path, 'open');
    copyFileSync(file, open);
    execFileSync('ssh-keygen', ['-q', '-p', '-P', 'secret', '-N', '', '-f', open]);
    const agent = await startAgent();
    add(open, agent);
    const literal = readFileSync(`${file}.pub`, 'utf8').trim();
    configure({ 'user.signingKey': `key::${literal}` });
    expect(await signedAndVerified(agent)).toContain('Good "git" signature');
    configure({ 'user.signingKey': literal });
    expect(await signedAndVerified(agent)).toContain('Good "git" signature');
    configure({ 'user.signingKey': `${file}.pub` });
    expect(await signedAndVerified(agent)).toContain('Good "git" signature');
    execFileSync('git', ['config', '--global', '--unset', 'user.signingKey'], { env: environment() });
    configure({ 'gpg.ssh.defaultKeyCommand': 'ssh-add -L' });
    expect(await signedAndVerified(agent)).toContain('Good "git" signature');
    expect((await find(agent)).name).not.toContain('ada@');
    expect(readdirSync(folder.path).filter((name) => name.startsWith('signing-key-'))).toEqual([]);
  });

  it('says how to configure a key where there is none', async () => {
    const error = await failure(find());
    expect(error).toMatchObject({ code: 'NoSigningKey', hint: expect.stringContaining('user.signingKey') });
  });

  it('says that the agent is missing, or lacks the key', async () => {
    const file = makeKey('ada');
    const literal = readFileSync(`${file}.pub`, 'utf8').trim();
    rmSync(file);
    for (const configured of [`key::${literal}`, `${file}.pub`]) {
      configure({ 'user.signingKey': configured });
      for (const more of [{}, { SSH_AUTH_SOCK: join(folder.path, 'nobody') }]) {
        expect(await signing(more)).toMatchObject({
          code: 'SigningAgentMissing',
          hint: expect.stringContaining('ssh-add'),
        });
      }
      expect(await signing(await startAgent())).toMatchObject({ code: 'SigningKeyMissing' });
    }
  });

  it('never waits for a passphrase where there is no terminal', async () => {
    const file = makeKey('ada', 'secret');
    for (const configured of [file, `${file}.pub`]) {
      configure({ 'user.signingKey': configured });
      expect(await signing({ SSH_ASKPASS: '/bin/cat', DISPLAY: ':9' })).toMatchObject({
        code: 'SigningKeyLocked',
        hint: expect.stringContaining('ssh-add'),
      });
    }
  });

  it('asks for the passphrase on the terminal', async (context) => {
    context.skip(
      process.platform !== 'linux' || !existsSync('/usr/bin/script'),
      'no util-linux `script` here',
    );
    configure({ 'user.signingKey': makeKey('ada', 'secret') });
    const program = join(import.meta.dirname, '../../fixtures/sign-on-terminal.ts');
    const tsx = import.meta.resolve('tsx');
    const command = `'${process.execPath}' --import '${tsx}' '${program}' payload`;
    const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
      cwd: real.path,
      env: environment({ TERM: 'xterm' }),
    });
    let screen = '';
    terminal.stdout.on('data', (chunk: Buffer) => {
      if (!screen.includes('passphrase') && chunk.includes('passphrase')) terminal.stdin.write('secret\n');
      screen += chunk.toString('utf8');
    });
    const status = await new Promise((resolve) => terminal.once('close', resolve));
    expect([status, screen]).toEqual([0, expect.stringContaining('-----END SSH SIGNATURE-----')]);
    expect(screen).not.toContain('secret');
  });

  it('says what is wrong with the key: not there, no key, open to all', async () => {
    configure({ 'user.signingKey': '~/.ssh/nothing' });
    expect(await failure(find())).toMatchObject({
      code: 'SigningKeyMissing',
      hint: expect.stringContaining('--show-origin'),
    });
    writeFileSync(join(home, '.ssh/bad'), 'this is no key\n', { mode: 0o600 });
    configure({ 'user.signingKey': '~/.ssh/bad' });
    expect(await signing()).toMatchObject({ code: 'SigningKeyMissing' });
    const file = makeKey('ada');
    execFileSync('chmod', ['644', file]);
    configure({ 'user.signingKey': file });
    const open = await signing();
    expect(open.code).toMatch(/SigningFailed|SigningKeyMissing|SigningAgentMissing/);
  });

  it('says that the program is missing, or failed, or answers nonsense', async () => {
    configure({ 'user.signingKey': makeKey('ada'), 'gpg.ssh.program': '/nowhere/ssh-keygen' });
    expect(await signing()).toMatchObject({
      code: 'SigningProgramMissing',
      hint: expect.stringContaining('gpg.ssh.program'),
    });
    const program = join(folder.path, 'a program');
    writeFileSync(program, '#!/bin/sh\necho out of order >&2\nexit 3\n', { mode: 0o755 });
    configure({ 'gpg.ssh.program': program });
    expect(await signing()).toMatchObject({
      code: 'SigningFailed',
      message: expect.stringContaining('out of order'),
    });
    writeFileSync(program, '#!/bin/sh\nprintf "%s\\n" "$@" >> "$0.arguments"\nexec ssh-keygen "$@"\n', {
      mode: 0o755,
    });
    expect(await signedAndVerified()).toContain('Good "git" signature');
    expect(readFileSync(`${program}.arguments`, 'utf8')).toMatch(/^-Y\nsign\n-n\ngit\n-f\n/);
  });

  it('says what the default command did instead of answering a key', async () => {
    for (const [command, code] of [
      ['false', 'SigningFailed'],
      ['echo hello', 'SigningFailed'],
      ['/nowhere/command', 'SigningProgramMissing'],
    ] as const) {
      configure({ 'gpg.ssh.defaultKeyCommand': command });
      expect([command, (await failure(find())).code]).toEqual([command, code]);
    }
  });

  it('works where there is no git', async () => {
    const bin = join(folder.path, 'bin');
    mkdirSync(bin);
    symlinkSync(execFileSync('which', ['ssh-keygen']).toString().trim(), join(bin, 'ssh-keygen'));
    configure({ 'user.signingKey': makeKey('ada') });
    const key = await find({ PATH: bin });
    expect(await key.sign(Buffer.from('payload'))).toContain('-----BEGIN SSH SIGNATURE-----');
  });

  it('lets what git’s command line sets win, as within an alias', async () => {
    makeKey('ada');
    configure({ 'user.signingKey': '/nowhere' });
    const more = { GIT_CONFIG_PARAMETERS: "'user.signingkey'='~/.ssh/ada'" };
    expect((await find(more)).name).toBe(join(home, '.ssh/ada'));
  });
});

const gpg = spawnSync('gpg', ['--version']).status === 0;

if (!gpg) console.warn('gpg is not installed: signing with GnuPG is not tried');
describe.skipIf(!gpg)('signing with GnuPG (needs gpg)', () => {
  let gnupg: NodeJS.ProcessEnv;

  beforeEach(() => {
    // Its agent's socket does not fit into a long path.
    const place = join(folder.path, 'g');
    mkdirSync(place, { mode: 0o700 });
    gnupg = { GNUPGHOME: place };
  });
  afterEach(() => {
    execFileSync('gpgconf', ['--kill', 'all'], { env: environment(gnupg) });
  });

  const makeGpgKey = (name: string, passphrase: string) =>
    execFileSync(
      'gpg',
      [
        '--batch',
        '--pinentry-mode',
        'loopback',
        '--passphrase',
        passphrase,
        '--quick-gen-key',
        name,
        'ed25519',
        'sign',
      ],
      { env: environment(gnupg), stdio: 'ignore' },
    );

  it('signs with the committer’s key, or the configured one', async () => {
    makeGpgKey('Ada <ada@example.org>', '');
    makeGpgKey('Release <release@example.org>', '');
    expect(await signedAndVerified(gnupg)).toMatch(/GOODSIG \w+ Ada <ada@example.org>/);
    expect(await find(gnupg)).toMatchObject({ format: 'openpgp', name: 'Ada <ada@example.org>' });
    configure({ 'user.signingKey': 'release@example.org' });
    expect(await signedAndVerified(gnupg)).toMatch(/GOODSIG \w+ Release/);
    configure({ 'gpg.format': 'openpgp', 'gpg.program': execFileSync('which', ['gpg']).toString().trim() });
    expect(await signedAndVerified(gnupg)).toMatch(/GOODSIG/);
  });

  it('says how to configure a key where GnuPG has none of the committer’s name, or is not there', async () => {
    expect(await signing(gnupg)).toMatchObject({
      code: 'NoSigningKey',
      hint: expect.stringContaining('gpg.format ssh'),
    });
    configure({ 'gpg.program': '/nowhere/gpg' });
    expect(await signing(gnupg)).toMatchObject({ code: 'NoSigningKey' });
    configure({ 'user.signingKey': 'somebody' });
    expect(await signing(gnupg)).toMatchObject({ code: 'SigningProgramMissing' });
  });

  it('says that a configured key is not there, and takes none for an option', async () => {
    for (const name of ['0123456789ABCDEF', '--list-keys']) {
      configure({ 'user.signingKey': name });
      expect([name, (await signing(gnupg)).code]).toEqual([name, 'SigningKeyMissing']);
    }
  });

  it('never waits for a passphrase where there is no terminal', async () => {
    makeGpgKey('Ada <ada@example.org>', 'secret');
    execFileSync('gpgconf', ['--kill', 'all'], { env: environment(gnupg) });
    expect(await signing(gnupg)).toMatchObject({
      code: 'SigningKeyLocked',
      hint: expect.stringContaining('GPG_TTY'),
    });
  });

  it('needs a name and an address to look for a key by', async () => {
    renameSync(join(home, '.gitconfig'), join(home, 'gitconfig-of-before'));
    expect((await failure(find(gnupg))).code).toBe('IdentityMissing');
  });
});

it('refuses a format that it does not make', async () => {
  configure({ 'gpg.format': 'x509' });
  expect(await failure(find())).toMatchObject({ code: 'SigningFormatUnsupported' });
});

it('splits the words of a command as git does', () => {
  expect(splitWords(`ssh-add -L`)).toEqual(['ssh-add', '-L']);
  expect(splitWords(`'/a b/c' "d \\" e" f\\ g h'i'"j" `)).toEqual(['/a b/c', 'd " e', 'f g', 'hij']);
  expect(splitWords(`sh -c 'echo "x y" | cat'${delimiter}`)).toHaveLength(3);
});
