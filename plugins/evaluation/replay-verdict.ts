import type { TrialAnswer } from '../../core/capabilities/model-trial.ts';
import type { CheckVerdict } from '../../core/capabilities/proposal-check.ts';
import { median } from '../../libraries/statistics/index.ts';
import { agreementOf } from './agreement.ts';
import { type Comparison, nameOf } from './comparisons.ts';
import { duration, markdownTable, signed } from './markdown.ts';
import type { ReplayedRequest, RequestSource } from './replayed-requests.ts';
import { issueAt } from './tried-version.ts';

/** An answer, or why the model refused. */
export type Answer = TrialAnswer | { readonly error: string };

export interface Replayed {
  readonly request: ReplayedRequest;
  readonly candidate: Answer;
  readonly current: Answer;
}

export interface Replay {
  readonly pair: Comparison;
  readonly source: RequestSource;
  /** Inputs by whose values the table is split. */
  readonly slices: readonly string[];
  readonly replayed: readonly Replayed[];
  readonly minAgreement: number;
}

/** Fails where the candidate refuses what is answered today, or agrees more rarely than it must. */
export function replayVerdict({ pair, source, slices, replayed, minAgreement }: Replay): CheckVerdict {
  const all = figuresOf(replayed);
  const { candidate, current } = pair;
  const what = source.from === 'examples' ? 'golden examples' : 'requests';
  const agreement = all.agreement === undefined ? '' : `${percent(all.agreement)} answered alike, `;
  const summary = `${nameOf(candidate)} on ${replayed.length} ${what}: ${agreement}scores move by ${signed(all.meanShift)} on average, by ${all.largestShift.toFixed(3)} at most; ${all.newErrors} new errors`;
  const refused = all.newErrors > 0;
  const differs = all.agreement !== undefined && all.agreement < minAgreement;
  const facts = {
    requests: replayed.length,
    source: source.from,
    ...(all.agreement === undefined ? {} : { agreement: all.agreement }),
    meanShift: all.meanShift,
    largestShift: all.largestShift,
    newErrors: all.newErrors,
    candidateErrors: all.candidateErrors,
    currentErrors: all.currentErrors,
    ...(all.latency === undefined
      ? {}
      : { latencyMs: all.latency.candidate, currentLatencyMs: all.latency.current }),
  };
  const details = detailsOf(pair, slices, replayed, source);
  if (!refused && !differs) return { outcome: 'pass', summary, details, facts };
  const message = refused
    ? `${summary} (${nameOf(candidate)} refuses what ${current.metadata.name} answers)`
    : `${summary} (at least ${percent(minAgreement)} must be answered alike)`;
  const code = refused ? 'RequestsRefused' : 'AnswersDiffer';
  const annotations = [issueAt(candidate, code, message, '/spec/artifact')];
  return { outcome: 'fail', summary: message, details, annotations, facts };
}

interface Figures {
  /** Share of the requests that both answered whose texts, labels and truth values are the same. */
  readonly agreement: number | undefined;
  readonly meanShift: number;
  readonly largestShift: number;
  readonly candidateErrors: number;
  readonly currentErrors: number;
  /** Refused by the candidate alone. */
  readonly newErrors: number;
  /** Medians, in milliseconds. */
  readonly latency: { readonly candidate: number; readonly current: number } | undefined;
}

function figuresOf(replayed: readonly Replayed[]): Figures {
  let alike = 0;
  let judged = 0;
  let shifts = 0;
  let sum = 0;
  let largest = 0;
  const times = { candidate: [] as number[], current: [] as number[] };
  for (const { candidate, current } of replayed) {
    if ('error' in candidate || 'error' in current) continue;
    times.candidate.push(candidate.ms);
    times.current.push(current.ms);
    const agreement = agreementOf(candidate.outputs, current.outputs);
    if (agreement.isSame !== undefined) judged++;
    if (agreement.isSame === true) alike++;
    for (const some of agreement.shifts.values()) {
      for (const shift of some) {
        shifts++;
        sum += shift;
        largest = Math.max(largest, Math.abs(shift));
      }
    }
  }
  const failed = (side: 'candidate' | 'current') => replayed.filter((one) => 'error' in one[side]);
  return {
    agreement: judged === 0 ? undefined : alike / judged,
    meanShift: shifts === 0 ? 0 : sum / shifts,
    largestShift: largest,
    candidateErrors: failed('candidate').length,
    currentErrors: failed('current').length,
    newErrors: failed('candidate').filter(({ current }) => !('error' in current)).length,
    latency:
      times.candidate.length === 0
        ? undefined
        : { candidate: median(times.candidate), current: median(times.current) },
  };
}

