/**
 * - `NoSpace`: the disk, or the user's quota, is full.
 * - `NotWritable`: the folder may only be read.
 * - `Truncated`: the source ended before the declared size. Fetching again may help.
 * - `TooLarge`: the source has more than the declared size.
 * - `DigestMismatch`: as many bytes as declared, but others.
 * - `DiskFailed`: the disk answered something else; `cause` says what.
 */
export type ContentCacheProblem =
  | 'NoSpace'
  | 'NotWritable'
  | 'Truncated'
  | 'TooLarge'
  | 'DigestMismatch'
  | 'DiskFailed';

/** Why content did not get into the cache. Errors of the source itself are passed on as they are. */
export class ContentCacheError extends Error {
  override readonly name = 'ContentCacheError';
  readonly problem: ContentCacheProblem;
  /** The cache's folder. */
  readonly folder: string;

  constructor(problem: ContentCacheProblem, folder: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.problem = problem;
    this.folder = folder;
  }
}

/** Names what the file system answered. */
export function diskError(error: unknown, folder: string, bytes: number): ContentCacheError {
  const { code = 'unknown', message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new ContentCacheError('NoSpace', folder, `no space left for ${bytes} bytes in ${folder}`, error);
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new ContentCacheError('NotWritable', folder, `${folder} cannot be written (${code})`, error);
    default:
      return new ContentCacheError('DiskFailed', folder, `${folder}: ${message}`, error);
  }
}
