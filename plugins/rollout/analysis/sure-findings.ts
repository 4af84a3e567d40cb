import type { Finding } from '../../../core/plugin.ts';
import type { AnalysisTemplateSpec } from '../../../schemas/generated/analysis-template.ts';
import { substitute } from './arguments.ts';
import { type Metric, providerOf } from './conditions.ts';
import { failsOnlyWhenSure } from './failing-sure.ts';

/** What goes wrong where bounds are judged as if they were values: they are wide at first. */
export function sureFindings(metric: Metric, at: string, { args = [] }: AnalysisTemplateSpec): Finding[] {
  const given = new Map(args.map(({ name, value }) => [name, value ?? '1.0']));
  const { successCondition, failureCondition, ...rest } = substitute(metric, 'args', given);
  const speaksOfBounds = /\bresult\s*(\.\??\s*|\[\s*")(lower|upper)\b/.test(
    `${successCondition ?? ''} ${failureCondition ?? ''}`,
  );
  if (!speaksOfBounds || metric.dryRun === true) return [];
  if (failureCondition === undefined && successCondition !== undefined) {
    const [provider, query] = providerOf(rest.provider);
    if (failsOnlyWhenSure({ provider, query, successCondition })) return [];
    return [
      {
        code: 'UnsureFails',
        pointer: `${at}/successCondition`,
        severity: 'warning',
        message: `the metric ${metric.name} fails a version of which nobody is sure yet: its bounds are wide at first`,
        hint: 'Say also when it fails, as in `failureCondition: result.lower > 0.02`, and allow undecided looks by inconclusiveLimit.',
      },
    ];
  }
  const { inconclusiveLimit = 0, interval } = rest;
  if (successCondition === undefined || interval === undefined || inconclusiveLimit > 0) return [];
  return [
    {
      code: 'UndecidedHolds',
      pointer: at,
      severity: 'warning',
      message: `the first look of the metric ${metric.name} that is undecided holds the rollout for a human: its bounds are wide at first`,
      hint: 'Allow undecided looks, as in `inconclusiveLimit: 20`.',
    },
  ];
}
