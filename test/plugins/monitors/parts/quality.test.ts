import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { heldOutStrikes, type Strike } from '../../../../demo/strikes.ts';
import type { MonitorSpec } from '../../../../schemas/generated/monitor.ts';
import { MonitorsWorld, monitorSpec, strikesFile } from '../monitors-world.ts';

let world: MonitorsWorld;
let strikes: readonly Strike[];

beforeAll(async () => {
  strikes = await heldOutStrikes(strikesFile, 1990, 1994);
});
beforeEach(async () => {
  world = await new MonitorsWorld().open();
});
afterEach(() => world.close());

const watch = (quality: MonitorSpec['quality']) => {
  const { drift: _, ...rest } = monitorSpec();
  return world.checked(world.resource({ ...rest, ...(quality && { quality }) }));
};
const part = () => world.cell?.verdict?.parts.quality;

describe('the quality of what is asked', () => {
  it('is as the dataset promises of strikes that were held out', async () => {
    world.ask(strikes);
    expect(await watch({})).toMatchObject({ reason: 'Unremarkable', facts: { status: 'ok' } });
    expect(part()).toMatchObject({ status: 'ok', reason: 'PromisesKept', facts: { broken: 0 } });
  });

  it('is a breach where promises are broken, and tells which, and no value', async () => {
    const odd = strikes.map(
      (strike, at): Strike =>
        at % 10 === 0 ? { ...strike, phase_of_flight: 'Hovering', speed: 98765 } : strike,
    );
    world.ask(odd);
    expect(await watch({})).toMatchObject({ reason: 'Breached', degraded: { reason: 'PromisesBroken' } });
    expect(part()?.facts).toMatchObject({
      broken: 2,
      names: ['phase_of_flight categories', 'speed_knots range'],
    });
    expect(JSON.stringify(world.cell)).not.toMatch(/Hovering|98765/);
  });

  it('leaves out what it is told to ignore, and judges few rows not at all', async () => {
    const odd = strikes.map((strike): Strike => ({ ...strike, phase_of_flight: 'Hovering' }));
    world.ask(odd);
    expect(await watch({ ignore: ['phase_of_flight'] })).toMatchObject({ reason: 'Unremarkable' });
    world.turn(7_205_000);
    world.ask(odd.slice(0, 50));
    expect(await watch({})).toMatchObject({ reason: 'Inconclusive' });
  });
});
