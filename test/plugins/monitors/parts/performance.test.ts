import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LabelValue } from '../../../../core/capabilities/prediction-sink.ts';
import { heldOutStrikes, type Strike } from '../../../../demo/strikes.ts';
import type { ConfidenceEstimate, Measured } from '../../../../libraries/statistics/performance/index.ts';
import { monitorKind } from '../../../../plugins/monitors/monitor.ts';
import type { MonitorSpec } from '../../../../schemas/generated/monitor.ts';
import { relatedTo } from '../../../fixtures/manifest.ts';
import { MonitorsWorld, monitorSpec, strikesFile } from '../monitors-world.ts';

const anHour = 3_605_000;

let world: MonitorsWorld;
let strikes: readonly Strike[];

beforeAll(async () => {
  strikes = await heldOutStrikes(strikesFile, 1990, 1994);
});
beforeEach(async () => {
  world = await new MonitorsWorld().open();
});
afterEach(() => world.close());

function spec(performance: MonitorSpec['performance'], more: Partial<MonitorSpec> = {}): MonitorSpec {
  const { drift: _, ...rest } = monitorSpec(more);
  return { ...rest, ...(performance && { performance }) };
}

/** A model that knows something: large animals do damage. */
const knowing = ({ wildlife_size: size }: Strike) => ({ Small: 0.03, Medium: 0.12, Large: 0.4 })[size] ?? 0.1;
/** One whose probabilities come from a wheel. */
const guessing = ({ id }: Strike) => ((id * 7919) % 97) / 97;

async function asked(
  probability: (strike: Strike) => number,
  label: (strike: Strike) => LabelValue | undefined = ({ damaged }) => (damaged ? 1 : 0),
  some: readonly Strike[] = strikes,
): Promise<void> {
  const ids = world.ask(some, { probability });
  const labels = ids.flatMap((id, index) => {
    const value = label(some[index]!);
    return value === undefined ? [] : [[id, value] as const];
  });
  await world.tell(
    labels.map(([id]) => id),
    labels.map(([, value]) => value),
  );
}

const part = () => world.cell?.verdict?.parts.performance;
const details = () =>
  part()?.details as {
    readonly measured: Measured | null;
    readonly estimated: ConfidenceEstimate | null;
    readonly slices: readonly {
      readonly column: string;
      readonly slice: string;
      readonly measured: Measured;
    }[];
  };
const auc = (found: Measured | ConfidenceEstimate | null) =>
  found?.metrics.find(({ metric }) => metric === 'auc')?.value;

