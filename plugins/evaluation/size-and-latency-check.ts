import type { ModelTrial, Trial } from '../../core/capabilities/model-trial.ts';
import type { CheckVerdict, ProposalCheck } from '../../core/capabilities/proposal-check.ts';
import type { ExampleTensor } from '../../core/capabilities/serving-runtime.ts';
import { formatByteSize } from '../../libraries/byte-size/index.ts';
import { type Comparison, comparisons, nameOf } from './comparisons.ts';
import { concernsOfPairs } from './concerns-of-pairs.ts';
import { compareLatency, type LatencyComparison, repeated } from './latency.ts';
import { duration, markdownTable } from './markdown.ts';
import type { EvaluationOptions } from './settings.ts';
import { fromAFork, issueAt, mayBeFetched, verdictOfFailure, versionToTry } from './tried-version.ts';
import { together } from './verdicts.ts';

const batch = 32;

/** Whether a version is larger or slower than what serves, both measured now, in alternation, on this machine. */
export function sizeAndLatencyCheck(trials: () => ModelTrial, options: EvaluationOptions): ProposalCheck {
  const { trial: limits, latency, size } = options;
  return {
    title: 'The version is not much larger or slower than what serves',
    version: 1,
    slow: true,

    concerns(subject) {
      return concernsOfPairs(subject, [limits, latency, size]);
    },

    async run(subject, { signal, progress }) {
      const verdicts: { readonly name: string; readonly verdict: CheckVerdict }[] = [];
      for (const pair of comparisons(subject)) {
        const name = `${nameOf(pair.candidate)} beside ${pair.current.metadata.name}`;
        progress(`measuring ${name}`);
        const verdict = mayBeFetched(pair.candidate, subject) ? await judge(pair, signal) : fromAFork;
        verdicts.push({ name, verdict });
      }
      return together(verdicts);
    },
  };

  function judge(pair: Comparison, signal: AbortSignal): Promise<CheckVerdict> {
    return trials().take(signal, async (bench) => {
      try {
        const current = await bench.open(versionToTry(pair.current), limits);
        const candidate = await bench.open(versionToTry(pair.candidate), limits);
        return verdictOf(pair, await measure(pair, candidate, current), options);
      } catch (thrown) {
        return verdictOfFailure(thrown, pair.candidate, pair.current);
      }
    });
  }
}

interface Measured {
  readonly single: LatencyComparison;
  readonly batched: LatencyComparison | undefined;
  readonly memory: { readonly candidate: number; readonly current: number };
}

async function measure(pair: Comparison, candidate: Trial, current: Trial): Promise<Measured> {
  const shared = sharedInputs(pair);
  const single = await compareLatency(candidate, current, { candidate: shared, current: shared });
  const many = shared && repeated(shared, (name) => variesInBoth(pair, name), batch);
  const batched = many && (await compareLatency(candidate, current, { candidate: many, current: many }));
  const memory = { candidate: await candidate.memory(), current: await current.memory() };
  return { single, batched, memory };
}

/** A golden example that both can answer; without one, each is measured on inputs of its own. */
function sharedInputs({ candidate, current }: Comparison): readonly ExampleTensor[] | undefined {
  const example = [...(candidate.spec.examples ?? []), ...(current.spec.examples ?? [])].find(({ inputs }) =>
    [candidate, current].every(({ spec }) => {
      const specs = spec.signature.inputs;
      return (
        specs.length === inputs.length &&
        specs.every(({ name, datatype, shape }) =>
          inputs.some(
            (one) =>
              one.name === name &&
              one.datatype === datatype &&
              one.shape.length === shape.length &&
              one.shape.every((width, axis) => shape[axis] === -1 || shape[axis] === width),
          ),
        )
      );
    }),
  );
  return example?.inputs;
}

function variesInBoth({ candidate, current }: Comparison, name: string): boolean {
  return [candidate, current].every(({ spec }) =>
    spec.signature.inputs.some((input) => input.name === name && input.shape[0] === -1),
  );
}

function verdictOf(pair: Comparison, measured: Measured, options: EvaluationOptions): CheckVerdict {
  const { candidate, current } = pair;
  const { single, batched, memory } = measured;
  const sizes = { candidate: candidate.spec.artifact.size, current: current.spec.artifact.size };
  const sizeRatio = sizes.candidate / sizes.current;
  const rows = [
    ['size', formatByteSize(sizes.current), formatByteSize(sizes.candidate), times(sizeRatio), ''],
    latencyRow('latency, 1 row', single),
    ...(batched === undefined ? [] : [latencyRow(`latency, ${batch} rows`, batched)]),
    [
      'memory',
      formatByteSize(memory.current),
      formatByteSize(memory.candidate),
      times(memory.candidate / memory.current),
      '',
    ],
  ];
  const details = [
    markdownTable(
      ['', `${current.metadata.name} (serves)`, candidate.metadata.name, 'ratio', '95 % interval'],
      rows,
    ),
    '',
    `Measured in one run, in alternation: ${single.rounds} rounds of ${single.runsEach} runs each. Memory is that of the whole process.`,
  ].join('\n');
  const facts = {
    sizeBytes: sizes.candidate,
    currentSizeBytes: sizes.current,
    sizeRatio,
    latencyMs: single.candidateMs,
    currentLatencyMs: single.currentMs,
    latencyRatio: single.ratio.value,
    latencyRatioLow: single.ratio.low,
    latencyRatioHigh: single.ratio.high,
    ...(batched === undefined ? {} : { batchLatencyRatio: batched.ratio.value }),
    memoryBytes: memory.candidate,
    currentMemoryBytes: memory.current,
  };
  const summary = `${nameOf(candidate)} is ${formatByteSize(sizes.candidate)} (${times(sizeRatio)}) and takes ${duration(single.candidateMs)} (${times(single.ratio.value)} [${single.ratio.low.toFixed(2)}, ${single.ratio.high.toFixed(2)}] of ${current.metadata.name})`;
  const problem = problemOf(sizeRatio, single, options);
  if (problem === undefined) return { outcome: 'pass', summary, details, facts };
  const message = `${summary}: ${problem.message}`;
  if (!problem.isCertain) return { outcome: 'neutral', summary: message, details, facts };
  const annotations = [issueAt(candidate, problem.code, message, '/spec/artifact')];
  return { outcome: 'fail', summary: message, details, annotations, facts };
}

/** Certain where even the lower end of the interval is beyond the limit: a noisy machine must not fail a version. */
function problemOf(
  sizeRatio: number,
  { ratio, candidateMs, currentMs }: LatencyComparison,
  { latency, size }: EvaluationOptions,
): { readonly code: string; readonly message: string; readonly isCertain: boolean } | undefined {
  if (sizeRatio > size.maxRatio)
    return { code: 'TooLarge', message: `the limit is ${times(size.maxRatio)} the size`, isCertain: true };
  if (ratio.value <= latency.maxRatio || candidateMs - currentMs <= latency.negligibleMs) return undefined;
  const limit = `the limit is ${times(latency.maxRatio)} the time`;
  return ratio.low > latency.maxRatio
    ? { code: 'TooSlow', message: limit, isCertain: true }
    : { code: 'TooSlow', message: `${limit}, and the measurement is too noisy to tell`, isCertain: false };
}

function latencyRow(title: string, { candidateMs, currentMs, ratio }: LatencyComparison): string[] {
  const range = `[${ratio.low.toFixed(2)}, ${ratio.high.toFixed(2)}]`;
  return [title, duration(currentMs), duration(candidateMs), times(ratio.value), range];
}

function times(ratio: number): string {
  return `${ratio.toFixed(2)}×`;
}
