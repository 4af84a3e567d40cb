import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why the oracles cannot be asked on this machine; undefined if they can. */
export const whyNoOracle = missingTool();

function missingTool(): string | undefined {
  if (spawnSync('git', ['--version']).error !== undefined) return 'skipped: git is not installed';
  const gpg = spawnSync('gpg', ['--version'], { encoding: 'utf8' });
  if (gpg.error !== undefined) return 'skipped: gpg is not installed';
  return undefined;
}

export interface Answer {
  readonly isGood: boolean;
  readonly output: string;
}

export interface SigningWishes {
  /** When it is signed, in seconds since 1970. */
  readonly at?: number;
  readonly options?: readonly string[];
}

/** 2024-07-01T12:00:00Z: the time of the commits, and the time at which they are looked at. */
export const noon = Date.UTC(2024, 6, 1, 12) / 1000;
export const day = 86_400;
/** 2024-01-01: when the keys are made. */
export const newYear = Date.UTC(2024, 0, 1) / 1000;

/**
 * A temporary folder in which real gpg and git work: one GNUPGHOME that holds the secret keys, and a new one for each
 * question. Close it after the tests: it ends gpg's agent. Paths are short, because gpg's sockets lie in them.
 */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'pgp-'));
  readonly #home = this.#newHome();
  #count = 0;

  readonly environment = {
    PATH: process.env.PATH,
    HOME: this.folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Alice Ärmel',
    GIT_AUTHOR_EMAIL: 'alice@example.com',
    GIT_COMMITTER_NAME: 'Alice Ärmel',
    GIT_COMMITTER_EMAIL: 'alice@example.com',
    LC_ALL: 'C.UTF-8',
  };

  close(): void {
    spawnSync('gpgconf', ['--kill', 'all'], { env: { ...this.environment, GNUPGHOME: this.#home } });
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** gpg where the secret keys are. Its clock stands at the time asked for. */
  gpg(options: readonly string[], wishes: { at?: number; input?: string | Uint8Array } = {}): Buffer {
    const time = gpgTime(wishes.at ?? newYear);
    return execFileSync(
      'gpg',
      [...batch, '--pinentry-mode', 'loopback', '--passphrase', '', '--faked-system-time', time, ...options],
      {
        input: wishes.input ?? '',
        env: { ...this.environment, GNUPGHOME: this.#home },
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
  }

  /** A new key without a passphrase; its fingerprint. `expires` in gpg's words: `1y`, `never`. */
  key(userId: string, algorithm: string, usage = 'sign', expires = 'never', at = newYear): string {
    this.gpg(['--quick-generate-key', userId, algorithm, usage, expires], { at });
    const lines = this.gpg(['--list-keys', '--with-colons'], { at }).toString().split('\n');
    const prints = lines.flatMap((line, index) =>
      line.startsWith('pub:') ? [lines[index + 1]?.split(':')[9] ?? ''] : [],
    );
    const fresh = prints.find((print) => !this.#known.has(print)) as string;
    this.#known.add(fresh);
    return fresh;
  }
  readonly #known = new Set<string>();

  subkey(primary: string, algorithm: string, usage = 'sign', expires = 'never', at = newYear): void {
    this.gpg(['--quick-add-key', primary, algorithm, usage, expires], { at });
  }

  /** Answers gpg's questions in `--edit-key`, one a line. */
  edit(primary: string, answers: readonly string[], at = newYear): void {
    this.gpg(['--expert', '--command-fd', '0', '--edit-key', primary], {
      at,
      input: `${answers.join('\n')}\n`,
    });
  }

  exported(...fingerprints: readonly string[]): string {
    return this.gpg(['--armor', '--export', ...fingerprints]).toString('latin1');
  }

  /** The armored detached signature, by the options that Git gives to gpg. */
  sign(key: string, message: Uint8Array, { at = noon, options = [] }: SigningWishes = {}): string {
    return this.gpg([...options, '-bsa', '-u', key], { at, input: message }).toString('latin1');
  }

  repository(format: 'sha1' | 'sha256' = 'sha1'): string {
    const folder = join(this.folder, `r${this.#count++}`);
    this.run('git', ['init', '-q', '-b', 'main', `--object-format=${format}`, folder]);
    return folder;
  }

  /** Stores the object as it is, however malformed. */
  store(repository: string, type: 'commit' | 'tag', object: Uint8Array): string {
    const command = ['-C', repository, 'hash-object', '-t', type, '-w', '--literally', '--stdin'];
    return this.run('git', command, object).toString().trim();
  }

  object(repository: string, name: string): Buffer {
    const type = this.run('git', ['-C', repository, 'cat-file', '-t', name]).toString().trim();
    return this.run('git', ['-C', repository, 'cat-file', type, name]);
  }

  /** What `git verify-commit` or `git verify-tag` says, with a gpg that has only these keys and trusts them. */
  askGit(
    repository: string,
    name: string,
    { keyring, at = noon }: { keyring: string | Uint8Array; at?: number },
    command: 'verify-commit' | 'verify-tag' = 'verify-commit',
  ): Answer {
    return this.#withKeys(keyring, at, (env) => {
      const result = spawnSync('git', ['-C', repository, command, name], { env });
      return { isGood: result.status === 0, output: result.stderr.toString() };
    });
  }

  /** What `gpg --verify` says. Like Git, it wants to see that the signature is good and nothing is expired or revoked. */
  askGpg(message: Uint8Array, signature: string, keyring: string | Uint8Array, at = noon): Answer {
    const paths = [this.file(signature), this.file(message)];
    return this.#withKeys(keyring, at, (env) => {
      const result = spawnSync('gpg', [...batch, '--status-fd', '1', '--verify', ...paths], { env });
      const status = result.stdout.toString();
      return {
        isGood: result.status === 0 && /^\[GNUPG:\] GOODSIG /m.test(status),
        output: `${status}${result.stderr}`,
      };
    });
  }

  file(content: string | Uint8Array): string {
    const path = join(this.folder, `f${this.#count++}`);
    writeFileSync(path, content);
    return path;
  }

  /** The revocation certificate that gpg made with the key, ready to be used. */
  revocation(fingerprint: string): string {
    const folder = join(this.#home, 'openpgp-revocs.d');
    const name = readdirSync(folder).find((file) => file.startsWith(fingerprint)) as string;
    const text = readFileSync(join(folder, name), 'utf8');
    return text.slice(text.indexOf(':-----BEGIN') + 1);
  }

  run(
    command: string,
    options: readonly string[],
    input?: Uint8Array,
    extra: Record<string, string> = {},
  ): Buffer {
    return execFileSync(command, options, {
      input,
      env: { ...this.environment, ...extra },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }

  /** For git that signs by itself. */
  get home(): string {
    return this.#home;
  }

  #withKeys(keyring: string | Uint8Array, at: number, ask: (env: NodeJS.ProcessEnv) => Answer): Answer {
    const home = this.#newHome();
    const env = { ...this.environment, GNUPGHOME: home };
    writeFileSync(join(home, 'gpg.conf'), `trust-model always\nno-auto-check-trustdb\n`);
    spawnSync('gpg', [...batch, '--import'], { env, input: keyring });
    writeFileSync(join(home, 'gpg.conf'), `faked-system-time ${gpgTime(at)}\ntrust-model always\n`);
    try {
      return ask(env);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }

  #newHome(): string {
    const home = mkdtempSync(join(this.folder, 'h'));
    mkdirSync(home, { recursive: true, mode: 0o700 });
    return home;
  }
}

const batch = ['--batch', '--no-tty', '--quiet', '--yes'];

/** Seconds as gpg's frozen clock. */
function gpgTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '')}!`;
}

/** A commit without a signature. */
export function commitPayload(
  wishes: { time?: number; message?: string; headers?: string; tree?: string } = {},
): Buffer {
  const who = `Alice Ärmel <alice@example.com> ${wishes.time ?? noon} +0200`;
  const tree = wishes.tree ?? '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
  const headers = `tree ${tree}\nauthor ${who}\ncommitter ${who}\n${wishes.headers ?? ''}`;
  return Buffer.from(`${headers}\n${wishes.message ?? 'fix: a message\n\nwith a body\n'}`);
}

/** Puts the signature where Git puts it: the last header. */
export function withSignature(payload: Buffer, armor: string, header = 'gpgsig'): Buffer {
  const at = payload.indexOf('\n\n') + 1;
  const value = armor.replace(/\n$/, '').split('\n').join('\n ');
  return Buffer.concat([
    payload.subarray(0, at),
    Buffer.from(`${header} ${value}\n`, 'latin1'),
    payload.subarray(at),
  ]);
}
