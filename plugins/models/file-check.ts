import { createHash } from 'node:crypto';
import type { Attachment, Host } from '../../core/plugin.ts';

export interface DeclaredFile {
  readonly digest: string;
  readonly size: number;
}

/** What a blob was found to be. A blob never changes, so that this holds for ever. */
export interface Measured {
  readonly blob: string;
  readonly digest: string;
  readonly size: number;
  readonly isLfsPointer: boolean;
}

export interface FileProblem {
  readonly reason: 'LfsPointer' | 'SizeMismatch' | 'DigestMismatch';
  readonly message: string;
}

const lfsMark = 'version https://git-lfs.github.com/spec/';
const largestPointer = 1024;

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
    if (head.length < lfsMark.length) head = Buffer.concat([head, piece.subarray(0, lfsMark.length)]);
  }
  const isLfsPointer = size <= largestPointer && head.toString('latin1').startsWith(lfsMark);
  return { blob, digest: `sha256:${hash.digest('hex')}`, size, isLfsPointer };
}

/** Compares what a file is with what its manifest says. */
export function problemOf(
  file: Attachment,
  measured: Measured,
  declared: DeclaredFile,
): FileProblem | undefined {
  if (measured.isLfsPointer) {
    return {
      reason: 'LfsPointer',
      message: `${file.path} is a Git LFS pointer, not the file itself: commit the file, or declare an http(s) URI where it lies`,
    };
  }
  if (measured.size !== declared.size) {
    return {
      reason: 'SizeMismatch',
      message: `${file.path} has ${measured.size} bytes, but its manifest says ${declared.size}`,
    };
  }
  if (measured.digest !== declared.digest) {
    return {
      reason: 'DigestMismatch',
      message: `${file.path} is ${measured.digest}, but its manifest says ${declared.digest}`,
    };
  }
  return undefined;
}
