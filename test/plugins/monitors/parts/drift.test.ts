import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { heldOutStrikes, type Strike } from '../../../../demo/strikes.ts';
import type { ColumnDrift } from '../../../../libraries/statistics/drift/index.ts';
import { MonitorsWorld, monitorSpec, strikesFile } from '../monitors-world.ts';

/** Until the next check is due: predictions have a few seconds to arrive. */
const anHour = 3_605_000;

let world: MonitorsWorld;
let before: readonly Strike[];
let later: readonly Strike[];

beforeAll(async () => {
  before = await heldOutStrikes(strikesFile, 1990, 1994);
  later = await heldOutStrikes(strikesFile, 1995, 1995);
});
beforeEach(async () => {
  world = await new MonitorsWorld().open();
});
afterEach(() => world.close());

function columns(): readonly ColumnDrift[] {
  return world.cell?.verdict?.parts.drift?.details.columns as readonly ColumnDrift[];
}
const column = (name: string) => columns().find((one) => one.column === name);

describe('drift of strikes', () => {
  it('is none in the years that the model was trained on, in rows that it never saw', async () => {
    world.ask(before);
    const outcome = await world.checked();
    expect(outcome).toMatchObject({ state: 'ready', reason: 'Unremarkable' });
    expect(outcome.degraded).toBeUndefined();
    expect(outcome.facts).toMatchObject({
      status: 'ok',
      isBreached: false,
      window: { rows: before.length },
      drift: { compared: 9, drifted: 0, names: [] },
    });
    expect(column('speed_knots')?.missing.current).toBeGreaterThan(0);
    expect(world.journal).toEqual([]);
  });

  it('shows in 1995: as a condition, in the journal once, and with each column that moved', async () => {
    world.ask(later);
    const outcome = await world.checked();
    expect(outcome).toMatchObject({ reason: 'Breached', degraded: { reason: 'DriftDetected' } });
    expect(outcome.degraded?.message).toMatch(/^\d of 9 columns drifted \(\d+ %\): /);
    const drifted = columns().filter((one) => one.drifted);
    expect(drifted.length).toBeGreaterThanOrEqual(5);
    for (const { test, statistic, pValue, effect, threshold } of drifted) {
      expect(test).not.toBeNull();
      for (const figure of [statistic, pValue, effect, threshold]) expect(figure).toEqual(expect.any(Number));
    }
    // How many categories are new, and not which: they are values of predictions, which may be erased.
    expect(column('airport')?.newCategories).toMatchObject({ count: expect.any(Number), names: [] });
    expect(JSON.stringify(world.cell)).not.toContain('DENVER INTL AIRPORT');
    world.turn(anHour);
    world.ask(later);
    await world.checked();
    expect(world.journal.map(({ type }) => type)).toEqual(['monitor.breached']);
    expect(world.journal[0]).toMatchObject({ ref: 'Monitor/bird-strike', data: { status: 'breached' } });
  });

  it('is over when a check says so, and not because nothing was asked', async () => {
    world.ask(later);
    await world.checked();
    world.turn(2 * anHour);
    const silent = await world.checked();
    expect(silent).toMatchObject({ reason: 'NoData', degraded: { reason: 'BreachNotOver' } });
    world.turn(2 * anHour);
    world.ask(before);
    const quiet = await world.checked();
    expect(quiet.degraded).toBeUndefined();
    expect(world.journal.map(({ type }) => type)).toEqual(['monitor.breached', 'monitor.recovered']);
  });

  it('compares a column as the manifest says, and leaves out what it ignores and what is redacted', async () => {
    world.deployment({ logging: { redact: ['operator'] } });
    world.ask(before);
    await world.checked(
      world.resource(
        monitorSpec({
          drift: {
            columns: [{ column: 'speed_knots', test: 'kolmogorov-smirnov', effect: 0.5 }],
            ignore: ['airport'],
          },
        }),
      ),
    );
    expect(column('speed_knots')).toMatchObject({ test: 'kolmogorov-smirnov', threshold: 0.5 });
    expect(columns().map((one) => one.column)).not.toContain('airport');
    expect(columns().map((one) => one.column)).not.toContain('operator');
    expect(world.cell?.verdict?.parts.drift?.details.left).toContainEqual({
      column: 'operator',
      reason: 'the deployment redacts it',
    });
  });

  it('of what a dataset does not have is measured against earlier traffic: the model answers otherwise', async () => {
    const [from, to] = ['2026-06-01T11:00:00Z', '2026-06-01T12:00:00Z'];
    const spec = monitorSpec({
      reference: { ...monitorSpec().reference, traffic: { from, to } },
      drift: { columns: [{ column: 'probability', test: 'wasserstein' }] },
    });
    world.ask(before, { probability: ({ speed }) => speed / 1000 });
    await world.checked(world.resource(spec));
    expect(column('probability')).toMatchObject({ drifted: false });
    world.turn(anHour);
    world.ask(before, { probability: ({ speed }) => 0.3 + speed / 1000 });
    const outcome = await world.checked(world.resource(spec));
    expect(column('probability')).toMatchObject({ drifted: true, test: 'wasserstein' });
    expect(outcome).toMatchObject({ reason: 'Remarkable', facts: { status: 'warning' } });
  });

  it('of what turned out to be true is measured against the labels of the dataset', async () => {
    const ids = world.ask(before);
    await world.tell(
      ids,
      before.map(({ damaged }) => damaged),
    );
    await world.checked();
    expect(column('told label')).toMatchObject({ drifted: false, n: { current: before.length } });
    world.turn(anHour);
    const others = world.ask(before);
    // Every second strike damages an aircraft from now on.
    await world.tell(
      others,
      before.map((_, at) => at % 2 === 0),
    );
    await world.checked();
    expect(column('told label')).toMatchObject({ drifted: true, type: 'category' });
  });

  it('is none where labels are told in the words of the dataset, or partly so', async () => {
    const ids = world.ask(before);
    const words = before.map(({ damaged }, at) => {
      if (at % 3 === 0) return Number(damaged);
      // A word that the dataset never had is no less a damage.
      return damaged ? (at % 2 === 0 ? 'Substantial' : 'Engine lost') : 'None';
    });
    await world.tell(ids, words);
    await world.checked();
    expect(column('told label')).toMatchObject({ drifted: false, n: { current: before.length } });
    world.turn(anHour);
    const others = world.ask(before);
    await world.tell(
      others,
      before.map((_, at) => (at % 2 === 0 ? 'Minor' : 'None')),
    );
    await world.checked();
    expect(column('told label')).toMatchObject({ drifted: true, type: 'category' });
  });

  it('of few labels says so, and takes nothing from the inputs', async () => {
    const ids = world.ask(before);
    await world.tell(ids.slice(0, 20), new Array(20).fill(true));
    await world.checked();
    expect(world.cell?.verdict).toMatchObject({ status: 'ok' });
    expect(world.cell?.verdict?.parts.drift?.details.left).toContainEqual({
      column: 'told label',
      reason: '20 labels were told, and nothing is judged below 100',
    });
  });

  it('shows in a slice where all together hide it', async () => {
    const slices = [{ input: 'phase_of_flight', values: ['Approach', 'Climb'] }];
    const spec = monitorSpec({ drift: { slices, share: 30 } });
    const elsewhere = (strike: Strike): Strike =>
      strike.phase_of_flight === 'Climb'
        ? { ...strike, airport: 'MARS', operator: 'MARS AIR', aircraft: 'ROCKET', origin_state: 'Mars' }
        : strike;
    world.ask(before);
    expect(await world.checked(world.resource(spec))).toMatchObject({ reason: 'Unremarkable' });
    world.turn(anHour);
    // In all of them together one column of five moves enough.
    world.ask(before.map(elsewhere));
    const outcome = await world.checked(world.resource({ ...spec, drift: { slices, share: 100 } }));
    expect(outcome.reason).not.toBe('Breached');
    const again = await world.checked(world.resource({ ...spec, drift: { slices, share: 50 } }));
    expect(again).toMatchObject({
      degraded: { reason: 'DriftInSlice' },
      facts: { drift: { driftedSlices: ['phase_of_flight=Climb'] } },
    });
    expect(again.degraded?.message).toMatch(/^phase_of_flight=Climb: \d of 8 columns drifted/);
  });

  it('says of a slice that the dataset does not have that it cannot be judged, and judges the others', async () => {
    const slices = [{ input: 'phase_of_flight', values: ['Hover', 'Approach'] }];
    world.ask(before);
    expect(await world.checked(world.resource(monitorSpec({ drift: { slices } })))).toMatchObject({
      reason: 'Unremarkable',
    });
    expect(world.cell?.verdict?.parts.drift?.details.slices).toMatchObject([
      {
        ...{ slice: 'phase_of_flight=Hover', status: 'inconclusive', reason: 'ReferenceUnusable' },
        message: expect.stringContaining('no row of bird-strike@1 meets the conditions'),
      },
      { slice: 'phase_of_flight=Approach', status: 'ok', compared: 8 },
    ]);
  });

  it('says of a column whose test cannot be made of it that it was not judged: that is not all well', async () => {
    const columns = [{ column: 'speed_knots', test: 'z-test' as const }];
    world.ask(before);
    const outcome = await world.checked(world.resource(monitorSpec({ drift: { columns } })));
    expect(outcome).toMatchObject({
      reason: 'Remarkable',
      message:
        'none of 8 columns drifted; not judged: speed_knots (z-test is not for this column: it compares columns of two values)',
      facts: { status: 'warning', drift: { compared: 8, notJudged: ['speed_knots'] } },
    });
    expect(world.cell?.verdict).toMatchObject({ reason: 'ColumnsNotJudged' });
  });

  it('says so also of a column that drifted by what went missing', async () => {
    const columns = [{ column: 'speed_knots', test: 'z-test' as const }];
    world.ask(before.map((strike, at) => (at % 2 === 0 ? { ...strike, speed: -1 } : strike)));
    const outcome = await world.checked(world.resource(monitorSpec({ drift: { columns } })));
    expect(outcome).toMatchObject({
      facts: { drift: { drifted: 1, names: ['speed_knots'], notJudged: ['speed_knots'] } },
    });
    expect(outcome.message).toMatch(/^1 of 9 columns drifted .* missing \d+ %; not judged: speed_knots \(/);
  });

  it('over many checks is an alarm although none of them alone is a breach', async () => {
    const drifting = { drift: { share: 100, overTime: { baseline: 5, detectors: ['adwin' as const] } } };
    const spec = monitorSpec({ window: { rows: 200 }, ...drifting });
    let outcome = await world.checked(world.resource(spec));
    expect(outcome.facts).toMatchObject({ status: 'noData' });
    const reasons: (string | undefined)[] = [];
    for (let hour = 0; hour < 12 && !reasons.includes('DriftOverTime'); hour++) {
      world.turn(anHour);
      world.ask(later.slice(0, 250));
      outcome = await world.checked(world.resource(spec));
      reasons.push(outcome.degraded?.reason);
    }
    expect(reasons.slice(0, 2)).toEqual([undefined, undefined]);
    expect(reasons.at(-1)).toBe('DriftOverTime');
    expect(outcome.facts).toMatchObject({ isBreached: true, drift: { alarms: ['anytime'] } });
  });

  it('looks at the newest rows where the window has a number of them', async () => {
    world.ask(later);
    world.turn(anHour);
    world.ask(before);
    const outcome = await world.checked(world.resource(monitorSpec({ window: { rows: before.length } })));
    expect(outcome.facts).toMatchObject({ status: 'ok', window: { rows: before.length } });
  });

  it('is measured against the profile that the dataset names, where the monitor means no other rows', async () => {
    const spec = monitorSpec({ reference: { dataset: { name: 'bird-strike', version: '1' } } });
    world.ask(before);
    expect(await world.checked(world.resource(spec))).toMatchObject({
      reason: 'Unremarkable',
      facts: { drift: { compared: 9 } },
    });
    world.turn(anHour);
    world.ask(later);
    expect(await world.checked(world.resource(spec))).toMatchObject({ reason: 'Breached' });
    expect(world.fetched).toEqual([]);
  });

  it('reads the dataset once, for as long as what is asked of it is the same', async () => {
    world.ask(before);
    await world.checked();
    const read = [...world.fetched];
    expect(read).not.toEqual([]);
    world.turn(anHour);
    await world.checked();
    expect(world.fetched).toEqual(read);
  });
});
