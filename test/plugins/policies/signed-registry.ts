import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  Workshop as GpgWorkshop,
  whyNoOracle as whyNoGpg,
} from '../../libraries/git-signatures/openpgp/workshop.ts';
import {
  type Key,
  Workshop as SshWorkshop,
  whyNoOracle as whyNoSsh,
} from '../../libraries/git-signatures/ssh/workshop.ts';

/** Why commits cannot be signed on this machine; undefined if they can. */
export const whyNoSigning = whyNoSsh ?? whyNoGpg;

/** Somebody who commits, with a key of their own. */
export interface Committer {
  readonly name: string;
  readonly email: string;
  readonly ssh?: Key;
  /** Fingerprint of a key in gpg. */
  readonly openpgp?: string;
}

export interface CommitWishes {
  readonly message?: string;
  /** Nobody signs. */
  readonly unsigned?: boolean;
  /** Whose key signs, if it is not the committer's. */
  readonly signedBy?: Committer;
  /** Of author and committer, in seconds since 1970. */
  readonly time?: number;
  /** Whose name stands there as the author, if it is not the committer's. */
  readonly author?: Pick<Committer, 'name' | 'email'>;
}

/** Real people with real keys. Close it after the tests. */
export class Cast {
  readonly ssh = new SshWorkshop();
  readonly gpg = new GpgWorkshop();
  readonly ada = this.person('Ada', 'ssh');
  readonly grace = this.person('Grace', 'openpgp');
  readonly bob = this.person('Bob', 'ssh');
  readonly mallory = this.person('Mallory', 'ssh');

  person(name: string, kind: 'ssh' | 'openpgp'): Committer {
    const email = `${name.toLowerCase()}@example.com`;
    return kind === 'ssh'
      ? { name, email, ssh: this.ssh.key('ed25519') }
      : { name, email, openpgp: this.gpg.key(`${name} <${email}>`, 'ed25519') };
  }

  /** A manifest of a team of these people, with their keys. */
  team(name: string, ...members: readonly Committer[]): string {
    const listed = members.map((member) => ({
      name: member.name,
      emails: [member.email],
      signingKeys: [
        member.ssh ? { ssh: member.ssh.line } : { openpgp: this.gpg.exported(member.openpgp as string) },
      ],
    }));
    return manifest('Team', name, { members: listed });
  }

  /** Signs the bytes of a commit object, as Git has it done. */
  signer(by: Committer): (payload: Uint8Array) => Promise<string> {
    const at = Math.floor(Date.now() / 1000);
    return async (payload) =>
      by.ssh ? this.ssh.sign(by.ssh, payload) : this.gpg.sign(by.openpgp as string, payload, { at });
  }

  close(): void {
    this.ssh.close();
    this.gpg.close();
  }
}

/** A registry in which they commit with real git. */
export class SignedRegistry {
  readonly path: string;
  readonly cast: Cast;

  constructor(path: string, cast: Cast) {
    this.path = path;
    this.cast = cast;
    mkdirSync(path, { recursive: true });
    this.#run(cast.ada, ['init', '-q', '-b', 'main']);
  }

  /** Runs git here as somebody. */
  git(...command: string[]): string {
    return this.#run(this.cast.ada, command);
  }

  commit(by: Committer, files: Readonly<Record<string, string | null>>, wishes: CommitWishes = {}): string {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.path, name);
      if (content === null) rmSync(path, { force: true });
      else {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, content);
      }
    }
    this.#run(by, ['add', '-A']);
    const sign = wishes.unsigned ? ['--no-gpg-sign'] : ['-S'];
    const author = wishes.author ?? by;
    this.#run(
      by,
      [
        'commit',
        '-q',
        '--allow-empty',
        ...sign,
        '-m',
        wishes.message ?? 'change',
        `--author=${author.name} <${author.email}>`,
      ],
      wishes,
    );
    return this.head();
  }

  /** Merges a branch as Git does, into the one that is checked out. */
  merge(by: Committer, branch: string, wishes: CommitWishes = {}): string {
    const sign = wishes.unsigned ? ['--no-gpg-sign'] : ['-S'];
    this.#run(by, ['merge', '-q', '--no-ff', ...sign, '-m', wishes.message ?? `merge ${branch}`, branch]);
    return this.head();
  }

  head(): string {
    return this.git('rev-parse', 'HEAD');
  }

  #run(by: Committer, command: readonly string[], { signedBy = by, time }: CommitWishes = {}): string {
    const date: Record<string, string> =
      time === undefined ? {} : { GIT_AUTHOR_DATE: `${time} +0000`, GIT_COMMITTER_DATE: `${time} +0000` };
    const format = signedBy.ssh ? 'ssh' : 'openpgp';
    const key = signedBy.ssh ? `${signedBy.ssh.path}.pub` : (signedBy.openpgp as string);
    const environment = {
      GIT_AUTHOR_NAME: by.name,
      GIT_AUTHOR_EMAIL: by.email,
      GIT_COMMITTER_NAME: by.name,
      GIT_COMMITTER_EMAIL: by.email,
      GNUPGHOME: this.cast.gpg.home,
      ...date,
    };
    return this.cast.ssh
      .run(
        'git',
        ['-C', this.path, '-c', `gpg.format=${format}`, '-c', `user.signingKey=${key}`, ...command],
        undefined,
        environment,
      )
      .toString()
      .trim();
  }
}

export function manifest(kind: string, name: string, spec: unknown): string {
  return `${JSON.stringify({ apiVersion: 'switchyard/v1', kind, metadata: { name }, spec }, undefined, 2)}\n`;
}

/** platform.yaml with these demands. */
export function platform(admission: object | undefined, others: readonly string[] = []): string {
  const options = admission === undefined ? {} : { options: { admission } };
  const plugins = [...others.map((name) => ({ name })), { name: 'policies', ...options }];
  return manifest('Platform', 'platform', { plugins });
}