/** Requests shown one by one: those that differ most. */
const mostShown = 10;
const mostValues = 8;

function detailsOf(
  { candidate, current }: Comparison,
  slices: readonly string[],
  replayed: readonly Replayed[],
  source: RequestSource,
): string {
  const titles = ['requests', 'alike', 'mean shift', 'largest shift', 'errors', 'time'];
  const cells = (some: readonly Replayed[]): string[] => {
    const one = figuresOf(some);
    return [
      String(some.length),
      one.agreement === undefined ? '' : percent(one.agreement),
      signed(one.meanShift),
      one.largestShift.toFixed(3),
      `${one.currentErrors} → ${one.candidateErrors}`,
      one.latency === undefined
        ? ''
        : `${duration(one.latency.current)} → ${duration(one.latency.candidate)}`,
    ];
  };
  const parts = [
    `${sources[source.from]}, answered by ${current.metadata.name} (serves) and ${candidate.metadata.name}. Alike: the same texts, labels and truth values; a shift is that of a number.`,
    markdownTable(['', ...titles], [['all', ...cells(replayed)]]),
  ];
  for (const slice of slices) {
    const groups = groupsOf(slice, replayed);
    if (groups.length > 0)
      parts.push(
        markdownTable(
          [slice, ...titles],
          groups.map(([value, some]) => [value, ...cells(some)]),
        ),
      );
  }
  const differing = mostDiffering(replayed);
  if (differing.length > 0) {
    const rows = differing.map(({ request, candidate: next, current: now }) => [
      request.name,
      shown(now),
      shown(next),
    ]);
    parts.push(markdownTable(['request', current.metadata.name, candidate.metadata.name], rows));
  }
  return parts.join('\n\n');
}

const sources = {
  recorded: 'Requests recorded on this platform',
  declared: 'Requests that the model declares',
  examples: 'Golden examples of both versions',
} as const;

/** By the value that a request gives the input for its first row; the commonest values. */
function groupsOf(input: string, replayed: readonly Replayed[]): (readonly [string, readonly Replayed[]])[] {
  const groups = new Map<string, Replayed[]>();
  for (const one of replayed) {
    const tensor = one.request.inputs.find(({ name }) => name === input);
    if (tensor === undefined || tensor.data.length === 0) continue;
    const value = String(tensor.data[0]) || '(empty)';
    groups.set(value, [...(groups.get(value) ?? []), one]);
  }
  return [...groups].sort(([, one], [, other]) => other.length - one.length).slice(0, mostValues);
}

function mostDiffering(replayed: readonly Replayed[]): readonly Replayed[] {
  const weighed = replayed.map((one) => ({ one, weight: weightOf(one) }));
  return weighed
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, mostShown)
    .map(({ one }) => one);
}

function weightOf({ candidate, current }: Replayed): number {
  if ('error' in candidate !== 'error' in current) return Number.POSITIVE_INFINITY;
  if ('error' in candidate || 'error' in current) return 0;
  const { isSame, shifts } = agreementOf(candidate.outputs, current.outputs);
  const largest = Math.max(0, ...[...shifts.values()].flat().map(Math.abs));
  return isSame === false ? 1e6 + largest : largest;
}

function shown(answer: Answer): string {
  if ('error' in answer) return `refused: ${answer.error.slice(0, 80)}`;
  return answer.outputs
    .map(
      ({ name, data }) => `${name} ${data.slice(0, 4).map(short).join(', ')}${data.length > 4 ? ', …' : ''}`,
    )
    .join('; ');
}

function short(value: number | string | boolean): string {
  return typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(4) : String(value);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share === 1 || share === 0 ? 0 : 1)} %`;
}
