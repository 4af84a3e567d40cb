import { describe, expect, it } from 'vitest';
import type { Finding, Resource } from '../../../core/plugin.ts';
import { monitorKind } from '../../../plugins/monitors/monitor.ts';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import type { MonitorSpec } from '../../../schemas/generated/monitor.ts';
import { manifestOf, relatedTo } from '../../fixtures/manifest.ts';
import { monitorSpec, templateResources } from './monitors-world.ts';

const template = templateResources();

function findingsOf(
  more: Partial<MonitorSpec>,
  logging: DeploymentSpec['logging'] = {},
  resources = template,
): readonly Finding[] {
  const resource = manifestOf(monitorKind, { name: 'bird-strike' }, monitorSpec(more));
  const all = resources.map((one): Resource => {
    return one.kind === 'Deployment' ? { ...one, spec: { ...(one.spec as object), logging } } : one;
  });
  return monitorKind.validate?.(resource, relatedTo(monitorKind as never, resource, all)) ?? [];
}

/** Conditions on rows of the reference. */
function where(...conditions: readonly object[]): Partial<MonitorSpec> {
  const dataset = { name: 'bird-strike', version: '1', where: conditions as never };
  return { reference: { dataset } };
}

function limits(name: string, more: object): Partial<MonitorSpec> {
  const traffic = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
  return {
    reference: { ...monitorSpec().reference, traffic },
    performance: { metrics: [{ name: name as 'auc', ...more }] },
  };
}

