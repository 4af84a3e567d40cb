import type { Finding } from '../../core/plugin.ts';
import { metricsOf, rangeOf } from '../../libraries/statistics/performance/index.ts';
import type { MonitorSpec } from '../../schemas/generated/monitor.ts';
import { taskOf } from './parts/performance/logged-rows.ts';

/** What is wrong with the figures that a monitor measures. */
export function performanceFindings({
  drift,
  quality,
  performance,
  reference,
}: MonitorSpec): readonly Finding[] {
  if (performance === undefined) {
    if (drift !== undefined || quality !== undefined) return [];
    const message = 'it declares neither drift nor quality nor performance';
    return [
      {
        code: 'NothingWatched',
        pointer: '/spec',
        message,
        hint: 'Write `drift: {}`, `quality: {}`, or `performance`.',
      },
    ];
  }
  const findings: Finding[] = [];
  const task = taskOf(performance.metrics.map(({ name }) => name));
  const seen = new Set<string>();
  for (const [index, { name, min, max, maxDrop }] of performance.metrics.entries()) {
    const pointer = `/spec/performance/metrics/${index}`;
    if (!(name in metricsOf[task])) {
      const others = { binary: 'two classes', multiclass: 'several classes', regression: 'numbers' }[task];
      findings.push({
        code: 'MetricsDoNotFit',
        pointer: `${pointer}/name`,
        message: `${name} is not a figure of ${others}, and another of the metrics is`,
        hint: 'Write a monitor of its own for it.',
      });
    }
    if (seen.has(name))
      findings.push({ code: 'MetricTwice', pointer: `${pointer}/name`, message: `${name} stands twice` });
    seen.add(name);
    if (maxDrop !== undefined && reference.traffic === undefined) {
      findings.push({
        code: 'DropWithoutReference',
        pointer: `${pointer}/maxDrop`,
        message: `${name} is to be held against reference.traffic, and there is none`,
        hint: 'Write from and to of a time whose predictions have labels, or use min or max.',
      });
    }
    findings.push(...rangeFindings({ name, min, max, maxDrop }, pointer));
    if (min !== undefined && max !== undefined && min > max) {
      const message = `${name} cannot be at least ${min} and at most ${max}`;
      findings.push({ code: 'LimitsContradict', pointer: `${pointer}/min`, message });
    }
  }
  return findings;
}

type Limit = NonNullable<MonitorSpec['performance']>['metrics'][number];

/** A limit that the figure is always beyond is always a breach; one that it never reaches is none. */
function rangeFindings({ name, min, max, maxDrop }: Limit, pointer: string): readonly Finding[] {
  const [least, most] = rangeOf(name);
  const isWithin = (limit: number) => limit >= least && limit <= most;
  const range =
    most === Infinity ? `${least} or more` : least === -Infinity ? `${most} or less` : 'from 0 to 1';
  const findings: Finding[] = [];
  for (const [field, limit] of Object.entries({ min, max })) {
    if (limit === undefined || isWithin(limit)) continue;
    const isPercent = least === 0 && most === 1 && limit >= 10 && limit <= 100;
    findings.push({
      code: 'LimitOutOfRange',
      pointer: `${pointer}/${field}`,
      message: `${name} is ${range}, so ${field}: ${limit} is no limit`,
      ...(isPercent ? { hint: `A figure is no percentage: ${limit} % is ${limit / 100}.` } : {}),
    });
  }
  if (maxDrop !== undefined && maxDrop > most - least) {
    const message = `${name} is ${range}, so it cannot become worse by more than ${maxDrop}`;
    findings.push({ code: 'LimitOutOfRange', pointer: `${pointer}/maxDrop`, message });
  }
  return findings;
}
