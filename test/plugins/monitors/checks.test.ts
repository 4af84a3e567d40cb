import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { logUnavailable } from '../../../core/capabilities/prediction-sink-errors.ts';
import type { Intent } from '../../../core/capabilities/proposer.ts';
import { heldOutStrikes, type Strike } from '../../../demo/strikes.ts';
import { computeInWorker } from '../../../plugins/monitors/compute/in-worker.ts';
import { doJob } from '../../../plugins/monitors/compute/jobs.ts';
import { momentsOf } from '../../../plugins/monitors/schedule.ts';
import type { MonitorSpec } from '../../../schemas/generated/monitor.ts';
import { until } from '../../fixtures/until.ts';
import { MonitorsWorld, monitorSpec, strikesFile } from './monitors-world.ts';

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

describe('a check', () => {
  it('of a model without traffic says so, and never that anything drifted', async () => {
    const outcome = await world.checked();
    expect(outcome).toMatchObject({ state: 'ready', reason: 'NoData', facts: { status: 'noData' } });
    expect(outcome.degraded).toBeUndefined();
    expect(world.journal).toEqual([]);
  });

  it('of few rows judges nothing', async () => {
    world.ask(later.slice(0, 99));
    const outcome = await world.checked();
    expect(outcome).toMatchObject({ reason: 'Inconclusive', facts: { window: { rows: 99 } } });
    expect(outcome.degraded).toBeUndefined();
  });

  it('that fails keeps the last verdict, says why, and is over when one succeeds', async () => {
    world.ask(before);
    await world.checked();
    const { verdict } = world.cell!;
    world.failure = logUnavailable('its disk is gone');
    for (const times of [1, 2]) {
      world.turn(anHour);
      const failed = await world.checked();
      expect(failed).toMatchObject({
        reason: 'CheckFailed',
        degraded: { reason: 'LogUnavailable' },
        facts: { status: 'error', failure: { code: 'LogUnavailable', times } },
      });
    }
    expect(world.cell?.verdict).toEqual(verdict);
    world.failure = undefined;
    world.turn(anHour);
    world.ask(before);
    expect(await world.checked()).toMatchObject({ reason: 'Unremarkable', facts: { status: 'ok' } });
    expect(world.cell?.failure).toBeNull();
  });

  it('against a dataset of which nothing is left says that the reference cannot be used', async () => {
    const spec = monitorSpec();
    const where = [{ column: 'flight_date', from: '2050-01-01' }];
    const reference = { dataset: { ...spec.reference.dataset!, where } };
    expect(await world.checked(world.resource({ ...spec, reference }))).toMatchObject({
      degraded: { reason: 'ReferenceUnusable' },
    });
  });

  it('judges by the last valid manifest of the deployment and its version where the newest is invalid', async () => {
    for (const kind of ['Deployment/production/bird-strike', 'ModelVersion/bird-strike/1.0.0'])
      world.invalid.add(kind);
    world.ask(before);
    expect(await world.checked()).toMatchObject({ reason: 'Unremarkable', facts: { status: 'ok' } });
  });

  it('that was under way when the platform was killed is made once more, and told once', async () => {
    world.ask(later);
    let release = (): void => {};
    world.hold = new Promise((resolve) => {
      release = resolve;
    });
    await world.reconcile();
    const old = world.monitors;
    world.hold = undefined;
    world.start();
    const outcome = await world.checked();
    expect(outcome.facts).toMatchObject({ status: 'breached' });
    expect(world.cell?.history).toHaveLength(1);
    await world.reconcile();
    expect(world.journal.map(({ type }) => type)).toEqual(['monitor.breached']);
    release();
    await old.runner.stop();
  });

  it('whose word was written into the journal just before the end is not told twice', async () => {
    world.ask(later);
    await world.checked();
    const [entry] = world.journal;
    world.cell = {
      ...world.cell!,
      owed: { type: 'monitor.breached', message: 'again', data: entry?.data as { run: string } },
    };
    world.start();
    await world.reconcile();
    expect(world.journal).toHaveLength(1);
    expect(world.cell?.owed).toBeNull();
  });

  it('is made anew at once when the manifest changes, and remembers what was before', async () => {
    world.ask(before);
    await world.checked();
    const outcome = await world.checked(world.resource(monitorSpec({ drift: { share: 10 } })));
    expect(outcome.facts).toMatchObject({ status: 'ok' });
    expect(world.cell?.history).toHaveLength(2);
  });

  it('is another platform’s where that runs the environment', async () => {
    world.runs = () => false;
    expect(await world.reconcile()).toMatchObject({ state: 'ready', reason: 'RunsElsewhere' });
    await expect(world.routes('monitors/bird-strike')).rejects.toMatchObject({ code: 'MonitorNotFound' });
    world.resources.set('Monitor/bird-strike', world.resource());
    await expect(world.routes('monitors/bird-strike')).rejects.toMatchObject({ code: 'MonitorElsewhere' });
  });
});

