import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertingRoutes } from '../../../plugins/alerting/routes.ts';
import { answerError } from '../../../server/api/error-answer.ts';
import { AlertingWorld } from '../../plugins/alerting/alerting-world.ts';
import { run as runIn } from '../run.ts';

const geese = 'Deployment/production/geese';
let world: AlertingWorld;
let server: Server;
let api: string;

/** The plugin's own routes over HTTP, where the command line looks for them. */
beforeEach(async () => {
  world = new AlertingWorld();
  await world.start();
  world.route({ groupWait: '0s', receivers: [{ name: 'ear', ear: {} }, { name: 'mute' }] as never });
  await world.declare(geese);
  const answer = alertingRoutes(world.alerting);
  server = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const piece of incoming) body += piece;
    const url = `http://localhost${incoming.url}`;
    const request = new Request(url, { method: incoming.method ?? 'GET', ...(body === '' ? {} : { body }) });
    const path = decodeURIComponent(new URL(url).pathname.slice('/plugins/alerting/'.length));
    const response = await answer(request, path)
      .catch((error: unknown) => answerError(error, world.log, path))
      .then((made) => made ?? new Response('{}', { status: 404 }));
    outgoing.writeHead(response.status, { 'content-type': 'application/json' }).end(await response.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await world.close();
});

const run = (...words: string[]) =>
  runIn([...words, '--api', api], { folder: tmpdir(), environment: { USER: 'ada' } });
const fires = () =>
  world.becomes(
    geese,
    { type: 'Degraded', reason: 'RolledBack', message: '1.0.0 answers; 1.1.0 was rolled back' },
    { aborted: { recourse: { state: 'open', number: 7 } } },
  );

describe('switchyard alerts', () => {
  it('shows what fires', async () => {
    expect(await run('alerts')).toMatchObject({ status: 0, out: '', err: 'Nothing fires.\n' });
    await fires();
    const { out } = await run('alerts');
    expect(out).toMatch(
      /^ID +SEVERITY +STATE +SINCE +RULE +WHAT\n\w{8} +critical +fires +\S+ +rolled-back +production\/geese was rolled back\n$/,
    );
    await world.becomes(geese);
    expect((await run('alerts')).out).toBe('');
    expect((await run('alerts', '--all')).out).toContain('over');
  });

  it('shows one of them with its evidence and what helps', async () => {
    await fires();
    const { items } = JSON.parse((await run('alerts', '-o', 'json')).out) as { items: { id: string }[] };
    const { out } = await run('alert', 'show', items[0]?.id.slice(0, 6) ?? '');
    for (const part of [
      'Deployment/production/geese',
      'Degraded RolledBack',
      'switchyard show 7',
      'told',
      'ear (',
      'switchyard ack',
    ])
      expect(out).toContain(part);
    expect(await run('alert', 'show', 'zzz')).toMatchObject({
      status: 4,
      err: expect.stringContaining('AlertNotFound'),
    });
  });
});

describe('switchyard ack', () => {
  it('takes an alert, with who and why', async () => {
    await fires();
    const id = [...world.alerting.memory.state.alerts.keys()][0] ?? '';
    const { status, out } = await run('ack', id.slice(0, 8), '--reason', 'I look at it');
    expect([status, out]).toEqual([0, `${id.slice(0, 8)} is yours: production/geese was rolled back\n`]);
    expect((await run('alerts')).out).toContain('taken by ada');
    expect(world.journal.find(({ type }) => type === 'alert.acknowledged')?.message).toBe(
      `ada acknowledged rolled-back of ${geese}: I look at it`,
    );
  });

  it('says that there is no such alert, and wants to know why', async () => {
    expect(await run('ack', 'abc', '--reason', 'x')).toMatchObject({
      status: 4,
      err: expect.stringContaining('AlertUnknown'),
    });
    expect(await run('ack', 'abc')).toMatchObject({ status: 2, err: expect.stringContaining('--reason') });
  });
});

describe('switchyard silence', () => {
  it('holds alerts back for a while, shows itself, and can be ended', async () => {
    const added = await run(
      'silence',
      'add',
      'environment="production"',
      '--for',
      '2h',
      '--reason',
      'we move house',
    );
    expect(added).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^Silence \w{8} holds until .*: environment="production"\n$/),
    });
    await fires();
    expect(world.ear.said).toEqual([]);
    expect((await run('alerts')).out).toContain('silenced');
    expect((await run('silence', 'list')).out).toContain('we move house');
    const id = /Silence (\w+)/.exec(added.out)?.[1] ?? '';
    expect((await run('silence', 'end', id)).status).toBe(0);
    await world.alerting.settled();
    expect(world.ear.said).toEqual(['firing rolled-back']);
    expect((await run('silence', 'list')).err).toBe('Nothing is silenced.\n');
  });

  it.each([
    ['severity', '2h', 'is no matcher'],
    ['team!="risk"', '2h', 'alerts without its label'],
    ['alertname=~".*"', '2h', 'alerts without its label'],
    ['team!~"risk|safety"', '2h', 'alerts without its label'],
    ['severity="x"', 'soon', 'duration is a time'],
    ['severity="x"', '365d', 'at most 90d'],
  ])('refuses %s for %s', async (matcher, duration, why) => {
    const { status, err } = await run('silence', 'add', matcher, '--for', duration, '--reason', 'x');
    expect([status, err.includes(why)]).toEqual([1, true]);
    expect(world.alerting.memory.state.silences).toEqual([]);
  });
});

it('silences all but one team, once a matcher says what of', async () => {
  const matchers = ['team!="risk"', 'environment=~".+"'];
  expect((await run('silence', 'add', ...matchers, '--for', '2h', '--reason', 'x')).status).toBe(0);
  await fires();
  expect(world.ear.said).toEqual([]);
});

describe('switchyard alert', () => {
  it('test tells a receiver at once', async () => {
    expect((await run('alert', 'test', 'ear')).out).toBe('ear was told by ear: look whether it arrived.\n');
    expect((await run('alert', 'test', 'all/ear')).status).toBe(0);
    expect(world.ear.heard.map(({ status, alerts }) => [status, alerts[0]?.summary])[0]).toEqual([
      'test',
      'ada tests the receiver ear of AlertRoute/all',
    ]);
  });

  it('test says why nobody was told', async () => {
    world.ear.isDown = true;
    expect((await run('alert', 'test', 'ear')).err).toContain('NotifierUnreachable');
    expect((await run('alert', 'test', 'mute')).err).toContain('ReceiverSilent');
    expect((await run('alert', 'test', 'nobody')).err).toContain('all/ear');
  });

  it('receivers shows what waits, and why', async () => {
    world.ear.isDown = true;
    await fires();
    const { out } = await run('alert', 'receivers');
    expect(out).toMatch(/all\/ear +ear +1 +nobody can be told: it is down; again at /);
    expect(out).toMatch(/all\/mute +tells nobody +0\n/);
  });
});