describe('a manifest', () => {
  it.each<[string, Partial<MonitorSpec>]>([
    ['CheckWindowInvalid', { window: {} }],
    ['CheckWindowInvalid', { window: { size: '1h', rows: 100 } }],
    ['CheckWindowInvalid', { window: { size: '10s' } }],
    ['CheckWindowInvalid', { window: { rows: 50, minRows: 60 } }],
    ['IntervalTooShort', { schedule: { every: '5s' } }],
    ['CheckWindowInvalid', { window: { size: '99999999d' } }],
    ['CheckWindowInvalid', { performance: { metrics: [{ name: 'auc' }], labelsAfter: '99999999d' } }],
    ['ScheduleInvalid', { schedule: { cron: 'every day' } }],
    ['ScheduleInvalid', { schedule: { cron: '5-1 * * * *' } }],
    ['ScheduleInvalid', { schedule: { every: '999999999d' } }],
    ['UnknownDatasetVersion', { reference: { dataset: { name: 'bird-strike', version: '2' } } }],
    [
      'ReferenceTimeInvalid',
      { reference: { traffic: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' } } },
    ],
    [
      'ColumnTwice',
      {
        drift: {
          columns: [
            { column: 'airport', effect: 1 },
            { column: 'airport', effect: 2 },
          ],
        },
      },
    ],
    ['ColumnContradicted', { drift: { columns: [{ column: 'airport', effect: 1 }], ignore: ['airport'] } }],
    [
      'TooManySlices',
      { drift: { slices: [{ input: 'airport', values: Array.from({ length: 65 }, (_, at) => at) }] } },
    ],
    [
      'SlicesNeedRows',
      {
        drift: { slices: [{ input: 'airport', values: ['b'] }] },
        reference: { dataset: { name: 'bird-strike', version: '1' } },
      },
    ],
  ])('is told of: %s', (code, more) => {
    expect(findingsOf(more).map((finding) => finding.code)).toEqual([code]);
  });

  it.each<[Partial<MonitorSpec>, Partial<Finding>]>([
    [
      { drift: { columns: [{ column: 'speed_knotz', effect: 1 }] } },
      {
        ...{
          code: 'UnknownColumn',
          pointer: '/spec/drift/columns/0/column',
          hint: 'Did you mean `speed_knots`?',
        },
        message: 'bird-strike 1.0.0, which the deployment declares, has no input or output "speed_knotz"',
      },
    ],
    [
      { drift: { ignore: ['airport', 'probabilty'] } },
      { code: 'UnknownColumn', pointer: '/spec/drift/ignore/1', hint: 'Did you mean `probability`?' },
    ],
    [
      { drift: { slices: [{ input: 'phase_of_fligth', values: ['Climb'] }] } },
      {
        code: 'UnknownInput',
        pointer: '/spec/drift/slices/0/input',
        hint: 'Did you mean `phase_of_flight`?',
      },
    ],
    [
      { performance: { metrics: [{ name: 'auc' }], slices: [{ input: 'probability' }] } },
      { code: 'UnknownInput', pointer: '/spec/performance/slices/0/input' },
    ],
    [{ quality: { ignore: ['label'] } }, { code: 'UnknownColumn', pointer: '/spec/quality/ignore/0' }],
    [
      { drift: { columns: [{ column: 'airport', test: 'kolmogorov-smirnov' }] } },
      {
        ...{ code: 'TestUnfit', pointer: '/spec/drift/columns/0/test' },
        message: 'kolmogorov-smirnov compares numbers, and "airport" holds texts',
      },
    ],
    [
      where({ column: 'flight_dat', from: '1990-01-01' }),
      {
        ...{ code: 'UnknownColumn', pointer: '/spec/reference/dataset/where/0/column' },
        hint: 'Did you mean `flight_date`?',
      },
    ],
    [
      where({ column: 'flight_date' }),
      { code: 'ConditionEmpty', pointer: '/spec/reference/dataset/where/0/column' },
    ],
    [
      where({ column: 'flight_date', from: '1995-01-01', to: '1990-01-01' }),
      { code: 'ConditionContradicts', pointer: '/spec/reference/dataset/where/0/to' },
    ],
    [
      where({ column: 'speed_knots', from: '100', to: '90' }),
      { code: 'ConditionContradicts', pointer: '/spec/reference/dataset/where/0/to' },
    ],
    [
      where({ column: 'speed_knots', from: 'fast' }),
      { code: 'ConditionContradicts', pointer: '/spec/reference/dataset/where/0/from' },
    ],
    [limits('auc', { min: 2 }), { code: 'LimitOutOfRange', pointer: '/spec/performance/metrics/0/min' }],
    [
      limits('accuracy', { min: 70 }),
      {
        ...{ code: 'LimitOutOfRange', pointer: '/spec/performance/metrics/0/min' },
        hint: 'A figure is no percentage: 70 % is 0.7.',
      },
    ],
    [limits('rmse', { max: -1 }), { code: 'LimitOutOfRange', pointer: '/spec/performance/metrics/0/max' }],
    [
      limits('f1', { maxDrop: 1.5 }),
      { code: 'LimitOutOfRange', pointer: '/spec/performance/metrics/0/maxDrop' },
    ],
    [
      { schedule: { cron: '*/61 * * * *' } },
      {
        ...{ code: 'ScheduleInvalid', pointer: '/spec/schedule/cron' },
        message: '"*/61" steps over all of the 60 minutes but the first',
      },
    ],
    [{ schedule: { cron: '0 */24 * * *' } }, { code: 'ScheduleInvalid', pointer: '/spec/schedule/cron' }],
  ])('is refused, and told what to write: %o', (more, finding) => {
    expect(findingsOf(more)).toMatchObject([finding]);
  });

  it('may say all that can be', () => {
    const allowed: Partial<MonitorSpec>[] = [
      where({ column: 'speed_knots', from: '9', to: '10' }, { column: 'airport', in: ['LAGUARDIA NY'] }),
      limits('r2', { min: -3 }),
      limits('log-loss', { max: 5 }),
      limits('auc', { min: 0, max: 1 }),
      { schedule: { cron: '*/30 */2 1-15 * 1-5' } },
      { drift: { columns: [{ column: 'speed_knots', test: 'kolmogorov-smirnov' }] } },
      { drift: { columns: [{ column: 'airport', test: 'chi-square' }] } },
      { drift: { ignore: ['told label', 'label'], columns: [{ column: 'probability', effect: 1 }] } },
    ];
    for (const one of allowed) expect(findingsOf(one)).toEqual([]);
  });

  it('is warned of where its deployment keeps no predictions', () => {
    const resource = manifestOf(monitorKind, { name: 'bird-strike' }, monitorSpec());
    const related = relatedTo(monitorKind as never, resource, template);
    expect(monitorKind.validate?.(resource, related)).toMatchObject([
      { code: 'NothingLogged', severity: 'warning' },
    ]);
  });

  it('is warned of where a column is redacted, which is compared no more', () => {
    const drift = { columns: [{ column: 'operator', effect: 1 }], ignore: ['operator'] };
    expect(findingsOf({ drift: { columns: drift.columns } }, { redact: ['operator'] })).toMatchObject([
      { code: 'ColumnNotCompared', severity: 'warning', pointer: '/spec/drift/columns/0/column' },
    ]);
    expect(findingsOf({ drift: { ignore: drift.ignore } }, { redact: ['operator'] })).toEqual([]);
  });

  it('is warned of where only an earlier version has a column: a new one need not wait for it', () => {
    const declared = template.find(({ kind }) => kind === 'ModelVersion') as Resource<ModelVersionSpec>;
    const inputs = declared.spec.signature.inputs.slice(1);
    const gone = declared.spec.signature.inputs[0]!.name;
    const next: Resource<ModelVersionSpec> = {
      ...declared,
      ref: 'ModelVersion/bird-strike/2.0.0',
      metadata: { ...declared.metadata, name: '2.0.0' },
      spec: { ...declared.spec, parents: ['1.0.0'], signature: { ...declared.spec.signature, inputs } },
    };
    const moved = template.map((one): Resource => {
      return one.kind === 'Deployment'
        ? { ...one, spec: { ...(one.spec as object), version: '2.0.0' } }
        : one;
    });
    expect(findingsOf({ drift: { ignore: [gone, 'airprt'] } }, {}, [...moved, next])).toMatchObject([
      { code: 'ColumnStale', severity: 'warning', pointer: '/spec/drift/ignore/0' },
      { code: 'UnknownColumn', pointer: '/spec/drift/ignore/1' },
    ]);
  });
});
