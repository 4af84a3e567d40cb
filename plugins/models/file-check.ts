import { createHash } from 'node:crypto';
import type { Attachment, Host } from '../../core/plugin.ts';
import { type LfsPointer, largestPointer, parsePointer } from '../../libraries/git-lfs/index.ts';

export interface DeclaredFile {
  readonly digest: string;
  readonly size: number;
}

/** What a blob was found to be. A blob never changes, so that this holds for ever. */
export interface Measured {
  readonly blob: string;
  readonly digest: string;
  readonly size: number;
  /** What it stands for, where it is a Git LFS pointer. */
  readonly lfs: LfsPointer | null;
}

export interface FileProblem {
  readonly reason: 'LfsPointer' | 'SizeMismatch' | 'DigestMismatch';
  readonly message: string;
}

/** Reads a file of the registry once, in pieces: its size, its SHA-256, and whether it is only a Git LFS pointer. */
export async function measure(
  readBlob: Host['readBlob'],
  blob: string,
  signal: AbortSignal,
): Promise<Measured> {
  const hash = createHash('sha256');
  let size = 0;
  let head = Buffer.alloc(0);
  for await (const piece of readBlob(blob)) {
    signal.throwIfAborted();
    hash.update(piece);
    size += piece.byteLength;
    if (size <= largestPointer) head = Buffer.concat([head, piece]);
  }
  const lfs = size <= largestPointer ? (parsePointer(head.toString('utf8')) ?? null) : null;
  return { blob, digest: `sha256:${hash.digest('hex')}`, size, lfs };
}

/** Compares what a file is, or what it stands for, with what its manifest says. */
export function problemOf(
  file: Attachment,
  { lfs, ...own }: Measured,
  declared: DeclaredFile,
): FileProblem | undefined {
  const found = lfs === null ? own : { size: lfs.size, digest: `sha256:${lfs.oid}` };
  if (found.size === declared.size && found.digest === declared.digest) return undefined;
  if (lfs !== null) {
    return {
      reason: 'LfsPointer',
      message: `${file.path} is a Git LFS pointer to ${found.digest} of ${lfs.size} bytes, but its manifest says ${declared.digest} of ${declared.size}`,
    };
  }
  if (found.size !== declared.size) {
    return {
      reason: 'SizeMismatch',
      message: `${file.path} has ${found.size} bytes, but its manifest says ${declared.size}`,
    };
  }
  return {
    reason: 'DigestMismatch',
    message: `${file.path} is ${found.digest}, but its manifest says ${declared.digest}`,
  };
}
