import { defineKind, type Finding } from '../../../core/plugin.ts';
import { compileExpression } from '../../../libraries/cel-condition/index.ts';
import { parseDuration } from '../../../libraries/duration/index.ts';
import {
  type AnalysisTemplateSpec,
  analysisTemplateSchema,
} from '../../../schemas/generated/analysis-template.ts';
import { placeholdersIn, runFacts, substitute, textsIn } from './arguments.ts';
import { compileMetricCondition, type Metric } from './conditions.ts';
import { sureFindings } from './sure-findings.ts';

/** What to measure about a version, and what counts as good. */
export const analysisTemplateKind = defineKind<AnalysisTemplateSpec>({
  kind: 'AnalysisTemplate',
  plural: 'analysistemplates',
  shortNames: ['at'],
  description: 'What to measure about a version, and what counts as good.',
  schema: analysisTemplateSchema,
  path: 'analyses/{name}.yaml',
  validationVersion: '2',
  columns: [{ title: 'Description', pointer: '/spec/description' }],
  validate: ({ spec }) => [
    ...twice(spec.args ?? [], '/spec/args', 'ArgTwice', 'argument'),
    ...twice(spec.metrics, '/spec/metrics', 'MetricTwice', 'metric'),
    ...argumentFindings(spec),
    ...spec.metrics.flatMap((metric, index) => metricFindings(metric, `/spec/metrics/${index}`, spec)),
  ],
});

/** Inference processes report once a second: nothing can be measured more often. */
const shortestIntervalMs = 1_000;

function twice(
  named: readonly { readonly name: string }[],
  at: string,
  code: string,
  what: string,
): readonly Finding[] {
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const [index, { name }] of named.entries()) {
    if (seen.has(name)) {
      const message = `two of this template's ${what}s are called ${name}`;
      findings.push({
        code,
        pointer: `${at}/${index}/name`,
        message,
        hint: 'Give one of them another name.',
      });
    }
    seen.add(name);
  }
  return findings;
}

function argumentFindings({ args = [], metrics }: AnalysisTemplateSpec): readonly Finding[] {
  const findings: Finding[] = [];
  const declared = new Set(args.map(({ name }) => name));
  const used = new Set<string>();
  for (const [text, pointer] of textsIn(metrics, '/spec/metrics')) {
    for (const { group, name } of placeholdersIn(text)) {
      if (group === 'args') used.add(name);
      const known: readonly string[] = group === 'args' ? [...declared] : group === 'run' ? runFacts : [];
      if (known.includes(name)) continue;
      findings.push({
        code: 'UnknownArgument',
        pointer,
        message: `there is no argument \`${group === '' ? name : `${group}.${name}`}\``,
        hint: hintFor(group, [...declared]),
      });
    }
  }
  for (const [index, { name }] of args.entries()) {
    if (used.has(name)) continue;
    findings.push({
      code: 'UnusedArgument',
      pointer: `/spec/args/${index}/name`,
      severity: 'warning',
      message: `nothing uses the argument ${name}`,
      hint: `Write {{args.${name}}} where it is meant, or remove it.`,
    });
  }
  return findings;
}

function hintFor(group: string, declared: readonly string[]): string {
  const facts = runFacts.map((name) => `run.${name}`).join(', ');
  if (group === 'run') return `There are: ${facts}.`;
  const names = declared.map((name) => `args.${name}`).join(', ');
  return declared.length === 0
    ? `Declare it under spec.args. Always there are: ${facts}.`
    : `There are: ${names}, ${facts}.`;
}

function metricFindings(metric: Metric, at: string, spec: AnalysisTemplateSpec): readonly Finding[] {
  const { successCondition, failureCondition, interval, count = 1, provider } = metric;
  const findings: Finding[] = [];
  if (successCondition === undefined && failureCondition === undefined && metric.dryRun !== true) {
    findings.push({
      code: 'NoCondition',
      pointer: at,
      message: `the metric ${metric.name} has no condition, so that nothing it measures could mean anything`,
      hint: 'Add successCondition or failureCondition, or measure only, with dryRun: true.',
    });
  }
  if (interval === undefined && count > 1) {
    findings.push({
      code: 'NoInterval',
      pointer: `${at}/count`,
      message: `the metric ${metric.name} is to be measured ${count} times, and not how far apart`,
      hint: 'Add interval: 30s.',
    });
  }
  if (interval !== undefined && parseDuration(interval) < shortestIntervalMs) {
    findings.push({
      code: 'IntervalTooShort',
      pointer: `${at}/interval`,
      message: `${interval} is shorter than 1s, and nothing new can be seen more often`,
      hint: 'Write 1s or more.',
    });
  }
  const { prometheus, web } = provider;
  if (metric.minSamples !== undefined && (prometheus ?? web ?? { samples: '' }).samples === undefined) {
    findings.push({
      code: 'SamplesUnknown',
      pointer: `${at}/minSamples`,
      message: 'minSamples is set, and the provider is not asked how many samples there were',
      hint: `Add samples to ${prometheus === undefined ? 'web' : 'prometheus'}.`,
    });
  }
  return [...findings, ...expressionFindings(metric, at, spec), ...sureFindings(metric, at, spec)];
}

function expressionFindings(metric: Metric, at: string, spec: AnalysisTemplateSpec): readonly Finding[] {
  const { successCondition, failureCondition, provider } = metric;
  const findings: Finding[] = [];
  const check = (
    source: string | undefined,
    pointer: string,
    problemOf: (source: string) => string | undefined,
  ) => {
    if (source === undefined) return;
    const texts = sampleTexts(source, spec);
    // An argument that is not there was told already.
    if (texts.some((text) => placeholdersIn(text).length > 0)) return;
    const problems = texts.map(problemOf);
    // What an argument will be is not known where it has no default: one text that fits is enough.
    const [problem] = problems;
    if (problem === undefined || problems.includes(undefined)) return;
    findings.push({
      code: 'InvalidExpression',
      pointer,
      message: problem,
      hint: 'Expressions are CEL, as in `result.candidate <= 0.01`; docs/kinds/analysis-template.md shows what result is.',
    });
  };
  const condition = (source: string) => problemIn(compileMetricCondition(source, provider));
  check(successCondition, `${at}/successCondition`, condition);
  check(failureCondition, `${at}/failureCondition`, condition);
  const { web } = provider;
  const expression = (source: string) => problemIn(compileExpression(source, { body: 'dyn' }));
  for (const field of ['value', 'samples', 'observedAt'] as const) {
    check(web?.[field], `${at}/provider/web/${field}`, expression);
  }
  return findings;
}

function problemIn(compiled: object): string | undefined {
  return 'problem' in compiled ? String(compiled.problem) : undefined;
}

/** What an expression may come to be: with its defaults, and with several sorts of texts where there is none. */
function sampleTexts(source: string, { args = [] }: AnalysisTemplateSpec): readonly string[] {
  const facts = new Map(runFacts.map((name) => [name as string, '1.0']));
  return ['1.0', '1', 'true', '"text"'].map((sample) => {
    const values = new Map(args.map(({ name, value }) => [name, value ?? sample]));
    return substitute(substitute(source, 'args', values), 'run', facts);
  });
}