describe('performance by labels', () => {
  it('is measured with its interval, and by slice', async () => {
    await asked(knowing);
    const own = spec({
      metrics: [
        { name: 'auc', min: 0.6 },
        { name: 'brier', max: 0.4 },
      ],
      slices: [{ input: 'wildlife_size' }, { input: 'phase_of_flight', values: ['Climb', 'Hover'] }],
    });
    const outcome = await world.checked(world.resource(own));
    expect(outcome).toMatchObject({ state: 'ready', reason: 'Unremarkable' });
    expect(outcome.degraded).toBeUndefined();
    expect(outcome.facts).toMatchObject({
      performance: {
        labels: strikes.length,
        isEstimated: false,
        figures: { auc: expect.any(Number), brier: expect.any(Number) },
      },
    });
    expect(part()?.message).toMatch(/^ROC AUC 0\.\d+ \(0\.\d+ to 0\.\d+\), Brier score 0\.0\d+ /);
    expect(details().slices.map(({ column, slice }) => `${column} ${slice}`)).toEqual([
      'wildlife_size Small',
      'wildlife_size Medium',
      'wildlife_size Large',
      'phase_of_flight Climb',
    ]);
    expect(details().measured?.n).toBe(strikes.length);
    expect(await world.metrics()).toMatch(
      /switchyard_monitor_performance\{monitor="bird-strike",environment="production",deployment="bird-strike",metric="auc",source="labels"\} 0\.6/,
    );
  });

  it('is sliced as a file is: many numbers by quarters, what stands for a missing one as missing', async () => {
    await asked(knowing);
    await world.checked(
      world.resource(spec({ metrics: [{ name: 'accuracy' }], slices: [{ input: 'speed_knots' }] })),
    );
    const slices = details().slices.map(({ slice, measured }) => [slice, measured.n] as const);
    expect(slices.map(([slice]) => slice)).toEqual([
      expect.stringMatching(/^up to \d+$/),
      expect.stringMatching(/^\d+ to \d+$/),
      expect.stringMatching(/^\d+ to \d+$/),
      expect.stringMatching(/^above \d+$/),
      '(missing)',
    ]);
    const unreported = strikes.filter(({ speed }) => speed === -1).length;
    expect(slices.at(-1)?.[1]).toBe(unreported);
    expect(slices.reduce((sum, [, rows]) => sum + rows, 0)).toBe(strikes.length);
  });

  it('is a breach where a figure is below its limit for sure, and told once', async () => {
    await asked(guessing);
    const outcome = await world.checked(world.resource(spec({ metrics: [{ name: 'auc', min: 0.65 }] })));
    expect(outcome).toMatchObject({ reason: 'Breached', degraded: { reason: 'PerformanceBelowLimit' } });
    expect(outcome.degraded?.message).toMatch(/ROC AUC 0\.[45]\d* is below 0\.65/);
    expect(world.journal.map(({ type }) => type)).toEqual(['monitor.breached']);
  });

  it('is a warning where the rows are too few to be sure, or only a slice is below', async () => {
    await asked(knowing);
    const resource = world.resource(spec({ metrics: [{ name: 'auc', min: 0.75 }] }));
    expect(await world.checked(resource)).toMatchObject({
      reason: 'Remarkable',
      facts: { status: 'warning' },
    });
    expect(part()).toMatchObject({ reason: 'PerformanceInDoubt' });
    const sliced = spec({ metrics: [{ name: 'accuracy', min: 0.8 }], slices: [{ input: 'wildlife_size' }] });
    await world.checked(world.resource(sliced));
    expect(part()).toMatchObject({ status: 'warning', reason: 'SliceBelowLimit' });
    expect(part()?.message).toContain('where wildlife_size is Large');
  });

  it('is held against earlier predictions, whose figures are remembered', async () => {
    const traffic = { from: '2026-06-01T11:00:00Z', to: '2026-06-01T12:00:00Z' };
    const own = spec(
      { metrics: [{ name: 'auc', maxDrop: 0.05 }], estimate: false },
      { reference: { traffic } },
    );
    await asked(knowing);
    expect((await world.checked(world.resource(own))).degraded).toBeUndefined();
    world.turn(anHour);
    await asked(guessing);
    const outcome = await world.checked(world.resource(own));
    expect(outcome.degraded).toMatchObject({ reason: 'PerformanceBelowLimit' });
    expect(outcome.degraded?.message).toMatch(/is worse by 0\.\d+ than 0\.6\d* in the reference/);
    expect(world.cell?.memory.performance).toMatchObject({ figures: [{ metric: 'auc' }] });
  });

  it('reads labels as the dataset writes them, and says how many fit nothing', async () => {
    await asked(knowing, ({ damaged, id }) => (id % 50 === 0 ? undefined : damaged ? 'Minor' : 'None'));
    await world.checked(world.resource(spec({ metrics: [{ name: 'auc' }] })));
    expect(part()).toMatchObject({ status: 'ok', reason: 'PerformanceWithinLimits', facts: { unfit: 0 } });
    expect(part()?.facts.labels).toBeLessThan(strikes.length);
    expect(auc(details().measured)).toBeGreaterThan(0.65);
  });

  it('waits for labels: none, and too few of them, are told apart', async () => {
    world.ask(strikes, { probability: knowing });
    const resource = world.resource(spec({ metrics: [{ name: 'auc', min: 0.7 }] }));
    expect(await world.checked(resource)).toMatchObject({ reason: 'NoData' });
    expect(part()).toMatchObject({ reason: 'NoLabels' });
    world.turn(anHour);
    await asked(knowing, undefined, strikes.slice(0, 50));
    expect(await world.checked(resource)).toMatchObject({ reason: 'Inconclusive' });
    expect(part()).toMatchObject({ reason: 'TooFewLabels', facts: { labels: 50 } });
    world.turn(anHour);
    await asked(knowing, ({ damaged }) => (damaged ? 1.5 : 'perhaps'), strikes.slice(0, 20));
    world.resources.set('Model/bird-strike', {
      ...world.resources.get('Model/bird-strike')!,
      spec: {},
    });
    await world.checked(resource);
    expect(part()).toMatchObject({ status: 'inconclusive', reason: 'LabelsUnfit' });
  });

  it('measures predictions of the time whose labels have come', async () => {
    await asked(guessing);
    world.turn(anHour);
    world.ask(strikes, { probability: knowing });
    const own = spec({ metrics: [{ name: 'auc', min: 0.65 }], labelsAfter: '1h', estimate: false });
    const outcome = await world.checked(world.resource(own));
    expect(outcome.degraded).toMatchObject({ reason: 'PerformanceBelowLimit' });
  });
});

