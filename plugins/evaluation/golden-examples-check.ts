import type { ExampleResult, ModelTrial } from '../../core/capabilities/model-trial.ts';
import type { CheckVerdict, ProposalCheck } from '../../core/capabilities/proposal-check.ts';
import type { SessionSettings } from '../../core/capabilities/serving-runtime.ts';
import { nameOf, type Version } from './comparisons.ts';
import { duration, markdownTable } from './markdown.ts';
import { sessionsInQuestion } from './sessions-in-question.ts';
import type { EvaluationOptions } from './settings.ts';
import {
  fromAFork,
  identityOf,
  issueAt,
  mayBeFetched,
  verdictOfFailure,
  versionToTry,
} from './tried-version.ts';
import { together } from './verdicts.ts';

/** Whether the versions in question load and answer their golden examples, judged by the code that serves. */
export function goldenExamplesCheck(
  trials: () => ModelTrial,
  { trial: limits }: EvaluationOptions,
): ProposalCheck {
  return {
    title: 'The version loads and answers its golden examples',
    version: 1,
    slow: true,

    concerns(subject) {
      const sessions = sessionsInQuestion(subject);
      if (sessions.length === 0) return undefined;
      return [
        JSON.stringify(limits),
        ...sessions.map(({ version, settings, where }) =>
          [identityOf(version), mayBeFetched(version, subject), JSON.stringify(settings), where].join(' '),
        ),
      ].join('\n');
    },

    async run(subject, { signal, progress }) {
      const verdicts: { readonly name: string; readonly verdict: CheckVerdict }[] = [];
      for (const { version, settings, where } of sessionsInQuestion(subject)) {
        const name = where === undefined ? nameOf(version) : `${nameOf(version)} as ${where} runs it`;
        progress(`trying ${name}`);
        const mayBe = mayBeFetched(version, subject);
        const verdict = mayBe ? await judge(version, settings, signal) : fromAFork;
        verdicts.push({ name, verdict });
      }
      return together(verdicts);
    },
  };

  async function judge(
    version: Version,
    settings: SessionSettings | undefined,
    signal: AbortSignal,
  ): Promise<CheckVerdict> {
    try {
      return await trials().take(signal, async (bench) => {
        const trial = await bench.open(versionToTry(version, settings), limits);
        const results = await trial.examples();
        const memory = await trial.memory();
        return verdictOf(version, results, trial.loadMs, memory);
      });
    } catch (thrown) {
      return verdictOfFailure(thrown, version);
    }
  }
}

function verdictOf(
  version: Version,
  results: readonly ExampleResult[],
  loadMs: number,
  memoryBytes: number,
): CheckVerdict {
  const name = nameOf(version);
  const wrong = results.filter(({ problem }) => problem !== undefined);
  const facts = { examples: results.length, wrong: wrong.length, loadMs, memoryBytes };
  const loads = `${name} loads in ${duration(loadMs)}`;
  if (results.length === 0) {
    const summary = `${loads}, but has no golden examples to answer`;
    return { outcome: 'neutral', summary, facts };
  }
  const details = markdownTable(
    ['example', 'answered', 'largest difference', 'time'],
    results.map(({ name: example, problem, difference, ms }) => [
      example,
      problem === undefined ? 'yes' : `no: ${problem}`,
      difference === undefined ? '' : difference.toPrecision(2),
      duration(ms),
    ]),
  );
  const [first] = wrong;
  if (first === undefined) {
    const count = results.length === 1 ? 'its golden example' : `its ${results.length} golden examples`;
    return { outcome: 'pass', summary: `${loads} and answers ${count}`, details, facts };
  }
  return {
    outcome: 'fail',
    summary: `${name} answers ${wrong.length} of ${results.length} golden examples wrongly: ${first.problem}`,
    details,
    annotations: wrong.map(({ name: example, problem }) => {
      const index = (version.spec.examples ?? []).findIndex((one) => one.name === example);
      return issueAt(version, 'ExampleMismatch', String(problem), `/spec/examples/${index}`);
    }),
    facts,
  };
}
