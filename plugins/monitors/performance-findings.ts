import type { Finding } from '../../core/plugin.ts';
import { metricsOf } from '../../libraries/statistics/performance/index.ts';
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
    if (min !== undefined && max !== undefined && min > max) {
      const message = `${name} cannot be at least ${min} and at most ${max}`;
      findings.push({ code: 'LimitsContradict', pointer: `${pointer}/min`, message });
    }
  }
  return findings;
}
