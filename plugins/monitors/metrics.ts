import type { Monitors, ShownMonitor } from './monitors.ts';
import { statusOf } from './state.ts';

type Sample = readonly [labels: string, value: number];

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: (shown: ShownMonitor, monitors: Monitors) => readonly Sample[];
}

/** Columns of a monitor whose effects are exposed. */
const mostColumns = 100;

const families: readonly Family[] = [
  {
    name: 'switchyard_monitor_status',
    type: 'gauge',
    help: '1 for the status that the monitor has.',
    samples: ({ state }) => (state.lastRun === null ? [] : [[`status="${statusOf(state)}"`, 1]]),
  },
  {
    name: 'switchyard_monitor_breached',
    type: 'gauge',
    help: 'Whether the last word was a breach.',
    samples: ({ state }) => [['', state.isBreached ? 1 : 0]],
  },
  {
    name: 'switchyard_monitor_last_run_timestamp_seconds',
    type: 'gauge',
    help: 'When the newest check ended.',
    samples: ({ state }) => (state.lastRun === null ? [] : [['', Date.parse(state.lastRun) / 1000]]),
  },
  {
    name: 'switchyard_monitor_check_seconds',
    type: 'gauge',
    help: 'How long the last check took that could judge.',
    samples: ({ state }) => (state.verdict === null ? [] : [['', state.verdict.milliseconds / 1000]]),
  },
  {
    name: 'switchyard_monitor_rows',
    type: 'gauge',
    help: 'Rows in the window of the last check.',
    samples: ({ state }) => (state.verdict?.window.rows == null ? [] : [['', state.verdict.window.rows]]),
  },
  {
    name: 'switchyard_monitor_drifted_columns_percent',
    type: 'gauge',
    help: 'Columns that drifted, of those that were compared.',
    samples: ({ state }) => {
      const { sharePercent } = state.verdict?.parts.drift?.facts ?? {};
      return typeof sharePercent === 'number' ? [['', sharePercent]] : [];
    },
  },
  {
    name: 'switchyard_monitor_column_effect',
    type: 'gauge',
    help: 'How far a column is from the reference, by its own test.',
    samples: ({ state }) => effectsOf(state.verdict?.parts.drift?.details.columns),
  },
  {
    name: 'switchyard_monitor_performance',
    type: 'gauge',
    help: 'How right predictions are, by labels or as an estimate.',
    samples: ({ state }) => {
      const { measured, estimated } = state.verdict?.parts.performance?.details ?? {};
      return [...figuresOf(measured, 'labels'), ...figuresOf(estimated, 'estimate')];
    },
  },
  {
    name: 'switchyard_monitor_checks_total',
    type: 'counter',
    help: 'Checks since the platform began, by how they ended.',
    samples: ({ resource }, monitors) =>
      [...monitors.counts(resource.ref)].map(([status, count]) => [`status="${status}"`, count]),
  },
];

/** What monitors found, as Prometheus text exposition. */
export function monitorExposition(monitors: Monitors): string {
  const lines: string[] = [];
  for (const { name, type, help, samples } of families) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const shown of monitors.all) {
      const { metadata, spec } = shown.resource;
      const { environment, deployment } = spec.target;
      const own = `monitor="${metadata.name}",environment="${environment}",deployment="${deployment}"`;
      for (const [labels, value] of samples(shown, monitors)) {
        lines.push(`${name}{${own}${labels === '' ? '' : `,${labels}`}} ${value}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

function effectsOf(columns: unknown): readonly Sample[] {
  if (!Array.isArray(columns)) return [];
  return columns
    .slice(0, mostColumns)
    .flatMap((each: { column?: unknown; effect?: unknown; test?: unknown }) => {
      if (typeof each.column !== 'string' || typeof each.effect !== 'number') return [];
      const labels = `column="${escaped(each.column)}",test="${String(each.test)}"`;
      return [[labels, each.effect] as const];
    });
}

function figuresOf(found: unknown, source: string): readonly Sample[] {
  const { metrics = [] } = (found ?? {}) as { metrics?: readonly { metric: string; value: number | null }[] };
  return metrics.flatMap(({ metric, value }) =>
    value === null ? [] : [[`metric="${metric}",source="${source}"`, value] as const],
  );
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
