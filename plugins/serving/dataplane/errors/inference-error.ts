/** What clients are refused with. They see `error` (the message), `code` and, where there is one, a hint. */
import { type ErrorDetails, SwitchyardError } from '../../../../core/plugin.ts';

/** An error that an HTTP answer is made from. */
export class InferenceError extends SwitchyardError {
  /** Seconds after which trying again makes sense: the `Retry-After` header, rounded up. */
  readonly retryAfter: number | undefined;
  /** The methods that the path does know: the `Allow` header. */
  readonly allow: string | undefined;
  /** What is wrong with each of several rows. */
  readonly rows: readonly RowError[] | undefined;

  constructor(
    code: string,
    status: number,
    message: string,
    details: ErrorDetails & {
      readonly retryAfter?: number;
      readonly allow?: string;
      readonly rows?: readonly RowError[];
    } = {},
  ) {
    super(code, message, { ...details, status });
    this.retryAfter = details.retryAfter;
    this.allow = details.allow;
    this.rows = details.rows;
  }
}

/** What is wrong with a row, as clients read it. */
export interface RowError {
  /** Position among the rows that were sent. */
  readonly row: number;
  readonly field?: string;
  readonly error: string;
  readonly hint?: string;
}
