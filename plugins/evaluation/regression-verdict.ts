import type { CheckVerdict } from '../../core/capabilities/proposal-check.ts';
import { type Comparison, nameOf } from './comparisons.ts';
import { type Declaration, describeRows } from './declaration.ts';
import type { EvaluationSet } from './evaluation-set.ts';
import type { JudgedMetric } from './judged-metric.ts';
import { interval, markdownTable, signed } from './markdown.ts';
import { metrics } from './metrics.ts';
import type { Slice } from './slices.ts';
import { issueAt } from './tried-version.ts';

export interface Regression {
  readonly pair: Comparison;
  readonly declared: Declaration;
  readonly set: EvaluationSet;
  readonly judged: readonly JudgedMetric[];
  readonly slices: readonly Slice[];
}

/** One line for the reviewer, the tables behind it, and the figures for policies. */
export function regressionVerdict(found: Regression): CheckVerdict {
  const { pair, declared, judged } = found;
  const outcome = outcomeOf(judged);
  const [told] = [...judged].sort((one, other) => weight(other) - weight(one));
  const summary = told === undefined ? 'no metric is declared' : summaryOf(told, declared);
  const more = judged.length > 1 ? ` (${judged.length} metrics)` : '';
  return {
    outcome,
    summary: `${summary}${more}`,
    details: detailsOf(found),
    ...(outcome === 'fail'
      ? { annotations: [issueAt(pair.candidate, 'MetricDropped', summary, '/spec/artifact')] }
      : {}),
    facts: factsOf(found),
  };
}

function outcomeOf(judged: readonly JudgedMetric[]): 'pass' | 'fail' | 'neutral' {
  if (judged.some((one) => weight(one) === 3)) return 'fail';
  return judged.some(({ judgement }) => judgement === 'undecided') ? 'neutral' : 'pass';
}

/** What is told first: what fails, then what cannot be told. */
function weight({ judgement, declared }: JudgedMetric): number {
  if (judgement === 'dropped') return 3;
  if (judgement === 'kept') return 0;
  return declared.whenUndecided === 'fail' ? 3 : 1;
}

function summaryOf(metric: JudgedMetric, declared: Declaration): string {
  const { candidate, current, declared: wanted, judgement } = metric;
  const title = metrics[wanted.name].title;
  const change = `${title} ${current.toFixed(3)} → ${candidate.toFixed(3)} on ${describeRows(declared)} (${signed(metric.difference)}, 95 % ${interval(metric.interval)})`;
  if (judgement === 'kept') return change;
  if (judgement === 'dropped') return `${change}: worse by more than ${wanted.maxDrop}`;
  return `${change}: too few rows to tell whether it is worse by more than ${wanted.maxDrop}`;
}

function detailsOf({ pair, declared, set, judged, slices }: Regression): string {
  const { candidate, current } = pair;
  const parts = [
    `${nameOf(candidate)} and ${current.metadata.name}, which serves, answered the same ${set.rows} rows of ${describeRows(declared)}.`,
    ...(set.matching > set.rows
      ? [`They are a random part of the ${set.matching} rows that meet the conditions.`]
      : []),
    markdownTable(
      [
        'metric',
        current.metadata.name,
        candidate.metadata.name,
        'difference',
        '95 % interval',
        'may drop by',
        'judgement',
      ],
      judged.map((metric) => [
        metrics[metric.declared.name].title,
        metric.current.toFixed(4),
        metric.candidate.toFixed(4),
        signed(metric.difference, 4),
        interval(metric.interval, 4),
        String(metric.declared.maxDrop),
        words[metric.judgement],
      ]),
    ),
  ];
  const [first] = judged;
  for (const column of new Set(slices.map((slice) => slice.column))) {
    const ofColumn = slices.filter((slice) => slice.column === column);
    const title = first === undefined ? '' : metrics[first.declared.name].title;
    parts.push(
      markdownTable(
        [
          column,
          'rows',
          `${title} of ${current.metadata.name}`,
          `${title} of ${candidate.metadata.name}`,
          'difference',
        ],
        ofColumn.map((slice) => [
          slice.value === '' ? '(empty)' : slice.value,
          String(slice.rows),
          slice.current?.toFixed(3) ?? 'none',
          slice.candidate?.toFixed(3) ?? 'none',
          slice.candidate === undefined || slice.current === undefined
            ? ''
            : signed(slice.candidate - slice.current),
        ]),
      ),
    );
  }
  return parts.join('\n\n');
}

const words = { kept: 'kept', dropped: 'worse than allowed', undecided: 'cannot be told' } as const;

/** `aucDifference`, `logLossLow`, …: flat, so that a policy can name them. */
function factsOf({ set, judged }: Regression): Readonly<Record<string, unknown>> {
  const facts: Record<string, unknown> = { rows: set.rows };
  for (const metric of judged) {
    const name = metric.declared.name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    facts[name] = metric.candidate;
    facts[`${name}Current`] = metric.current;
    facts[`${name}Difference`] = metric.difference;
    facts[`${name}Low`] = metric.interval.low;
    facts[`${name}High`] = metric.interval.high;
    facts[`${name}Judgement`] = metric.judgement;
  }
  return facts;
}
