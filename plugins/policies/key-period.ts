/** The time in which a key counts, as teams write it. */
export interface WrittenPeriod {
  readonly validAfter?: string;
  readonly validBefore?: string;
}

/**
 * The moment of `2026-01-01` (its beginning, UTC) or `2026-01-01T12:00:00Z`, as allowed_signers writes it:
 * `20260101120000Z`. Undefined for a day that no calendar has, and for 1970 and before.
 */
export function signersTime(text: string): string | undefined {
  const full = text.length === 10 ? `${text}T00:00:00Z` : text;
  const time = new Date(full);
  if (Number.isNaN(time.getTime()) || time.getTime() <= 0) return undefined;
  // 30 February is read as a day in March.
  if (`${time.toISOString().slice(0, 19)}Z` !== full) return undefined;
  return `${full.replaceAll(/[-:TZ]/g, '')}Z`;
}
