const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Thrown for a text that is no duration. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
}

/** Milliseconds of `250ms`, `30s`, `5m`, `1h` or `7d`: a whole number and one unit. Throws `DurationError`. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  const unit = match?.[2];
  if (!match || !isUnit(unit)) {
    throw new DurationError(
      `"${text}" is not a duration: write a whole number and ms, s, m, h or d, as in 30s`,
    );
  }
  return Number(match[1]) * units[unit];
}

/** The shortest text that means these milliseconds: 600000 is `10m`. Parts of a millisecond are rounded up. */
export function formatDuration(milliseconds: number): string {
  const whole = Math.max(0, Math.ceil(milliseconds));
  if (whole === 0) return '0s';
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (whole % units[unit] === 0) return `${whole / units[unit]}${unit}`;
  }
  return `${whole}ms`;
}

function isUnit(text: string | undefined): text is keyof typeof units {
  return text !== undefined && Object.hasOwn(units, text);
}
