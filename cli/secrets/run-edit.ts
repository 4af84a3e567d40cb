import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { resealFile, sealFile } from '../../libraries/sops/index.ts';
import type { EditOptions } from '../commands/secrets.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { printable, type Terminal } from '../terminal.ts';
import { creationOf } from './creation-rules.ts';
import { newPlaintext } from './run-set.ts';
import {
  findSecretFile,
  isSealed,
  openSecretFile,
  type SecretFile,
  tellingWhere,
  writeSecretFile,
} from './secret-file.ts';

/** Decrypts a file for the editor of the person, and encrypts what they made of it. A plain or a new one is encrypted. */
export async function runEdit(named: string, options: EditOptions, terminal: Terminal): Promise<number> {
  const found = await findSecretFile(named, terminal);
  const isNew = found.text === undefined;
  const file: SecretFile = isNew ? { ...found, isManifest: found.format === 'yaml' } : found;
  const opened = isSealed(file) ? await openSecretFile(file, terminal) : undefined;
  // Whom it is for must be known before somebody writes.
  const creation = opened === undefined ? await creationOf(file, options.recipient) : undefined;
  const before = opened?.plaintext ?? file.text ?? newPlaintext(file);

  const sealed = await inPrivateFolder(async (folder) => {
    const draft = join(folder, `secret.${file.format}`);
    await writeFile(draft, before, { mode: 0o600 });
    for (;;) {
      await openEditor(draft, terminal);
      const after = await readFile(draft, 'utf8');
      if (after === before && (opened !== undefined || isNew)) return undefined;
      try {
        return await tellingWhere(file.shown, () =>
          opened === undefined || creation !== undefined
            ? sealFile(after, { ...(creation ?? { groups: [] }), format: file.format, now: Date.now() })
            : resealFile(opened, after, Date.now()),
        );
      } catch (error) {
        if (!terminal.interactive) throw error;
        terminal.err(
          `${printable(messageOf(error))}: the editor opens again (leave it unchanged to give up)\n`,
        );
        if ((await readFile(draft, 'utf8')) === before) throw error;
      }
    }
  });
  if (sealed === undefined) {
    terminal.err(`${file.shown}: nothing changed\n`);
    return exitCodes.success;
  }
  await writeSecretFile(file, sealed);
  terminal.err(`${file.shown}: encrypted\n`);
  return exitCodes.success;
}

/** In memory where there is a place for that: a disk remembers. Only this user may look, and nothing stays. */
async function inPrivateFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const memory = await stat('/dev/shm').then(
    (found) => found.isDirectory(),
    () => false,
  );
  const folder = await mkdtemp(join(memory ? '/dev/shm' : tmpdir(), 'switchyard-secret-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function openEditor(path: string, { environment, signal }: Terminal): Promise<void> {
  const editor = environment.SOPS_EDITOR || environment.VISUAL || environment.EDITOR || 'vi';
  const env = { ...process.env, ...environment } as NodeJS.ProcessEnv;
  const child = spawn('/bin/sh', ['-c', `${editor} "$0"`, path], { stdio: 'inherit', env, signal });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  if (status !== 0) {
    throw usageError(
      `the editor ended with status ${status}: nothing was changed`,
      'Set EDITOR to one that there is.',
    );
  }
}
