/** Why a request got no answer that anything could be done with. */
export interface Trouble {
  /** `GET https://api.github.com/repos/acme/registry/pulls`, without a query. */
  readonly where: string;
  readonly reason: string;
  /** True where asking again will not help. */
  readonly isLasting: boolean;
  /** Milliseconds to wait, where the server said so. */
  readonly retryAfterMs?: number;
}

export class TroubleError extends Error implements Trouble {
  readonly where: string;
  readonly reason: string;
  readonly isLasting: boolean;
  readonly retryAfterMs?: number;

  constructor(trouble: Trouble) {
    super(`${trouble.where}: ${trouble.reason}`);
    this.where = trouble.where;
    this.reason = trouble.reason;
    this.isLasting = trouble.isLasting;
    if (trouble.retryAfterMs !== undefined) this.retryAfterMs = trouble.retryAfterMs;
  }
}

export function unanswered(trouble: Trouble): Error {
  return new TroubleError(trouble);
}

/** Redirects, and what else is no answer to what was asked. */
export function unfit(status: number): boolean {
  return status >= 300 && status < 400;
}
