/** What the storage answered, or why there was no answer. Holds no credential. */
export class ObjectStorageError extends Error {
  override readonly name = 'ObjectStorageError';
  /** Of HTTP; absent where nobody answered. */
  readonly status: number | undefined;
  /** As the storage names it: `NoSuchBucket`, `AccessDenied`; or as the system does: `ECONNREFUSED`. */
  readonly code: string;

  constructor(code: string, message: string, status?: number, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.status = status;
  }

  /** Whether there is no such object. A bucket that is not there is another matter. */
  get isMissing(): boolean {
    return this.status === 404 && this.code !== 'NoSuchBucket';
  }
}

const longest = 300;

/** From the body of an answer that is none of success. */
export function errorIn(status: number, body: string): ObjectStorageError {
  const code =
    /<Code>([\w.]{1,100})<\/Code>/.exec(body)?.[1] ?? (status === 404 ? 'NoSuchKey' : `Http${status}`);
  const [, said = ''] = /<Message>([^<]*)<\/Message>/.exec(body) ?? [];
  const message = said.replaceAll(/\p{Cc}+/gu, ' ').slice(0, longest);
  return new ObjectStorageError(code, message === '' ? `${code} (${status})` : `${code}: ${message}`, status);
}

/** From what the system says where nobody answered. */
export function unreachable(error: unknown, host: string): ObjectStorageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = message || code || 'the connection ended';
  return new ObjectStorageError(code ?? 'NoAnswer', `${host} gives no answer: ${reason}`, undefined, error);
}