describe('a breach', () => {
  const spec = monitorSpec({ onBreach: { propose: { rollbackTo: '0.9.0' } } });

  it('is answered with a proposal, once, where the manifest says so', async () => {
    world.ask(later);
    const outcome = await world.checked(world.resource(spec));
    expect(outcome.facts).toMatchObject({ proposal: { state: 'open', version: '0.9.0' } });
    world.turn(anHour);
    world.ask(later);
    await world.checked(world.resource(spec));
    expect(world.proposer.proposals).toHaveLength(1);
    const intent = world.proposer.proposals[0]?.intent as Intent;
    expect(intent).toMatchObject({
      ...{ key: 'version:Deployment/production/bird-strike', type: 'rollback' },
      title: 'Roll bird-strike back to 0.9.0 in production',
      files: [{ path: 'environments/production/bird-strike.yaml', edits: [{ op: 'set', value: '0.9.0' }] }],
    });
    expect(intent.reason).toMatch(/^Monitor\/bird-strike tells of a breach .* 9 columns drifted/);
  });

  it('is told all the same where the forge is away, or where people closed that proposal before', async () => {
    world.proposer.isAway = true;
    world.ask(later);
    const outcome = await world.checked(world.resource(spec));
    expect(outcome).toMatchObject({
      degraded: { reason: 'DriftDetected' },
      facts: { proposal: { state: 'queued' } },
    });
    world.proposer.propose = async () => {
      throw Object.assign(new Error('a person closed it'), { code: 'ProposalDeclined' });
    };
    world.turn(anHour);
    world.ask(before);
    expect((await world.checked(world.resource(spec))).facts?.proposal).toBeUndefined();
    world.turn(anHour);
    world.ask(later);
    expect(await world.checked(world.resource(spec))).toMatchObject({
      degraded: { reason: 'DriftDetected' },
      facts: { proposal: { state: 'refused', message: 'a person closed it' } },
    });
    expect(world.journal.map(({ type }) => type)).toEqual([
      'monitor.breached',
      'monitor.recovered',
      'monitor.breached',
    ]);
  });
});

