/** What is signed: an in-toto statement that names a model's files and their digests. */
import { createHash } from 'node:crypto';
import { ModelSigningError } from './error.ts';

export const payloadType = 'application/vnd.in-toto+json';
const statementType = 'https://in-toto.io/Statement/v1';
const predicateType = 'https://model_signing/signature/v1.0';

/** A file of a model; the one file of a model that is no folder is called `.`. */
export interface SignedFile {
  /** Its path in the model's folder, with slashes. */
  readonly name: string;
  /** Hexadecimal. */
  readonly digest: string;
}

export interface Statement {
  /** The name of the folder or file that was signed; nothing depends on it. */
  readonly model: string;
  readonly hash: 'sha256' | 'blake2';
  readonly allowSymlinks: boolean;
  /** Paths in the folder that were left out, with all that is below them. */
  readonly ignoredPaths: readonly string[];
  readonly files: readonly SignedFile[];
}

/** The bytes to sign. */
export function writeStatement({ model, hash, allowSymlinks, ignoredPaths, files }: Statement): Buffer {
  const sorted = [...files].sort((one, other) => compare(one.name, other.name));
  const statement = {
    _type: statementType,
    subject: [{ name: model, digest: { sha256: rootOf(sorted) } }],
    predicateType,
    predicate: {
      serialization: {
        method: 'files',
        hash_type: hash,
        allow_symlinks: allowSymlinks,
        ...(ignoredPaths.length === 0 ? {} : { ignore_paths: ignoredPaths }),
      },
      resources: sorted.map(({ name, digest }) => ({ name, algorithm: hash, digest })),
    },
  };
  return Buffer.from(JSON.stringify(statement));
}

/** Reads bytes whose signature was verified. */
export function readStatement(payload: Uint8Array): Statement {
  const statement = record(parsed(payload));
  if (statement._type !== statementType) throw unreadable('it signs no in-toto statement');
  if (statement.predicateType !== predicateType)
    throw unreadable(
      `it signs a statement of the type ${shown(statement.predicateType)}, not ${predicateType}`,
    );
  const { serialization, resources } = record(statement.predicate);
  const {
    method,
    hash_type: hash,
    allow_symlinks: allowSymlinks,
    ignore_paths: ignored = [],
  } = record(serialization);
  if (method !== 'files')
    throw unreadable(`its files are hashed by ${shown(method)}, which is not known here`);
  if (hash !== 'sha256' && hash !== 'blake2')
    throw unreadable(`its files are hashed with ${shown(hash)}, which is not known here`);
  if (!Array.isArray(ignored) || !ignored.every((path) => typeof path === 'string'))
    throw unreadable('what it leaves out is no list of paths');
  if (!Array.isArray(resources)) throw unreadable('it names no files');
  const digits = hash === 'sha256' ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{128}$/;
  const files = resources.map(record).map(({ name, digest }): SignedFile => {
    if (typeof name !== 'string' || typeof digest !== 'string' || !digits.test(digest))
      throw unreadable('it names a file without its digest');
    return { name, digest };
  });
  if (new Set(files.map(({ name }) => name)).size !== files.length) throw unreadable('it names a file twice');
  const subjects = Array.isArray(statement.subject) ? statement.subject : [];
  const { name: model, digest } = record(subjects[0]);
  if (subjects.length !== 1 || record(digest).sha256 !== rootOf(files))
    throw unreadable('its files are not those that its subject stands for');
  return {
    model: typeof model === 'string' ? model : '',
    hash,
    allowSymlinks: allowSymlinks === true,
    ignoredPaths: ignored,
    files,
  };
}

/** One digest for all: of the digests in the order of the files. */
function rootOf(files: readonly SignedFile[]): string {
  const hash = createHash('sha256');
  for (const { digest } of files) hash.update(Buffer.from(digest, 'hex'));
  return hash.digest('hex');
}

/** By their steps, as the reference implementation sorts: `a/b` before `a.txt`. */
function compare(one: string, other: string): number {
  const [mine, theirs] = [one.split('/'), other.split('/')];
  for (const [index, step] of mine.entries()) {
    const their = theirs[index];
    if (their === undefined) return 1;
    if (step !== their) return Buffer.compare(Buffer.from(step), Buffer.from(their));
  }
  return mine.length - theirs.length;
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    throw unreadable('what it signs is no JSON');
  }
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

export function unreadable(reason: string): ModelSigningError {
  return new ModelSigningError('BundleUnreadable', reason);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value.replaceAll(/\p{Cc}/gu, ' ').slice(0, 80)}"` : 'something';
}
