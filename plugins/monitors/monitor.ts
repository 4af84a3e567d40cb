import { defineKind, type Finding, type Related, type Resource, refOf } from '../../core/plugin.ts';
import { parseDuration } from '../../libraries/duration/index.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import { type MonitorSpec, monitorSchema } from '../../schemas/generated/monitor.ts';
import { columnFindings, versionReferences } from './column-findings.ts';
import { performanceFindings } from './performance-findings.ts';
import { referenceFindings } from './reference-findings.ts';
import { cronFault, longestEveryMs, shortestEveryMs } from './schedule.ts';
import { sliceFindings } from './slice-findings.ts';

/** Watches one deployment. */
export const monitorKind = defineKind<MonitorSpec>({
  kind: 'Monitor',
  plural: 'monitors',
  shortNames: ['mon'],
  description: 'Watches what a deployment is asked and answers.',
  schema: monitorSchema,
  path: 'monitors/{name}.yaml',
  validationVersion: '7',
  columns: [
    { title: 'Environment', pointer: '/spec/target/environment' },
    { title: 'Deployment', pointer: '/spec/target/deployment' },
  ],

  references({ spec }) {
    const { target, reference } = spec;
    const { dataset } = reference;
    return [
      {
        to: refOf('Deployment', target.deployment, target.environment),
        pointer: '/spec/target/deployment',
      },
      ...(dataset === undefined
        ? []
        : [{ to: refOf('Dataset', dataset.name), pointer: '/spec/reference/dataset/name' }]),
      ...versionReferences,
    ];
  },

  validate(resource, related) {
    return [
      ...windowFindings(resource.spec),
      ...scheduleFindings(resource.spec),
      ...referenceFindings(resource.spec, related),
      ...targetFindings(resource, related),
      ...columnFindings(resource.spec, related),
      ...sliceFindings(resource.spec, related),
      ...performanceFindings(resource.spec),
    ];
  },
});

/** Ten years. Dates further back are none that a prediction has. */
const longestBackMs = 3_650 * 86_400_000;

function windowFindings({ window, performance }: MonitorSpec): readonly Finding[] {
  const { size, rows, minRows } = window;
  const pointer = '/spec/window';
  if ((size === undefined) === (rows === undefined)) {
    const message = 'a window is so long or has so many rows: exactly one of size and rows';
    return [{ code: 'CheckWindowInvalid', pointer, message }];
  }
  if (size !== undefined && parseDuration(size) < 60_000) {
    const message = `${size} is shorter than 1m`;
    return [{ code: 'CheckWindowInvalid', pointer: `${pointer}/size`, message, hint: 'Write 1m or more.' }];
  }
  if (size !== undefined && parseDuration(size) > longestBackMs) {
    const message = `${size} is longer than ten years`;
    return [
      { code: 'CheckWindowInvalid', pointer: `${pointer}/size`, message, hint: 'Write 3650d or less.' },
    ];
  }
  if (rows !== undefined && minRows !== undefined && minRows > rows) {
    const message = `the window has ${rows} rows, and nothing is judged below ${minRows}`;
    return [{ code: 'CheckWindowInvalid', pointer: `${pointer}/minRows`, message }];
  }
  const { labelsAfter } = performance ?? {};
  if (labelsAfter !== undefined && parseDuration(labelsAfter) > longestBackMs) {
    const message = `${labelsAfter} is longer than ten years`;
    const hint = 'Write 3650d or less.';
    return [{ code: 'CheckWindowInvalid', pointer: '/spec/performance/labelsAfter', message, hint }];
  }
  return [];
}

function scheduleFindings({ schedule }: MonitorSpec): readonly Finding[] {
  if (schedule?.every !== undefined && parseDuration(schedule.every) < shortestEveryMs) {
    const message = `${schedule.every} is shorter than 10s`;
    return [
      { code: 'IntervalTooShort', pointer: '/spec/schedule/every', message, hint: 'Write 10s or more.' },
    ];
  }
  if (schedule?.every !== undefined && parseDuration(schedule.every) > longestEveryMs) {
    const message = `${schedule.every} is longer than a year`;
    const hint = 'Write 366d or less.';
    return [{ code: 'ScheduleInvalid', pointer: '/spec/schedule/every', message, hint }];
  }
  if (schedule?.cron === undefined) return [];
  const fault = cronFault(schedule.cron);
  return fault === undefined ? [] : [{ code: 'ScheduleInvalid', pointer: '/spec/schedule/cron', ...fault }];
}

function targetFindings({ spec }: Resource<MonitorSpec>, related: Related): readonly Finding[] {
  const { deployment, environment } = spec.target;
  const found = related.get<DeploymentSpec>(refOf('Deployment', deployment, environment));
  if (found === undefined || found.spec.logging !== undefined) return [];
  return [
    {
      code: 'NothingLogged',
      pointer: '/spec/target/deployment',
      severity: 'warning',
      message: `${environment}/${deployment} keeps no predictions, so that nothing can be watched`,
      hint: `Write \`logging: {}\` into ${found.origin.path}.`,
    },
  ];
}