describe('the schedule', () => {
  /** Checks that are made while the kernel looks once a minute for so long. */
  async function checksWithin(minutes: number): Promise<number> {
    const count = world.cell?.history.length ?? 0;
    for (let minute = 0; minute < minutes; minute++) {
      world.turn(60_000);
      await world.reconcile();
      const { ref, digest } = world.resource();
      await until(() => !world.monitors.runner.has(ref, digest));
      await world.reconcile();
    }
    return (world.cell?.history.length ?? 0) - count;
  }

  it('makes one check where one is due, and one of those that were missed', async () => {
    await world.checked();
    expect(await checksWithin(59)).toBe(0);
    expect(await checksWithin(3)).toBe(1);
    world.turn(50 * anHour);
    expect(await checksWithin(10)).toBe(1);
  });

  it('bears a clock that jumps ahead and back: no storm of checks, and none that waits for ever', async () => {
    await world.checked();
    world.turn(365 * 86_400_000);
    expect(await checksWithin(5)).toBe(1);
    world.turn(-365 * 86_400_000);
    expect(await checksWithin(5)).toBe(1);
    expect(await checksWithin(65)).toBeGreaterThanOrEqual(1);
  });

  it('says by when the next check must have been, so that silence can be told', async () => {
    const outcome = await world.checked();
    const by = Date.parse(String(outcome.facts?.nextRunBy));
    expect(by).toBeGreaterThan(world.now + 3_600_000);
    expect(by).toBeLessThan(world.now + 2 * 3_600_000);
  });

  it.each<[Partial<MonitorSpec>, string, string]>([
    [{ window: { size: '1d' } }, '2026-06-02T00:00:00Z', '2026-06-03T00:00:00Z'],
    [{ window: { size: '7d' } }, '2026-06-02T00:00:00Z', '2026-06-03T00:00:00Z'],
    [{ window: { rows: 100 } }, '2026-06-01T12:05:00Z', '2026-06-01T12:10:00Z'],
    [{ schedule: { every: '15m' } }, '2026-06-01T12:15:00Z', '2026-06-01T12:30:00Z'],
  ])('of %j is at %s and %s', (more, next, afterNext) => {
    const moments = momentsOf(monitorSpec(more), Date.UTC(2026, 5, 1, 12));
    expect(moments).toEqual({ next: Date.parse(next), afterNext: Date.parse(afterNext) });
  });

  it('may be cron', () => {
    const { next, afterNext } = momentsOf(monitorSpec({ schedule: { cron: '15 6 * * *' } }), Date.now());
    expect(new Date(next).toISOString()).toContain('T06:15:00');
    expect(afterNext - next).toBe(86_400_000);
  });
});

describe('what is asked by hand', () => {
  it('is a check now, and answers with what it found', async () => {
    world.ask(later);
    await world.checked();
    const lastRun = world.cell?.lastRun;
    world.turn(60_000);
    const answer = world.routes('monitors/bird-strike/run', 'POST');
    await world.checked();
    const response = await answer;
    expect(response?.status).toBe(200);
    const view = (await response?.json()) as { lastRun: string; status: string; history: unknown[] };
    expect(view).toMatchObject({ status: 'breached' });
    expect(view.lastRun).not.toBe(lastRun);
    expect(view.history).toHaveLength(2);
  });

  it('shows all monitors, one, and metrics of each', async () => {
    world.ask(later);
    await world.checked();
    const all = (await (await world.routes('monitors'))?.json()) as { items: unknown[] };
    expect(all.items).toMatchObject([{ name: 'bird-strike', status: 'breached', rows: later.length }]);
    expect(await world.routes('monitors/bird-strike/other')).toBeUndefined();
    await expect(world.routes('monitors/none')).rejects.toMatchObject({ code: 'MonitorNotFound' });
    await expect(world.routes('monitors', 'POST')).rejects.toMatchObject({ code: 'MethodNotAllowed' });
    const own = 'monitor="bird-strike",environment="production",deployment="bird-strike"';
    const metrics = await world.metrics();
    for (const line of [
      `switchyard_monitor_breached{${own}} 1`,
      `switchyard_monitor_rows{${own}} ${later.length}`,
      `switchyard_monitor_checks_total{${own},status="breached"} 1`,
    ]) {
      expect(metrics.split('\n')).toContain(line);
    }
    expect(metrics).toMatch(
      /switchyard_monitor_column_effect\{.*column="speed_knots",test="wasserstein"\} 0\.\d+/,
    );
  });
});

describe('what takes long', () => {
  const given = {
    ...{ path: strikesFile, place: 'the strikes' },
    columns: [{ name: 'speed', column: 'speed_knots' }],
    where: [],
  };

  it('is done in a thread of its own, to the same end', async () => {
    const signal = new AbortController().signal;
    expect(await computeInWorker('profileDataset', given, signal)).toBe(await doJob('profileDataset', given));
  });

  it('fails as it would here, and ends when nobody waits', async () => {
    const wrong = { ...given, path: `${strikesFile}.txt` };
    await expect(
      computeInWorker('profileDataset', wrong, new AbortController().signal),
    ).rejects.toMatchObject({
      code: 'ReferenceUnusable',
    });
    const stop = new AbortController();
    const abandoned = computeInWorker('profileDataset', given, stop.signal);
    stop.abort(new Error('nobody waits'));
    await expect(abandoned).rejects.toThrow('nobody waits');
  });
});
