/** What the storage answered, or why there was no answer. Holds no credential. */
export class ObjectStorageError extends Error {
  override readonly name = 'ObjectStorageError';
  /** Of HTTP; absent where nobody answered. */
  readonly status: number | undefined;
  /** As the storage names it: `NoSuchBucket`, `AccessDenied`; or as the system does: `ECONNREFUSED`. */
  readonly code: string;
  /** Where the bucket is, as far as the storage says so. */
  readonly region: string | undefined;
  /** The storage's clock, in milliseconds since 1970, as far as it says it. */
  readonly itsTime: number | undefined;

  constructor(code: string, message: string, status?: number, cause?: unknown, told: ToldBeside = {}) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.region = told.region;
    this.itsTime = told.itsTime;
  }

  /** Whether there is no such object. A bucket that is not there is another matter. */
  get isMissing(): boolean {
    return this.status === 404 && this.code !== 'NoSuchBucket';
  }
}

/** What an answer says beside its code. */
export interface ToldBeside {
  readonly region?: string | undefined;
  readonly itsTime?: number | undefined;
}

const longest = 300;

/** From the body of an answer that is none of success. */
export function errorIn(
  status: number,
  body: string,
  headers: Readonly<Record<string, string | string[] | undefined>> = {},
): ObjectStorageError {
  const code =
    /<Code>([\w.]{1,100})<\/Code>/.exec(body)?.[1] ?? (status === 404 ? 'NoSuchKey' : `Http${status}`);
  const [, said = ''] = /<Message>([^<]*)<\/Message>/.exec(body) ?? [];
  const message = said.replaceAll(/\p{Cc}+/gu, ' ').slice(0, longest);
  const region = headers['x-amz-bucket-region'] ?? /<Region>([\w-]{1,40})<\/Region>/.exec(body)?.[1];
  const itsTime = Date.parse(String(headers.date));
  const told = {
    region: typeof region === 'string' && /^[\w-]{1,40}$/.test(region) ? region : undefined,
    itsTime: Number.isNaN(itsTime) ? undefined : itsTime,
  };
  const text = message === '' ? `${code} (${status})` : `${code}: ${message}`;
  return new ObjectStorageError(code, text, status, undefined, told);
}

/** From what the system says where nobody answered. */
export function unreachable(error: unknown, host: string): ObjectStorageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = message || code || 'the connection ended';
  return new ObjectStorageError(code ?? 'NoAnswer', `${host} gives no answer: ${reason}`, undefined, error);
}
