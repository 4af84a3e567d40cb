import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exposition } from '../../../plugins/slo/metrics.ts';
import { sloRoutes } from '../../../plugins/slo/routes.ts';
import { answerError } from '../../../server/api/error-answer.ts';
import { availability, day, hour, minute, p95, SloWorld } from '../../plugins/slo/slo-world.ts';
import { run as runIn } from '../run.ts';

let world: SloWorld;
let server: Server;
let api: string;

/** The plugin's own routes over HTTP, where the command line looks for them. */
beforeEach(async () => {
  world = new SloWorld();
  const answer = sloRoutes({
    standings: () => world.book.standings(),
    levelOf: (environment, deployment) => world.book.levelOf(environment, deployment),
  });
  server = createServer(async (incoming, outgoing) => {
    const path = (incoming.url ?? '').slice('/plugins/slo/'.length);
    const response = await answer(new Request(`http://localhost${incoming.url}`), path)
      .catch((error: unknown) => answerError(error, world.log, path))
      .then((made) => made ?? new Response('{}', { status: 404 }));
    outgoing.writeHead(response.status, { 'content-type': 'application/json' }).end(await response.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  world.close();
});

const run = (...words: string[]) =>
  runIn([...words, '--api', api], { folder: tmpdir(), environment: { USER: 'ada' } });

describe('switchyard slo', () => {
  it('says how to promise something where nothing is promised', async () => {
    expect(await run('slo')).toMatchObject({ status: 0, out: '', err: expect.stringContaining('spec.slo') });
  });

  it('shows what is promised, what is left and how fast it burns', async () => {
    world.promise = { ...world.promise, objectives: [availability, p95] };
    await world.open();
    await world.passes(3 * day, { step: hour, requests: 10_000, bad: 0.0005 });
    await world.passes(10 * minute, { requests: 1000, bad: 0.5 });
    const { out } = await run('slo');
    const [titles, first, second, ...rest] = out.split('\n');
    expect(titles).toMatch(/^DEPLOYMENT +OBJECTIVE +STATE +NOW +LEFT +BURN 5m \/ 30m \/ 1h \/ 6h \/ 3d$/);
    expect(first).toMatch(
      /^production\/geese +availability 99\.9 % +burns fast +99\.\d+ % +\d+ % +500( \/ [\d.]+){4}$/,
    );
    expect(second).toMatch(/^production\/geese +p95 within 100ms +met +100 % +100 % +0 \/ 0 \/ 0 \/ 0 \/ 0$/);
    expect(rest).toEqual(['']);
  });

  it('shows of one deployment what burns, since when, with which errors, in which versions', async () => {
    await world.open();
    await world.passes(2 * hour);
    await world.passes(10 * minute, { requests: 1000, bad: 0.5 });
    const { out } = await run('slo', 'production/geese');
    for (const part of [
      /availability +130,000 requests in 2h1\dm: the rest of the last 30d was not measured/,
      /burns since +\S+/,
      /availability 99\.9 % +\d+ times too fast over 1h and 5m/,
      /errors +503 \(5000\)/,
      /versions +1\.0\.0: 5000 of \d+ failed/,
    ])
      expect(out).toMatch(part);
    expect((await run('slo', 'geese')).out).toBe(out);
  });

  it('says of one that is new that nothing was measured yet', async () => {
    await world.open();
    const { out } = await run('slo', 'geese');
    expect(out).toMatch(/availability +nothing of the last 30d was measured yet/);
  });

  it('is JSON for programs', async () => {
    await world.open();
    await world.passes(minute, { requests: 1000 });
    const { items } = JSON.parse((await run('slo', '--output', 'json')).out);
    expect(items).toMatchObject([
      {
        environment: 'production',
        deployment: 'geese',
        window: '30d',
        minRequests: 30,
        objectives: [
          { name: 'availability', target: 0.999, now: 1, requests: 1000, budgetLeft: 1, state: 'met' },
        ],
        burning: null,
      },
    ]);
    expect(Object.keys(items[0].objectives[0].burnRates)).toEqual(['5m', '30m', '1h', '6h', '3d']);
  });

  it('says so of a deployment that promises nothing', async () => {
    await world.open();
    expect(await run('slo', 'ducks')).toMatchObject({
      status: 4,
      err: expect.stringContaining('ducks promises nothing'),
    });
  });
});

it('the API answers of one deployment, and says of another that it promises nothing', async () => {
  await world.open();
  const of = (name: string) => fetch(`${api}/plugins/slo/deployments/production/${name}`);
  expect(await (await of('geese')).json()).toMatchObject({ deployment: 'geese', burning: null });
  const missing = await of('ducks');
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({ error: { code: 'PromisesNothing' } });
});

it('metrics have all of it, and no sample of what nobody asked for', async () => {
  await world.open();
  await world.book.tick();
  const labels = 'environment="production",deployment="geese",slo="availability"';
  expect(exposition(world.book)).not.toMatch(/^switchyard_slo_(burn_rate|good_ratio)\{/m);
  await world.passes(hour, { requests: 1000, bad: 0.5 });
  const page = exposition(world.book);
  expect(page).toContain(`switchyard_slo_target_ratio{${labels}} 0.999\n`);
  expect(page).toContain(`switchyard_slo_good_ratio{${labels}} 0.5\n`);
  expect(page).toContain(`switchyard_slo_burn_rate{${labels},window="5m"} 500\n`);
  expect(page).toContain(`switchyard_slo_burning{${labels},speed="fast"} 1\n`);
  expect(page).toContain('switchyard_slo_history_unwritten 0\n');
  expect(page).not.toContain('NaN');
});
