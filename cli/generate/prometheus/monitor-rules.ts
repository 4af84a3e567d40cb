import type { Resource } from '../../../core/plugin.ts';
import { parseDuration } from '../../../libraries/duration/index.ts';
import type { MonitorSpec } from '../../../schemas/generated/monitor.ts';
import type { LeftOut } from './alert-rule.ts';
import { promDuration, quoted, type RuleGroup } from './rule-file.ts';

/** So many checks may be missed before a monitor is silent. */
const missed = 3;

/** An alert for a monitor that does not run. That one is breached is told for all of them. */
export function monitorGroup({ ref, metadata, spec }: Resource<MonitorSpec>): RuleGroup | LeftOut {
  const { schedule, window, target } = spec;
  if (schedule?.cron !== undefined) {
    return { ref, reason: 'how long it may be silent is not told by cron; Switchyard knows when it is due' };
  }
  const everyMs = parseDuration(schedule?.every ?? shorter(window.size ?? '5m', '1d'));
  const silentMs = Math.max(missed * everyMs, 5 * 60_000);
  const { name } = metadata;
  const last = `switchyard_monitor_last_run_timestamp_seconds{monitor=${quoted(name)}}`;
  return {
    name: `monitor-${name}`,
    rules: [
      {
        alert: 'SwitchyardMonitorSilent',
        expr: `time() - ${last} > ${silentMs / 1000}`,
        for: '1m',
        labels: { monitor: name, ...target, severity: 'warning' },
        annotations: {
          summary: `the monitor ${name} has not run for {{ $value | humanizeDuration }}`,
          description: `It is due every ${promDuration(everyMs)}. What it watches is not watched.`,
          command: `switchyard monitor show ${name}`,
        },
      },
    ],
  };
}

function shorter(one: string, other: string): string {
  return parseDuration(one) < parseDuration(other) ? one : other;
}
