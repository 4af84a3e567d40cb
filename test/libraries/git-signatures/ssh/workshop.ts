import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why the oracles cannot be asked on this machine; undefined if they can. */
export const whyNoOracle = missingTool();

function missingTool(): string | undefined {
  for (const [tool, argument] of [
    ['ssh-keygen', '-?'],
    ['git', '--version'],
  ] as const) {
    if (spawnSync(tool, [argument]).error !== undefined) return `skipped: ${tool} is not installed`;
  }
  return undefined;
}

export interface Key {
  readonly path: string;
  /** `keytype base64`, as it stands in files. */
  readonly line: string;
}

export interface CertificateWishes {
  readonly principals?: string;
  readonly validity?: string;
  readonly serial?: number;
  readonly id?: string;
  readonly host?: boolean;
  readonly options?: readonly string[];
  /** The authority's signature algorithm, for RSA authorities. */
  readonly algorithm?: string;
}

export interface Answer {
  readonly isGood: boolean;
  readonly output: string;
}

/** A temporary folder in which real ssh-keygen and git work. Close it after the tests. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'ssh-signatures-'));
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
    LC_ALL: 'C',
  };

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Writes a file with a name of its own and gives its path. */
  file(content: string | Uint8Array): string {
    const path = join(this.folder, `file-${this.#count++}`);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  key(type: string, bits?: number): Key {
    const path = join(this.folder, `key-${this.#count++}`);
    const size = bits === undefined ? [] : ['-b', String(bits)];
    this.run('ssh-keygen', ['-q', '-t', type, ...size, '-N', '', '-C', 'a comment', '-f', path]);
    return { path, line: this.#lineOf(`${path}.pub`) };
  }

  /** A certificate for `key` by `authority`, with a private key beside it so that it can sign. */
  certify(authority: Key, key: Key, wishes: CertificateWishes = {}): Key {
    const path = join(this.folder, `certified-${this.#count++}`);
    writeFileSync(path, readFileSync(key.path), { mode: 0o600 });
    writeFileSync(`${path}.pub`, readFileSync(`${key.path}.pub`));
    const options = (wishes.options ?? []).flatMap((option) => ['-O', option]);
    const names = wishes.principals === undefined ? [] : ['-n', wishes.principals];
    this.run('ssh-keygen', [
      ...['-q', '-s', authority.path, '-I', wishes.id ?? 'an id', '-z', String(wishes.serial ?? 1)],
      ...(wishes.host ? ['-h'] : []),
      ...(wishes.algorithm ? ['-t', wishes.algorithm] : []),
      ...names,
      ...['-V', wishes.validity ?? 'always:forever'],
      ...options,
      `${path}.pub`,
    ]);
    const line = this.#lineOf(`${path}-cert.pub`);
    writeFileSync(`${path}.pub`, readFileSync(`${path}-cert.pub`));
    return { path, line };
  }

  /** The armored signature of ssh-keygen. */
  sign(key: Key, message: Uint8Array, namespace = 'git', options: readonly string[] = []): string {
    return this.run(
      'ssh-keygen',
      ['-q', '-Y', 'sign', '-n', namespace, ...options.flatMap((option) => ['-O', option]), '-f', key.path],
      message,
    ).toString('latin1');
  }

  repository(format: 'sha1' | 'sha256' = 'sha1'): string {
    const folder = join(this.folder, `repository-${this.#count++}`);
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

  /** What `git verify-commit` or `git verify-tag` says. */
  askGit(
    repository: string,
    name: string,
    trust: { allowedSigners: string; revoked?: string | Uint8Array; timezone?: string },
    command: 'verify-commit' | 'verify-tag' = 'verify-commit',
  ): Answer {
    const revoked =
      trust.revoked === undefined ? [] : ['-c', `gpg.ssh.revocationFile=${this.file(trust.revoked)}`];
    const result = spawnSync(
      'git',
      [
        ...['-C', repository, '-c', 'gpg.format=ssh'],
        ...['-c', `gpg.ssh.allowedSignersFile=${this.file(trust.allowedSigners)}`, ...revoked],
        ...[command, name],
      ],
      { env: { ...this.environment, ...(trust.timezone ? { TZ: trust.timezone } : {}) } },
    );
    return { isGood: result.status === 0, output: result.stderr.toString() };
  }

  /** What `ssh-keygen -Y verify` says. */
  askSshKeygen(question: {
    message: Uint8Array;
    signature: string;
    allowedSigners: string;
    principal: string;
    namespace?: string;
    /** UTC, as ssh-keygen's verify-time: YYYYMMDDHHMMSSZ. */
    at?: string;
    revoked?: string | Uint8Array;
    timezone?: string;
  }): Answer {
    const revoked = question.revoked === undefined ? [] : ['-r', this.file(question.revoked)];
    const time = question.at === undefined ? [] : [`-Overify-time=${question.at}`];
    const result = spawnSync(
      'ssh-keygen',
      [
        ...['-Y', 'verify', '-n', question.namespace ?? 'git', '-I', question.principal],
        ...[
          '-f',
          this.file(question.allowedSigners),
          '-s',
          this.file(question.signature),
          ...revoked,
          ...time,
        ],
      ],
      {
        input: question.message,
        env: { ...this.environment, ...(question.timezone ? { TZ: question.timezone } : {}) },
      },
    );
    return { isGood: result.status === 0, output: `${result.stdout}${result.stderr}` };
  }

  run(
    command: string,
    commandArguments: readonly string[],
    input?: Uint8Array,
    environment: Record<string, string> = {},
  ): Buffer {
    const env = { ...this.environment, ...environment };
    return execFileSync(command, commandArguments, { input, env, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  #lineOf(path: string): string {
    return readFileSync(path, 'utf8').split(' ').slice(0, 2).join(' ').trim();
  }
}

/** 2024-07-01T12:00:00Z: the time of the commits that are written by hand. */
export const noon = Date.UTC(2024, 6, 1, 12) / 1000;

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
