import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { heldOutStrikes, type Strike } from '../../../../../demo/strikes.ts';
import type { MultivariateDrift } from '../../../../../libraries/statistics/multivariate/index.ts';
import { MonitorsWorld, monitorSpec, strikesFile } from '../../monitors-world.ts';

const anHour = 3_605_000;
const day = 24 * 3_600_000;
let world: MonitorsWorld;
let before: readonly Strike[];

beforeAll(async () => {
  before = await heldOutStrikes(strikesFile, 1990, 1994);
});
beforeEach(async () => {
  world = await new MonitorsWorld().open();
});
afterEach(() => world.close());

const together = () => world.cell?.verdict?.parts.drift?.details.together as readonly MultivariateDrift[];
const drift = { multivariate: { methods: ['domain-classifier' as const] } };

describe('what was fetched of a dataset', () => {
  it('and left by a process that was killed is removed a day later, whatever became of its manifest', async () => {
    const folder = join(world.folder, 'references');
    mkdirSync(folder, { recursive: true });
    const [old = '', young = ''] = ['0d', '1d'].map((name) => join(folder, `${name}.csv`));
    for (const path of [old, young]) writeFileSync(path, 'half a file');
    utimesSync(old, new Date(Date.now() - 2 * day), new Date(Date.now() - 2 * day));
    world.ask(before);
    await world.checked(world.resource(monitorSpec({ drift: {} })));
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  });
});

describe('inputs together', () => {
  it('are as they were in rows that the model never saw', async () => {
    world.ask(before);
    expect(await world.checked(world.resource(monitorSpec({ drift })))).toMatchObject({
      reason: 'Unremarkable',
      facts: { drift: { compared: 9, together: [] } },
    });
    expect(together()).toMatchObject([
      { method: 'domain-classifier', status: 'compared', n: { reference: 2000, current: before.length } },
    ]);
  });

  it('drift where no column does: each value is as frequent as before, and stands beside others', async () => {
    const apart = before.map((strike, at): Strike => {
      return { ...strike, aircraft: before[(at + 50) % before.length]!.aircraft };
    });
    world.ask(apart);
    const outcome = await world.checked(world.resource(monitorSpec({ drift })));
    expect(outcome).toMatchObject({
      degraded: { reason: 'DriftTogether' },
      facts: { drift: { drifted: 0, together: ['domain-classifier'] } },
    });
    expect(outcome.degraded?.message).toMatch(/^the inputs together drifted: domain-classifier 0\.\d+/);
  });

  it('are read from the file once, also where a profile of it is committed', async () => {
    const spec = monitorSpec({ drift: { ...drift, sample: 500 } });
    const reference = { dataset: { name: 'bird-strike', version: '1' } };
    for (const _ of [1, 2]) {
      world.ask(before);
      await world.checked(world.resource({ ...spec, reference }));
      expect(together()).toMatchObject([{ n: { reference: 500, current: 500 } }]);
      world.turn(anHour);
    }
    expect(world.fetched).toHaveLength(1);
  });

  it('are not called well where of the traffic that is the reference a profile alone is left', async () => {
    world.ask(before);
    world.turn(anHour);
    world.ask(before);
    const traffic = { from: '2026-06-01T11:00:00Z', to: '2026-06-01T12:00:00Z' };
    const resource = world.resource(monitorSpec({ reference: { traffic }, drift }));
    expect(await world.checked(resource)).toMatchObject({ reason: 'Unremarkable' });
    expect(together()).toMatchObject([{ status: 'compared' }]);
    world.turn(anHour);
    world.ask(before);
    world.forgets = Date.parse(traffic.to);
    const outcome = await world.checked(resource);
    expect(outcome).toMatchObject({ reason: 'Remarkable', facts: { drift: { together: null, drifted: 0 } } });
    expect(outcome.message).toContain('a profile of it may be kept, which does not tell them');
  });
});

describe('a test that needs the values', () => {
  it('looks at rows, and columns beside it at profiles', async () => {
    const columns = [{ column: 'speed_knots', test: 'mann-whitney' as const }];
    world.ask(before);
    expect(await world.checked(world.resource(monitorSpec({ drift: { columns } })))).toMatchObject({
      reason: 'Unremarkable',
      facts: { drift: { compared: 9 } },
    });
    const found = world.cell?.verdict?.parts.drift?.details.columns as { column: string }[];
    const speed = found.find(({ column }) => column === 'speed_knots');
    expect(speed).toMatchObject({ test: 'mann-whitney', status: 'compared' });
  });

  it('says of its column that it was not judged where there are none', async () => {
    world.ask(before);
    world.turn(anHour);
    world.ask(before);
    const traffic = { from: '2026-06-01T11:00:00Z', to: '2026-06-01T12:00:00Z' };
    const columns = [{ column: 'speed_knots', test: 'energy-distance' as const }];
    const resource = world.resource(monitorSpec({ reference: { traffic }, drift: { columns } }));
    expect(await world.checked(resource)).toMatchObject({ reason: 'Unremarkable' });
    world.turn(anHour);
    world.ask(before);
    world.forgets = Date.parse(traffic.to);
    expect(await world.checked(resource)).toMatchObject({
      reason: 'Remarkable',
      facts: { drift: { notJudged: ['speed_knots'] } },
    });
    expect(world.cell?.verdict?.parts.drift?.details.left).toMatchObject([
      { column: 'speed_knots', reason: expect.stringContaining('the log has 0 of them') },
    ]);
  });
});
