import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  noSigningKey,
  signingAgentMissing,
  signingFailed,
  signingKeyLocked,
  signingKeyMissing,
} from './errors.ts';
import { type Config, expandHome } from './personal-config.ts';
import { type ProgramResult, runSigningProgram } from './signing-program.ts';

export interface SigningPlace {
  readonly config: Config;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly isInteractive: boolean;
  readonly tell?: (text: string) => void;
}

/** An SSH key as Git's settings name it: a file, or a public key whose private one an agent holds. */
export type SshKey =
  | { readonly file: string; readonly literal?: undefined }
  | { readonly literal: string; readonly file?: undefined };

/** The key of `user.signingKey`, or else what `gpg.ssh.defaultKeyCommand` answers. Throws `NoSigningKey` and the like. */
export async function findSshKey(place: SigningPlace): Promise<SshKey> {
  const { config, environment, folder } = place;
  const configured = config.get('user.signingkey');
  if (configured !== undefined && configured !== '') {
    const literal = literalKey(configured);
    if (literal !== undefined) return { literal };
    const file = resolve(folder, expandHome(configured, environment));
    await access(file).catch(() => {
      throw signingKeyMissing(file, 'there is no such file');
    });
    return { file };
  }
  const command = config.get('gpg.ssh.defaultkeycommand');
  if (command === undefined) throw noSigningKey('ssh');
  const literal = literalKey(await firstLine(command, place));
  if (literal === undefined) throw signingFailed(command, 'gpg.ssh.defaultKeyCommand answered no key');
  return { literal };
}

/** Signs as `git commit -S` does, in the namespace `git`. */
export async function signWithSsh(key: SshKey, payload: Uint8Array, place: SigningPlace): Promise<string> {
  const program = place.config.get('gpg.ssh.program') ?? 'ssh-keygen';
  const folder = key.literal === undefined ? undefined : await mkdtemp(join(tmpdir(), 'signing-key-'));
  try {
    const file = key.file ?? join(folder!, 'key.pub');
    if (key.literal !== undefined) await writeFile(file, `${key.literal}\n`, { mode: 0o600 });
    const agent = key.literal === undefined ? [] : ['-U'];
    const command = ['-Y', 'sign', '-n', 'git', '-f', file, ...agent];
    const tell = (text: string) => {
      const wanted = text.replace(/^Signing data on standard input\r?\n/m, '');
      if (wanted !== '') place.tell?.(wanted);
    };
    const result = await runSigningProgram({ ...place, tell, program, arguments: command, input: payload });
    if (result.status === 0 && result.stdout.includes('-----BEGIN SSH SIGNATURE-----')) return result.stdout;
    throw await explain(result, program, key, place);
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function explain(
  result: ProgramResult,
  program: string,
  key: SshKey,
  { environment }: SigningPlace,
): Promise<Error> {
  const { stderr, timedOut } = result;
  const name = key.file ?? shortly(key.literal);
  if (/incorrect passphrase|bad passphrase/i.test(stderr)) return signingKeyLocked(name, sshHint);
  const wantsAgent = /agent|No private key found for public key/i.test(stderr);
  if (wantsAgent && !(await answers(environment.SSH_AUTH_SOCK))) return signingAgentMissing(name);
  if (/Couldn't find key in agent|No private key found for public key/i.test(stderr))
    return signingKeyMissing(name, 'neither a file nor the SSH agent holds its private key');
  if (/Couldn't load public key|invalid format|error in libcrypto/i.test(stderr))
    return signingKeyMissing(name, 'it is no SSH key');
  if (timedOut)
    return signingFailed(program, 'it waited for an answer, and there is no terminal to give one');
  return signingFailed(program, lastLines(stderr));
}

const sshHint =
  'Load it into an agent (ssh-add), or run this on a terminal, where it can ask for the passphrase.';

/** `key::ssh-ed25519 AAAA…`, or the key without the prefix. */
function literalKey(text: string): string | undefined {
  const literal = /^(?:key::\s*(.+)|((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-\S+ .+))$/.exec(text.trim());
  return literal?.[1] ?? literal?.[2];
}

/** Type and the end of a public key: enough to know it by. */
function shortly(literal: string): string {
  const [type = '', body = ''] = literal.split(/\s+/);
  return `${type} …${body.slice(-12)}`;
}

async function firstLine(command: string, place: SigningPlace): Promise<string> {
  const [program = '', ...words] = splitWords(command);
  const run = { ...place, program, arguments: words, input: new Uint8Array() };
  const { status, stdout, stderr } = await runSigningProgram(run);
  if (status !== 0) throw signingFailed(command, `gpg.ssh.defaultKeyCommand failed: ${lastLines(stderr)}`);
  return stdout.split('\n', 1)[0] ?? '';
}

/** Words as Git splits a command that it runs without a shell: by space, with quotes and backslashes. */
export function splitWords(command: string): string[] {
  const words: string[] = [];
  for (const [word] of command.matchAll(/(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/gs)) {
    const plain = word.replace(
      /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs,
      (_, single, double, escaped) => single ?? double?.replace(/\\(.)/gs, '$1') ?? escaped,
    );
    words.push(plain);
  }
  return words;
}

/** Whether something listens at the agent's socket. */
async function answers(socket: string | undefined): Promise<boolean> {
  if (!socket) return false;
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

export function lastLines(stderr: string): string {
  return stderr.split('\n').filter(Boolean).slice(-4).join(' ').slice(-400) || 'it said nothing';
}
