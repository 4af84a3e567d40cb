/**
 * The one error class of Switchyard, and the kernel's own errors.
 *
 * An error says what happened, where, and what to do next. Its `code` is stable: people search for it, alert on
 * it and link to `docs/errors.md`. One code has one function. A plugin keeps its errors in its own `errors.ts`.
 */
export interface ErrorDetails {
  /** Where it happened: `models/fraud.yaml:12:3`, a URL without credentials, a resource. */
  readonly where?: string;
  /** What to do next, as a sentence. */
  readonly hint?: string;
  /** The HTTP status that fits, when it crosses an HTTP boundary. Default 500. */
  readonly status?: number;
  readonly cause?: unknown;
}

export class SwitchyardError extends Error {
  override readonly name = 'SwitchyardError';
  readonly code: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;
  readonly status: number;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.where = details.where;
    this.hint = details.hint;
    this.status = details.status ?? 500;
  }
}

/** The message of anything thrown, for a condition or a log line. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The stable code of anything thrown; `InternalError` where it carries none of ours. */
export function codeOf(thrown: unknown): string {
  return thrown instanceof SwitchyardError ? thrown.code : 'InternalError';
}
