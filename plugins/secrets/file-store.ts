import { open, realpath } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import { type SecretStore, SecretValue } from '../../core/capabilities/secret-store.ts';
import {
  secretMissing,
  secretPlaceInvalid,
  secretRefused,
  secretStoreUnreachable,
} from '../../core/capabilities/secret-store-errors.ts';
import { textsOf } from './place.ts';

/** Bytes of a value: a key ring is smaller, and what is larger is no secret of ours. */
const largest = 1024 * 1024;

/** Mounted files are replaced without a word; to look is cheap. */
const lookAgain = 5_000;

/** Reads files below one folder: those that Kubernetes and Docker mount there. One line break at the end is no part of a value. */
export function fileStore(folder: string): SecretStore {
  return {
    async read({ place }, signal) {
      const values = new Map<string, SecretValue>();
      for (const [key, path] of textsOf(place, 'file', 'files')) {
        signal.throwIfAborted();
        values.set(key, new SecretValue(await textOf(folder, path)));
      }
      return { values, checkAfter: lookAgain };
    },
  };
}

async function textOf(folder: string, path: string): Promise<string> {
  const place = normalize(path);
  if (path.startsWith('/') || place.split(sep).includes('..') || path.includes('\0')) {
    throw secretPlaceInvalid(
      path,
      'the file is not below the folder of secrets',
      'Write its path from there.',
    );
  }
  const text = await read(folder, place);
  return text.replace(/\r?\n$/, '');
}

async function read(folder: string, place: string): Promise<string> {
  const where = join(folder, place);
  try {
    // Kubernetes mounts links, all within the folder; one that leads out of it would read any file of the machine.
    const [root, real] = await Promise.all([realpath(folder), realpath(where)]);
    if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) throw outside(where);
    const file = await open(real, 'r');
    try {
      const { size } = await file.stat();
      if (size > largest) throw secretPlaceInvalid(where, `the file has more than ${largest} bytes`);
      return new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    throw explained(error, where);
  }
}

function outside(where: string): Error {
  return secretRefused(
    where,
    'the file is a link that leads out of the folder of secrets',
    'Put the file itself there.',
  );
}

function explained(error: unknown, where: string): unknown {
  const { code } = error as { readonly code?: unknown };
  if (error instanceof TypeError) return secretPlaceInvalid(where, 'the file is not UTF-8 text');
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return secretMissing(where, 'there is no such file', 'Mount it, or correct spec.store.file.files.');
    case 'EISDIR':
      return secretPlaceInvalid(where, 'it is a folder', 'Name a file in it for each key.');
    case 'EACCES':
    case 'EPERM':
      return secretRefused(where, 'the platform may not read the file', 'Give its user the right to.');
    case 'SecretPlaceInvalid':
    case 'SecretRefused':
      return error;
    default:
      return secretStoreUnreachable(where, `reading failed (${String(code)})`, error);
  }
}
