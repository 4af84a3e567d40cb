import type { Finding } from '../../../core/plugin.ts';
import type { AnalysisTemplateSpec } from '../../../schemas/generated/analysis-template.ts';
import { isEndless } from './analysis-run.ts';
import { substitute } from './arguments.ts';
import { compileMetricCondition, type Metric } from './conditions.ts';
import { anyRun, failsOnlyWhenSure, succeedsOnlyWhenSure } from './failing-sure.ts';
import { defineMetrics, type GivenArgument, type MetricDefinition } from './metric-definition.ts';

interface Ordered {
  readonly pointer: string;
  readonly templates: readonly { readonly templateName: string }[];
  readonly args: readonly GivenArgument[];
}

/** Those that a rollout waits for: nothing else brings them to an end. */
const waitedFor = /^\/canary\/steps\/\d+\/analysis$|^\/blueGreen\/(pre|post)PromotionAnalysis$/;

/**
 * What is wrong with how a strategy uses templates: arguments that do not fit, and metrics that are measured for ever where
 * the rollout waits for their end. Pointers begin at the strategy. Templates that are not there are not its business.
 */
export function orderedFindings(
  strategy: object,
  templates: ReadonlyMap<string, AnalysisTemplateSpec>,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { pointer, templates: named, args } of orderedIn(strategy, '')) {
    const found = named.flatMap(({ templateName: name }) => {
      const spec = templates.get(name);
      return spec === undefined ? [] : [{ name, spec }];
    });
    if (found.length < named.length) continue;
    const metrics = defineMetrics(found, args);
    if ('problem' in metrics) {
      const hint = 'Give the templates what their spec.args ask for, and nothing else.';
      findings.push({ code: 'ArgumentsDoNotFit', pointer, message: metrics.problem, hint });
      continue;
    }
    if (args.length > 0) findings.push(...misfits(metrics).map((message) => misfit(pointer, message)));
    if (pointer === '/abTest/metric' && stopsEarly(strategy)) findings.push(...unsoundIn(metrics));
    const endless = metrics.find(({ limits }) => limits.dryRun !== true && isEndless(limits));
    if (endless === undefined || !waitedFor.test(pointer)) continue;
    findings.push({
      code: 'AnalysisNeverEnds',
      pointer,
      message: `${endless.limits.name} has an interval and no count, so that this step would never be over`,
      hint: 'Give the metric a count, or run the analysis in the background (canary.analysis).',
    });
  }
  return findings;
}

/** What arguments make of conditions that are no conditions any more: the templates alone were fine. */
function misfits(metrics: readonly MetricDefinition[]): readonly string[] {
  return metrics.flatMap((metric) =>
    (['successCondition', 'failureCondition'] as const).flatMap((name) => {
      const source = metric[name];
      if (source === undefined) return [];
      const provider = { [metric.provider]: metric.query } as Metric['provider'];
      const compiled = compileMetricCondition(substitute(source, 'run', anyRun), provider);
      if (!('problem' in compiled)) return [];
      return [`with these arguments ${name} of ${metric.limits.name} is \`${source}\`: ${compiled.problem}`];
    }),
  );
}

function misfit(pointer: string, message: string): Finding {
  const hint =
    'An argument stands in a condition as it is written: "0.2" for a number with decimals, "\'a text\'" for a text.';
  return { code: 'ArgumentsDoNotFit', pointer, message, hint };
}

/** Whoever stops a test when it tells something must have a metric that may be looked at so often. */
function stopsEarly({ abTest }: { readonly abTest?: { readonly stopRule?: string } }): boolean {
  return abTest !== undefined && abTest.stopRule !== 'fixed';
}

function unsoundIn(metrics: readonly MetricDefinition[]): readonly Finding[] {
  return metrics
    .filter((one) => one.provider === 'builtin' && one.limits.dryRun !== true)
    .filter((one) => !failsOnlyWhenSure(one) || !succeedsOnlyWhenSure(one))
    .map(({ limits }) => ({
      code: 'StopRuleUnsound',
      pointer: '/abTest/metric',
      severity: 'warning',
      message: `${limits.name} is looked at again and again, and not judged by bounds that hold at all looks: sooner or later it tells what is not so`,
      hint: 'Let it fail and succeed by result.lower and result.upper, or write stopRule: fixed.',
    }));
}

function* orderedIn(value: unknown, pointer: string): Generator<Ordered> {
  if (typeof value !== 'object' || value === null) return;
  const { templates, args, minimumEffect } = value as Partial<Ordered> & { readonly minimumEffect?: number };
  if (Array.isArray(templates)) {
    yield { pointer, templates, args: args ?? [] };
    return;
  }
  for (const [field, child] of Object.entries(value)) {
    for (const ordered of orderedIn(child, `${pointer}/${field}`)) {
      // The smallest effect of an A/B test is given to its metric.
      const isMetric = field === 'metric' && minimumEffect !== undefined;
      const more = isMetric ? [{ name: 'minimum-effect', value: String(minimumEffect) }] : [];
      yield { ...ordered, args: [...ordered.args, ...more] };
    }
  }
}