describe('performance without labels', () => {
  it('is estimated from the labelled predictions before, and only ever a warning', async () => {
    await asked(knowing);
    world.turn(anHour);
    world.ask(strikes, { probability: knowing });
    const resource = world.resource(spec({ metrics: [{ name: 'auc', min: 0.6 }, { name: 'accuracy' }] }));
    expect(await world.checked(resource)).toMatchObject({
      reason: 'Unremarkable',
      facts: { performance: { labels: 0, isEstimated: true } },
    });
    expect(part()).toMatchObject({ reason: 'EstimatedWithinLimits' });
    expect(details()).toMatchObject({ measured: null, estimated: { referenceRows: strikes.length } });
    expect(auc(details().estimated)).toBeGreaterThan(0.65);

    world.turn(anHour);
    // All are small and alike: nothing tells them apart any more.
    world.ask(
      strikes.filter(({ wildlife_size: size }) => size === 'Small'),
      { probability: knowing },
    );
    const outcome = await world.checked(resource);
    expect(outcome).toMatchObject({ reason: 'Remarkable', facts: { status: 'warning' } });
    expect(part()).toMatchObject({ reason: 'EstimatedBelowLimit' });
    expect(part()?.message).toMatch(/^estimated without labels: ROC AUC 0\.5 is below 0\.6/);
  });
});

describe('a monitor of performance', () => {
  it.each([
    [{ performance: undefined }, 'NothingWatched'],
    [{ performance: { metrics: [{ name: 'auc' }, { name: 'mae' }] } }, 'MetricsDoNotFit'],
    [{ performance: { metrics: [{ name: 'auc' }, { name: 'auc' }] } }, 'MetricTwice'],
    [{ performance: { metrics: [{ name: 'auc', maxDrop: 0.1 }] } }, 'DropWithoutReference'],
    [{ performance: { metrics: [{ name: 'auc', min: 0.9, max: 0.1 }] } }, 'LimitsContradict'],
    [{ performance: { metrics: [{ name: 'auc' }], slices: [{ input: 'operator' }] } }, 'SliceRedacted'],
    [{ drift: { slices: [{ input: 'operator', values: ['PVT'] }] } }, 'SliceRedacted'],
  ] as const)('is refused as %j: %s', (given, code) => {
    world.deployment({ logging: { redact: ['operator'] } });
    const resource = world.resource({ ...spec(undefined), ...(given as Partial<MonitorSpec>) });
    const related = relatedTo(monitorKind, resource, [...world.resources.values()]);
    expect(monitorKind.validate?.(resource, related).map((finding) => finding.code)).toEqual([code]);
  });

  it('may watch performance alone, or both', () => {
    world.deployment({ logging: {} });
    const related = (own: MonitorSpec) =>
      relatedTo(monitorKind, world.resource(own), [...world.resources.values()]);
    for (const own of [
      spec({ metrics: [{ name: 'accuracy' }] }),
      monitorSpec({ performance: { metrics: [{ name: 'rmse' }] } }),
    ])
      expect(monitorKind.validate?.(world.resource(own), related(own))).toEqual([]);
  });
});
