import type { Profile } from '../profile.ts';
import type { Expectations, QualityFinding } from './finding.ts';

/** Promises about all rows: how many there are, and how old the newest is. */
export function rowFindings(
  profile: Profile,
  { rows, freshness }: Expectations,
  now: number,
): readonly QualityFinding[] {
  const findings: QualityFinding[] = [];
  if (rows?.min !== undefined || rows?.max !== undefined) {
    const isWithin =
      profile.rows >= (rows.min ?? 0) && profile.rows <= (rows.max ?? Number.POSITIVE_INFINITY);
    findings.push({
      column: null,
      rule: 'volume',
      expected: `${boundsInWords(rows.min, rows.max)} rows`,
      found: rowsInWords(profile.rows),
      status: isWithin ? 'pass' : 'fail',
    });
  }
  if (freshness !== undefined) findings.push(freshnessFinding(profile, freshness, now));
  return findings;
}

export function rowsInWords(count: number): string {
  return `${count} ${count === 1 ? 'row' : 'rows'}`;
}

export function boundsInWords(min: number | undefined, max: number | undefined): string {
  if (min === undefined) return `up to ${max}`;
  return max === undefined ? `from ${min}` : `from ${min} to ${max}`;
}

function freshnessFinding(
  { columns }: Profile,
  { column, maxAgeMs }: NonNullable<Expectations['freshness']>,
  now: number,
): QualityFinding {
  const expected = `a row that is at most ${ageInWords(maxAgeMs)} old`;
  const judged = (found: string, status: QualityFinding['status']): QualityFinding => ({
    column,
    rule: 'freshness',
    expected,
    found,
    status,
  });
  const profiled = columns.find(({ name }) => name === column);
  if (profiled === undefined) return judged('no such column', 'fail');
  if (profiled.rows === profiled.missing) return judged('no value', 'fail');
  if (profiled.type === 'number') return judged('numbers, which are no dates', 'fail');
  if (profiled.last === undefined) return judged('a profile that does not know its newest value', 'unknown');
  const newest = timeOf(profiled.last);
  if (newest === undefined) return judged(`${JSON.stringify(profiled.last)}, which is no date`, 'fail');
  const age = Math.max(0, now - newest);
  return judged(`${profiled.last}: ${ageInWords(age)} old`, age <= maxAgeMs ? 'pass' : 'fail');
}

const isoDate = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** Milliseconds since 1970; undefined for what is no ISO 8601 date. A time without a zone is in UTC. */
export function timeOf(text: string): number | undefined {
  if (!isoDate.test(text)) return undefined;
  const zoned = text.length > 10 && !/(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text;
  const time = Date.parse(zoned.replace(' ', 'T'));
  // The engine takes 30 February for 2 March.
  const isThere = new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(text.slice(8, 10));
  return Number.isFinite(time) && isThere ? time : undefined;
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

function ageInWords(milliseconds: number): string {
  for (const [unit, size] of units) {
    if (milliseconds < size && unit !== 'second') continue;
    const count = Number((milliseconds / size).toFixed(unit === 'day' ? 0 : 1));
    return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  return '0 seconds';
}
