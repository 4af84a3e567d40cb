export interface GitErrorDetails {
  /** The place, without credentials. */
  readonly where?: string;
  /** What to do next. */
  readonly hint?: string;
  /** The HTTP status that fits. Default 500. */
  readonly status?: number;
  readonly cause?: unknown;
}

/** What this library throws: a stable PascalCase code, where, and what to do next. Never a credential. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly code: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;
  readonly status: number;

  constructor(code: string, message: string, details: GitErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.where = details.where;
    this.hint = details.hint;
    this.status = details.status ?? 500;
  }
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
