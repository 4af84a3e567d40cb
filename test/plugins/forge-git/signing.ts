import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sign } from '../../../core/capabilities/forge.ts';
import { cleanEnvironment } from '../../fixtures/git-repository.ts';

export interface SigningKey {
  /** A line of `allowed_signers`. */
  readonly allowed: string;
  readonly sign: Sign;
}

/** A real key of ssh-keygen, which signs as `git commit -S` does. */
export function makeKey(folder: string, email: string): SigningKey {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, email);
  run(['-q', '-t', 'ed25519', '-N', '', '-C', email, '-f', path]);
  const line = readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  let count = 0;
  return {
    allowed: `${email} namespaces="git" ${line}\n`,
    async sign(payload) {
      const file = join(folder, `${email}.${++count}.payload`);
      writeFileSync(file, payload);
      run(['-q', '-Y', 'sign', '-n', 'git', '-f', path, file]);
      return readFileSync(`${file}.sig`, 'utf8');
    },
  };
}

function run(command: readonly string[]): void {
  execFileSync('ssh-keygen', command, { env: cleanEnvironment, stdio: ['ignore', 'pipe', 'pipe'] });
}
