import { type Node, parse, SyntaxProblem } from '../../../libraries/expr-lang/index.ts';
import { type AskedFor, asOneNumber } from './one-number.ts';
import { toCel } from './to-cel.ts';
import { Untranslatable } from './untranslatable.ts';
import { type Absence, outcomeWithout } from './without-data.ts';

/** What `result` is: the number of a query, or what was found in a JSON document. */
export type ResultShape = 'number' | 'document';

export interface Conditions {
  readonly successCondition?: string | undefined;
  readonly failureCondition?: string | undefined;
}

export interface Translated {
  readonly conditions: Conditions;
  /** What it means when there is nothing to measure, where both conditions tell. */
  readonly noData?: 'fail' | 'pass';
  /** What means another thing here than there. */
  readonly remarks: readonly string[];
}

/** Translates the conditions of a metric from expr-lang into CEL. Throws `Untranslatable`. */
export function translateConditions(written: Conditions, shape: ResultShape): Translated {
  const remarks = new Set<string>();
  const success = read('successCondition', written.successCondition);
  const failure = read('failureCondition', written.failureCondition);
  const asked: AskedFor = { list: false, missing: false };
  const translated = (field: keyof Conditions, node: Node | undefined): string | undefined => {
    if (node === undefined) return undefined;
    return named(field, () => toCel(asOneNumber(node, shape, asked, remarks), shape));
  };
  const conditions = {
    successCondition: translated('successCondition', success),
    failureCondition: translated('failureCondition', failure),
  };
  const outcomes = absencesOf(shape, asked).map((absence) => ({
    absence,
    outcome: outcomeWithout(absence, success, failure, asked.list),
  }));
  const [first] = outcomes;
  const agreed = outcomes.every(({ outcome }) => outcome === first?.outcome) ? first?.outcome : undefined;
  const noData = agreed === 'Failed' ? 'fail' : agreed === 'Successful' ? 'pass' : undefined;
  if (noData === undefined && outcomes.length > 0) {
    const told = outcomes.map(({ absence, outcome }) => `${absenceWords[absence]} ${outcomeWords[outcome]}`);
    remarks.add(`there, ${told.join(' and ')}; here that is no data: inconclusive, a human decides`);
  }
  return { conditions, ...(noData === undefined ? {} : { noData }), remarks: [...remarks] };
}

const absenceWords = { empty: 'an empty result', nan: 'NaN', nil: 'a missing value' } as const;
const outcomeWords = {
  Successful: 'passed',
  Failed: 'failed',
  Inconclusive: 'was inconclusive',
  Error: 'was an error',
  unknown: 'was what an argument said',
} as const;

/** Only where a document's condition speaks of what is missing does it say what that means. */
function absencesOf(shape: ResultShape, { list, missing }: AskedFor): readonly Absence[] {
  if (shape === 'document') return missing ? ['nil'] : [];
  return list ? ['empty', 'nan'] : ['nan'];
}

function read(field: keyof Conditions, source: string | undefined): Node | undefined {
  if (source === undefined) return undefined;
  return named(field, () => parse(source));
}

/** Says in which condition, and where in it. */
function named<Result>(field: keyof Conditions, work: () => Result): Result {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof SyntaxProblem) {
      throw new Untranslatable(field, `at character ${thrown.at + 1}, ${thrown.message}`);
    }
    if (thrown instanceof Untranslatable) throw new Untranslatable(field, thrown.message, thrown.hint);
    throw thrown;
  }
}
