import type { CategoryProfile } from '../category-column.ts';
import type { NumberProfile } from '../number-column.ts';
import type { ColumnProfile } from '../profile.ts';
import type { ExpectedColumn, QualityFinding, QualityRule, QualityStatus } from './finding.ts';
import { boundsInWords, rowsInWords, timeOf } from './row-rules.ts';

/** What a dataset promises of one column, held against its profile. `repeated`: rows that repeat a value, where somebody counted. */
export function columnFindings(
  expected: ExpectedColumn,
  column: ColumnProfile | undefined,
  repeated: number | undefined,
): readonly QualityFinding[] {
  const findings: QualityFinding[] = [];
  const say = (rule: QualityRule, wanted: string, found: string, status: QualityStatus | boolean) => {
    const judged = typeof status === 'boolean' ? (status ? 'pass' : 'fail') : status;
    findings.push({ column: expected.name, rule, expected: wanted, found, status: judged });
  };
  if (column === undefined) {
    say('present', 'a column of this name', 'none', false);
    return findings;
  }
  say('present', 'a column of this name', 'there', true);
  const { rows, missing } = column;
  if (rows === 0) return findings;

  const most = expected.maxMissing ?? (expected.nullable === true ? 100 : 0);
  const share = `${missing} of ${rows} rows (${percent(missing, rows)} %)`;
  say(
    'missing',
    most === 0 ? 'none missing' : `at most ${most} % missing`,
    share,
    missing * 100 <= most * rows,
  );
  if (missing === rows) return findings;

  const type = typeOf(expected.type, column);
  say('type', `each value ${article(expected.type)}`, type.found, type.status);
  if (column.type === 'number') {
    const { infinite, least, most: greatest } = column;
    if (infinite > 0) say('finite', 'no infinite value', `${infinite} infinite`, false);
    if (expected.min !== undefined || expected.max !== undefined) {
      const range = boundsInWords(expected.min, expected.max);
      if (least === null || greatest === null) say('range', range, 'no finite number', 'unknown');
      else {
        const isWithin = least >= (expected.min ?? least) && greatest <= (expected.max ?? greatest);
        say('range', range, `${least} to ${greatest}`, isWithin);
      }
    }
  }
  if (expected.categories !== undefined && column.type === 'category') {
    const { found, status } = strangers(column, expected.categories);
    say('categories', `one of ${expected.categories.length} categories`, found, status);
  }
  if (expected.unique === true) {
    const { found, status } = uniqueness(column, repeated);
    say('unique', 'each value once', found, status);
  }
  return findings;
}

interface Judged {
  readonly found: string;
  readonly status: QualityStatus;
}

function typeOf(type: ExpectedColumn['type'], column: ColumnProfile): Judged {
  if (type === 'number' || type === 'integer') {
    return column.type === 'number' ? numbersOf(type, column) : { found: 'texts', status: 'fail' };
  }
  if (type === 'string') return { found: column.type === 'number' ? 'numbers' : 'texts', status: 'pass' };
  const isOne = type === 'boolean' ? isBoolean : (text: string) => timeOf(text) !== undefined;
  const texts =
    column.type === 'category' ? textsOf(column) : (column.distinct ?? []).map(([value]) => String(value));
  if (column.type === 'number' && column.distinct === undefined)
    return { found: 'numbers of more than 32 values', status: 'fail' };
  const wrong = texts.filter((text) => !isOne(text));
  if (wrong.length > 0) return { found: `others, such as ${listed(wrong)}`, status: 'fail' };
  const isWhole = column.type === 'number' || isComplete(column);
  // Of many texts a profile keeps the most frequent ones: what is rare may be anything.
  return isWhole
    ? { found: article(type), status: 'pass' }
    : { found: `${article(type)} in the ${texts.length} most frequent ones`, status: 'pass' };
}

function numbersOf(type: 'number' | 'integer', { unreadable, fractional }: NumberProfile): Judged {
  if (unreadable > 0) return { found: `${unreadable} that are no number`, status: 'fail' };
  if (type === 'number') return { found: 'numbers', status: 'pass' };
  if (fractional === undefined)
    return { found: 'numbers, and nobody counted those that are not whole', status: 'unknown' };
  return fractional > 0
    ? { found: `${fractional} that are not whole`, status: 'fail' }
    : { found: 'whole numbers', status: 'pass' };
}

function strangers(column: CategoryProfile, categories: readonly string[]): Judged {
  const allowed = new Set(categories);
  const wrong = textsOf(column).filter((text) => !allowed.has(text));
  const counts = new Map(column.levels);
  const rows = wrong.reduce((sum, text) => sum + (counts.get(text) ?? 0), 0);
  if (wrong.length > 0)
    return {
      found: `${rows === 0 ? '' : `${rowsInWords(rows)} of `}${listed(wrong)}`,
      status: 'fail',
    };
  if (isComplete(column)) return { found: 'these alone', status: 'pass' };
  // More different texts than categories: some of them are others, whichever.
  if (column.distinct > categories.length)
    return { found: `${column.distinct} different texts`, status: 'fail' };
  return { found: `${column.others} rows of texts that the profile does not name`, status: 'unknown' };
}

function uniqueness(column: ColumnProfile, repeated: number | undefined): Judged {
  const of = (count: number): Judged => ({
    found: count === 0 ? 'no value twice' : `${rowsInWords(count)} with a value that stands twice`,
    status: count === 0 ? 'pass' : 'fail',
  });
  if (repeated !== undefined) return of(repeated);
  const there = column.rows - column.missing;
  if (column.type === 'category') {
    const twice = column.levels.some(([, count]) => count > 1);
    if (column.distinct === there) return of(0);
    return twice && isComplete(column)
      ? of(there - column.distinct)
      : {
          found: twice ? 'values that repeat' : `at least ${column.distinct} of ${there}`,
          status: twice ? 'fail' : 'unknown',
        };
  }
  if (column.distinct === undefined) return { found: 'more values than a profile counts', status: 'unknown' };
  return of(there - column.unreadable - column.infinite - column.distinct.length);
}

/** Those that are named: with a count, or as ones that the reference did not have. */
function textsOf({ levels, unseen = [] }: CategoryProfile): readonly string[] {
  return [...levels.flatMap(([text, count]) => (count > 0 ? [text] : [])), ...unseen];
}

/** Whether each text is named. */
function isComplete(column: CategoryProfile): boolean {
  return column.others === 0 || textsOf(column).length >= column.distinct;
}

function isBoolean(text: string): boolean {
  return /^(?:true|false|0|1)$/i.test(text);
}

function article(type: ExpectedColumn['type']): string {
  if (type === 'integer') return 'a whole number';
  if (type === 'date') return 'an ISO 8601 date';
  if (type === 'boolean') return 'true or false';
  return type === 'string' ? 'a text' : 'a number';
}

function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, 3).map((text) => JSON.stringify(text));
  return texts.length > shown.length
    ? `${shown.join(', ')} and ${texts.length - shown.length} more`
    : shown.join(', ');
}

function percent(part: number, whole: number): number {
  return Number(((100 * part) / whole).toPrecision(3));
}
