/** What a check found. */

/**
 * `ok`; `warning`: something is other than it was, and not enough of it; `breached`; `inconclusive`: too little to judge by; `noData`:
 * nothing at all; `error`: it could not be judged.
 */
export type RunStatus = 'ok' | 'warning' | 'breached' | 'inconclusive' | 'noData' | 'error';

/** What one part of a monitor found: drift, quality, performance. */
export interface PartVerdict {
  readonly status: RunStatus;
  /** Stable PascalCase: people write alerts on it. */
  readonly reason: string;
  readonly message: string;
  /** Figures that every look at the monitor shows: small, JSON. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** All that was found; bounded, JSON. Kept of the last check alone. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface CheckedWindow {
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
  /** How many rows it held, where a part counted them. */
  readonly rows: number | null;
}

export interface Verdict {
  /** The check's own name: when it was due, as RFC 3339. */
  readonly run: string;
  /** RFC 3339. */
  readonly at: string;
  readonly milliseconds: number;
  readonly window: CheckedWindow;
  readonly version: string;
  readonly status: RunStatus;
  readonly reason: string;
  readonly message: string;
  readonly parts: Readonly<Record<string, PartVerdict>>;
}

/** The worst of them speaks for all. */
const ranks: readonly RunStatus[] = ['breached', 'error', 'warning', 'inconclusive', 'ok', 'noData'];

export function worstOf(parts: Readonly<Record<string, PartVerdict>>): PartVerdict {
  const [worst] = Object.values(parts).sort(
    (one, other) => ranks.indexOf(one.status) - ranks.indexOf(other.status),
  );
  return worst ?? nothing('noData', 'NothingDeclared', 'the monitor declares nothing to look at');
}

/** A verdict that has nothing to show. */
export function nothing(status: RunStatus, reason: string, message: string): PartVerdict {
  return { status, reason, message, facts: {}, details: {} };
}
