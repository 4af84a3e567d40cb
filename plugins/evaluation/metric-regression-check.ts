import type { ArtifactStore } from '../../core/capabilities/artifact-store.ts';
import type { ModelTrial, TrialBench } from '../../core/capabilities/model-trial.ts';
import type { CheckContext, CheckVerdict, ProposalCheck } from '../../core/capabilities/proposal-check.ts';
import { codeOf, messageOf, type Providers } from '../../core/plugin.ts';
import { StatisticsError } from '../../libraries/statistics/index.ts';
import { type Comparison, comparisons, nameOf } from './comparisons.ts';
import { concernsOfPairs } from './concerns-of-pairs.ts';
import { type Declaration, declarationOf } from './declaration.ts';
import { evaluationSetUnusable } from './errors.ts';
import { type EvaluationSet, readEvaluationSet } from './evaluation-set.ts';
import { BadPredictions, type JudgedMetric, judgeMetric } from './judged-metric.ts';
import { metrics, statisticOf } from './metrics.ts';
import { labelsOf, type Predictions, predictAll } from './predictions.ts';
import { regressionVerdict } from './regression-verdict.ts';
import type { EvaluationOptions } from './settings.ts';
import { slicesOf } from './slices.ts';
import {
  fromAFork,
  issueAt,
  mayBeFetched,
  shortDigest,
  verdictOfFailure,
  versionToTry,
} from './tried-version.ts';
import { together } from './verdicts.ts';

/** Whether a version answers worse than what serves, on the rows that the model's evaluation declares. */
export function metricRegressionCheck(
  trials: () => ModelTrial,
  stores: Providers<ArtifactStore>,
  options: EvaluationOptions,
): ProposalCheck {
  return {
    title: 'The version answers no worse than what serves',
    version: 1,
    slow: true,

    concerns(subject) {
      return concernsOfPairs(subject, [options.trial, options.metrics], ({ metadata }) => {
        const declared = declarationOf(subject, String(metadata.model));
        if (declared === undefined) return 'undeclared';
        return shortDigest([declared.evaluation, declared.data, declared.dataset.spec.columns]);
      });
    },

    async run(subject, context) {
      const verdicts: { readonly name: string; readonly verdict: CheckVerdict }[] = [];
      for (const pair of comparisons(subject)) {
        const declared = declarationOf(subject, String(pair.candidate.metadata.model));
        const name = `${nameOf(pair.candidate)} beside ${pair.current.metadata.name}`;
        if (declared === undefined) verdicts.push({ name, verdict: undeclared(pair) });
        else if (!mayBeFetched(pair.candidate, subject)) verdicts.push({ name, verdict: fromAFork });
        else verdicts.push({ name, verdict: await judge(pair, declared, context) });
      }
      return together(verdicts);
    },
  };

  async function judge(
    pair: Comparison,
    declared: Declaration,
    context: CheckContext,
  ): Promise<CheckVerdict> {
    try {
      const set = await readSet(pair, declared, context);
      return await trials().take(context.signal, (bench) => compare(pair, declared, set, bench, context));
    } catch (thrown) {
      if (codeOf(thrown) === 'EvaluationSetUnusable')
        return { outcome: 'error', summary: `the evaluation set cannot be used: ${messageOf(thrown)}` };
      return verdictOfFailure(thrown, pair.candidate, pair.current);
    }
  }

  async function readSet(
    { candidate, current }: Comparison,
    declared: Declaration,
    { signal, progress }: CheckContext,
  ): Promise<EvaluationSet> {
    progress(`reading ${declared.evaluation.dataset.name}`);
    const names = [candidate, current].flatMap(({ spec }) => spec.signature.inputs.map(({ name }) => name));
    const { maxRows, seed } = options.metrics;
    const set = await readEvaluationSet(declared, [...new Set(names)], stores, { maxRows, seed, signal });
    if (set.rows > 0) return set;
    throw evaluationSetUnusable(declared.model.origin.path, 'no row meets its conditions');
  }

  async function compare(
    pair: Comparison,
    declared: Declaration,
    set: EvaluationSet,
    bench: TrialBench,
    { signal, progress }: CheckContext,
  ): Promise<CheckVerdict> {
    const { evaluation } = declared;
    const labels = labelsOf(set, evaluation);
    const run = async (side: keyof Comparison): Promise<Predictions> => {
      const { signature } = pair[side].spec;
      const trial = await bench.open(versionToTry(pair[side]), options.trial);
      return predictAll(trial, signature, set, evaluation, (rows) =>
        progress(`${nameOf(pair[side])}: ${rows} of ${set.rows} rows`),
      );
    };
    const current = await run('current');
    const candidate = await run('candidate');
    const judged: JudgedMetric[] = [];
    for (const metric of evaluation.metrics) {
      progress(`comparing ${metrics[metric.name].title}`);
      let statistics: Parameters<typeof judgeMetric>[1];
      try {
        statistics = {
          current: statisticOf(metric.name, current, labels),
          candidate: candidateStatistic(metric.name, candidate, labels),
        };
        judged.push(await judgeMetric(metric, statistics, set.rows, { ...options.metrics, signal }));
      } catch (thrown) {
        if (thrown instanceof BadPredictions) return badPredictions(pair, metrics[metric.name].title, thrown);
        if (!(thrown instanceof StatisticsError)) throw thrown;
        throw evaluationSetUnusable(
          declared.model.origin.path,
          `${metrics[metric.name].title}: ${thrown.message}`,
        );
      }
    }
    const slices = slicesOf(set, evaluation, { candidate, current }, labels);
    return regressionVerdict({ pair, declared, set, judged, slices });
  }
}

function candidateStatistic(...[name, predictions, labels]: Parameters<typeof statisticOf>) {
  try {
    return statisticOf(name, predictions, labels);
  } catch (thrown) {
    if (thrown instanceof StatisticsError) throw new BadPredictions(thrown.message);
    throw thrown;
  }
}

function badPredictions({ candidate }: Comparison, title: string, thrown: Error): CheckVerdict {
  const summary = `${nameOf(candidate)} answers what cannot be measured: ${title}: ${thrown.message}`;
  return {
    outcome: 'fail',
    summary,
    annotations: [issueAt(candidate, 'BadPredictions', summary, '/spec/artifact')],
  };
}

function undeclared({ candidate }: Comparison): CheckVerdict {
  const { model } = candidate.metadata;
  return {
    outcome: 'neutral',
    summary: `the base branch declares no evaluation of ${model}: there is nothing to compare by`,
    details: `Add \`spec.evaluation\` to the manifest of the model \`${model}\` in a proposal of its own.`,
  };
}
