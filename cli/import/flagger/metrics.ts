import { goDuration, ourDuration } from '../durations.ts';
import { Fields } from '../fields.ts';
import type { Metric } from '../manifest.ts';
import { nameLike } from '../names.ts';
import { type FieldReport, noEqual, sourceInvalid } from '../report.ts';
import type { Source } from '../source.ts';
import { renderQuery } from './query.ts';

/** What all metrics of a canary share. */
export interface Sharing {
  /** How far apart measurements are; the first is so late too. */
  readonly interval: string;
  readonly failureLimit: number;
  readonly count?: number;
  /** The names that stand in queries. */
  readonly names: Readonly<Record<string, string>>;
  readonly namespace: string | undefined;
  /** The MetricTemplates among the files. */
  readonly templates: readonly Source[];
}

type Range = { readonly min: number | undefined; readonly max: number | undefined };
type Judged = Pick<Metric, 'provider'> & { readonly successCondition: string };

/** The metrics of a canary's analysis. Throws a refusal. */
export function canaryMetrics(analysis: Fields, sharing: Sharing, notes: FieldReport[]): readonly Metric[] {
  const made: Metric[] = [];
  for (const metric of analysis.maps('metrics')) {
    const written = metric.text('name') ?? '';
    const name = nameLike(written);
    if (name === '') throw sourceInvalid(metric.at('name'), 'it is missing');
    const to = `spec.metrics[${made.length}]`;
    if (name === written) metric.imported('name', `${to}.name`);
    else metric.note('name', 'changed', `it is called ${name}`, `${to}.name`);
    const window = windowOf(metric, `${to}.window`);
    const found: readonly Judged[] = [
      ...builtin(metric, written, to),
      ...queried(metric, to, sharing, notes),
    ];
    if (found.length === 0) {
      throw sourceInvalid(
        metric.path,
        'it has neither a name that Flagger knows nor a templateRef nor a query',
      );
    }
    metric.finish();
    for (const [index, judged] of found.entries()) {
      const { interval, failureLimit, count } = sharing;
      made.push({
        name: index === 0 ? name : `${name}-query`,
        interval,
        initialDelay: interval,
        ...(count === undefined ? {} : { count }),
        window,
        successCondition: judged.successCondition,
        failureLimit,
        noData: 'fail',
        provider: judged.provider,
      });
    }
  }
  return made;
}

function windowOf(metric: Fields, to: string): string {
  const written = metric.text('interval') ?? '1m';
  const milliseconds = goDuration(written);
  if (milliseconds === undefined) throw sourceInvalid(metric.at('interval'), `"${written}" is no duration`);
  metric.imported('interval', to);
  return ourDuration(milliseconds).text;
}

/** The two that Flagger measures by itself have equals in what inference processes report. */
function builtin(metric: Fields, name: string, to: string): readonly Judged[] {
  if (name === 'request-success-rate') {
    const { min, max } = rangeOf(metric, to, (threshold) => ({ min: threshold, max: undefined }));
    const share = (percent: number) => Number(((100 - percent) / 100).toPrecision(12));
    const condition = between('result.candidate', {
      min: max === undefined ? undefined : share(max),
      max: min === undefined ? undefined : share(min),
    });
    metric.note('name', 'imported', `a share of failures: ${condition}`, `${to}.provider.builtin`);
    return [{ provider: { builtin: { metric: 'errorRate' } }, successCondition: condition }];
  }
  if (name === 'request-duration') {
    const { min, max } = rangeOf(metric, to, (threshold) => ({ min: undefined, max: threshold }));
    const whole = (value: number | undefined) => (value === undefined ? undefined : Math.trunc(value));
    const condition = between('result.candidate', { min: whole(min), max: whole(max) });
    metric.note(
      'name',
      'imported',
      `the 99th percentile in milliseconds: ${condition}`,
      `${to}.provider.builtin`,
    );
    return [{ provider: { builtin: { metric: 'latency', quantile: 0.99 } }, successCondition: condition }];
  }
  return [];
}

function queried(metric: Fields, to: string, sharing: Sharing, notes: FieldReport[]): readonly Judged[] {
  const reference = metric.map('templateRef');
  const inline = metric.text('query');
  if (reference === undefined && (inline === undefined || inline === '')) return [];
  const query =
    reference === undefined
      ? { text: inline ?? '', field: metric.at('query') }
      : templateQuery(reference, sharing, notes);
  const variables = metric.map('templateVariables');
  const given = Object.fromEntries(
    (variables?.names() ?? []).map((name) => [name, variables?.written(name)]),
  );
  const facts = { names: sharing.names, variables: given };
  const text = renderQuery(query.text, query.field, facts).trim();
  const note = 'it asks about the workload in Kubernetes, by name: let it ask about {{run.candidate}}';
  metric.note(
    reference === undefined ? 'query' : 'templateRef',
    'changed',
    note,
    `${to}.provider.prometheus.query`,
  );
  metric.imported('templateVariables', `${to}.provider.prometheus.query`);
  const range = rangeOf(metric, to, (threshold) => ({ min: undefined, max: threshold }));
  return [{ provider: { prometheus: { query: text } }, successCondition: between('result', range) }];
}

function templateQuery(
  reference: Fields,
  { namespace, templates }: Sharing,
  notes: FieldReport[],
): { text: string; field: string } {
  const name = reference.text('name') ?? '';
  const wanted = reference.text('namespace') ?? namespace;
  const known = templates.filter((template) => template.name === name);
  // Files are often without a namespace, which is then that of whoever applies them.
  const found =
    known.find((template) => template.namespace === wanted) ??
    known.find((template) => template.namespace === undefined || wanted === undefined);
  if (found === undefined) {
    throw noEqual(
      reference.path,
      `the MetricTemplate ${name} is not among the files`,
      'Name its file in the same command.',
    );
  }
  reference.finish();
  const spec = new Fields(found.value, '', notes).demandMap('spec');
  const provider = spec.demandMap('provider');
  const type = provider.text('type') ?? '';
  if (type !== 'prometheus') {
    throw noEqual(
      reference.path,
      `the MetricTemplate ${name} asks ${type}, and no metrics source called so comes with Switchyard`,
      `Ask Prometheus for the number, or write a plugin that provides metrics-source ${type}.`,
    );
  }
  const text = spec.text('query');
  if (text === undefined) throw sourceInvalid(spec.at('query'), `the MetricTemplate ${name} has no query`);
  return { text, field: reference.path };
}

/** What is allowed. The old `threshold` is a least or a most, by metric; without any it is 0, as there. */
function rangeOf(metric: Fields, to: string, ofThreshold: (threshold: number) => Range): Range {
  const range = metric.map('thresholdRange');
  const place = `${to}.successCondition`;
  if (range === undefined) {
    const threshold = metric.number('threshold');
    metric.imported('threshold', place);
    return ofThreshold(threshold ?? 0);
  }
  const min = range.number('min');
  const max = range.number('max');
  range.imported('min', place);
  range.imported('max', place);
  range.finish();
  metric.note('threshold', 'elsewhere', 'thresholdRange replaces it');
  return { min, max };
}

function between(what: string, { min, max }: Range): string {
  const sides = [
    ...(min === undefined ? [] : [`${what} >= ${decimal(min)}`]),
    ...(max === undefined ? [] : [`${what} <= ${decimal(max)}`]),
  ];
  return sides.length === 0 ? 'true' : sides.join(' && ');
}

/** CEL keeps numbers with decimals and whole ones apart. */
function decimal(value: number): string {
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
