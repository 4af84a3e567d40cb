import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diskSpace } from '../../../plugins/alerting/disk.ts';
import { operatorRoute } from '../../../plugins/alerting/operator-route.ts';
import { until } from '../../fixtures/until.ts';
import { AlertingWorld } from './alerting-world.ts';

const geese = 'Deployment/production/geese';
const minute = 60_000;
let world: AlertingWorld;

beforeEach(async () => {
  world = new AlertingWorld();
  await world.start();
  await world.declare(geese);
});
afterEach(() => world.close());

const rolledBack = {
  type: 'Degraded',
  reason: 'RolledBack',
  message: '1.0.0 answers; 1.1.0 was rolled back',
} as const;

describe('what fires', () => {
  it('is told once its group has waited, with what, where, since when, the evidence and what helps', async () => {
    world.route({ groupBy: ['alertname'] });
    await world.becomes(geese, rolledBack, { aborted: { recourse: { state: 'open', number: 7 } } });
    expect(world.ear.said).toEqual([]);
    await world.passes(30_000);
    expect(world.ear.said).toEqual(['firing rolled-back']);
    expect(world.ear.heard[0]).toMatchObject({
      groupLabels: { alertname: 'rolled-back' },
      registry: 'the registry of a test',
      alerts: [
        {
          summary: 'production/geese was rolled back',
          description: '1.0.0 answers; 1.1.0 was rolled back',
          severity: 'critical',
          ref: geese,
          since: '2026-01-01T00:00:00.000Z',
          labels: {
            alertname: 'rolled-back',
            severity: 'critical',
            environment: 'production',
            model: 'geese',
          },
          evidence: [
            { name: 'Degraded RolledBack', value: expect.stringContaining('was rolled back (since 2026-') },
            { name: 'Declared', value: `${geese}.yaml:1 at c1` },
          ],
          help: [
            { text: 'Review proposal 7, which puts Git right', command: 'switchyard show 7' },
            { command: 'switchyard rollout status production/geese' },
          ],
        },
      ],
    });
  });

  it('is told again when a proposal is there that was not, and when it is over', async () => {
    world.route({});
    await world.becomes(geese, rolledBack);
    await world.passes(30_000);
    await world.becomes(geese, rolledBack, { aborted: { recourse: { state: 'open', number: 7 } } });
    await world.passes(5 * minute);
    expect(world.ear.heard[1]?.alerts[0]?.help[0]?.command).toBe('switchyard show 7');
    await world.becomes(geese);
    await world.passes(5 * minute);
    expect(world.ear.said).toEqual(['firing rolled-back', 'firing rolled-back', 'resolved rolled-back']);
    expect(world.ear.heard[2]?.alerts[0]?.until).toBeDefined();
  });

  it('is repeated while nobody takes it, and no more when somebody has', async () => {
    world.route({ repeatInterval: '1h' });
    await world.becomes(geese, rolledBack);
    await world.passes(62 * minute);
    expect(world.ear.said).toEqual(['firing rolled-back', 'firing rolled-back']);
    const [alert] = [...world.alerting.memory.state.alerts.values()];
    await world.alerting.quieting.acknowledge(alert?.id.slice(0, 6) ?? '', 'Ada', 'I look at it');
    await world.passes(180 * minute, minute);
    expect(world.ear.said.slice(2)).toEqual(['acknowledged rolled-back']);
    expect(world.ear.heard[2]?.alerts[0]?.acknowledged).toMatchObject({ by: 'Ada', reason: 'I look at it' });
    expect(world.journal.map(({ type }) => type)).toContain('alert.acknowledged');
  });

  it('calls the next level when nobody takes it, but not when somebody has', async () => {
    world.route({ escalate: [{ after: '15m', receiver: 'other' }] });
    await world.becomes(geese, rolledBack);
    await world.passes(14 * minute);
    expect(world.other.said).toEqual([]);
    await world.passes(minute);
    expect(world.other.said).toEqual(['firing rolled-back']);
    expect(world.other.heard[0]?.escalation).toBe(1);
    await world.becomes(geese);
    await world.passes(6 * minute);
    expect(world.other.said).toEqual(['firing rolled-back', 'resolved rolled-back']);

    await world.becomes(geese, rolledBack);
    await world.passes(5 * minute);
    const [alert] = [...world.alerting.memory.state.alerts.values()];
    await world.alerting.quieting.acknowledge(alert?.id ?? '', 'Ada', 'I look at it');
    await world.passes(30 * minute, minute);
    expect(world.other.said).toHaveLength(2);
  });

  it('tells nobody while it is silenced, and tells it after', async () => {
    world.route({});
    await world.alerting.quieting.silence({
      matchers: ['environment="production"'],
      until: world.clock.now() + 60 * minute,
      by: 'Ada',
      reason: 'we move house',
    });
    await world.becomes(geese, rolledBack);
    await world.passes(59 * minute, minute);
    expect(world.ear.said).toEqual([]);
    await world.passes(2 * minute);
    expect(world.ear.said).toEqual(['firing rolled-back']);
  });

  it('waits as long as its rule says, and begins anew after a break', async () => {
    world.route({ groupWait: '0s' });
    const notReady = { type: 'Ready', reason: 'LoadFailed' } as const;
    await world.becomes(geese, notReady);
    await world.passes(9 * minute);
    await world.becomes(geese);
    await world.becomes(geese, notReady);
    await world.passes(9 * minute);
    expect(world.ear.said).toEqual([]);
    await world.passes(minute);
    expect(world.ear.said).toEqual(['firing deployment-not-ready']);
  });

  it('is over when its resource is gone', async () => {
    world.route({ groupWait: '0s', groupInterval: '1m' });
    await world.becomes(geese, rolledBack);
    world.resources.delete(geese);
    world.statuses.delete(geese);
    await world.declare();
    await world.passes(minute);
    expect(world.ear.said).toEqual(['firing rolled-back', 'resolved rolled-back']);
  });
});

describe('the platform', () => {
  it('tells that a commit is refused: who, what and why', async () => {
    world.route({ groupWait: '0s', groupInterval: '1m' });
    const message = 'SignatureMissing: commit c9 by Mallory is not signed.';
    world.head = {
      ...world.head,
      commit: 'c9',
      held: { commit: 'c9', reason: 'SnapshotRejected', cause: 'SignatureMissing', message },
    };
    world.alerting.watch.snapshotMoved();
    await world.alerting.settled();
    expect(world.ear.heard[0]?.alerts).toMatchObject([
      {
        name: 'snapshot-rejected',
        severity: 'critical',
        summary: 'commit c9 is refused: SignatureMissing',
        description: `${message} What was admitted last goes on.`,
        evidence: [
          { name: 'SnapshotRejected', value: message },
          { name: 'Commit', value: 'c9' },
          { name: 'Applied' },
        ],
        help: [{ command: 'switchyard status' }],
      },
    ]);
    world.head = { ...world.head, commit: 'c10', applied: 'c10', held: null };
    world.alerting.watch.snapshotMoved();
    await world.passes(minute);
    expect(world.ear.said).toEqual(['firing snapshot-rejected', 'resolved snapshot-rejected']);
  });

  it('that begins anew does not take for over what it has not looked at yet', async () => {
    const held = { commit: 'c9', reason: 'SnapshotRejected', message: 'not signed' };
    world.route({ groupWait: '0s', groupInterval: '1m' });
    world.head = { ...world.head, commit: 'c9', held };
    world.alerting.watch.snapshotMoved();
    await world.alerting.settled();
    const [alert] = [...world.alerting.memory.state.alerts.values()];
    await world.alerting.quieting.acknowledge(alert?.id ?? '', 'Ada', 'I look at it');
    await world.alerting.settled();
    await world.passes(5 * minute);
    const known = world.head;
    world.head = { commit: null, applied: null, held: null, error: null, lookedAt: null };
    await world.restart();
    world.head = known;
    world.route({ groupWait: '0s', groupInterval: '1m' });
    world.alerting.watch.snapshotMoved();
    await world.passes(5 * minute);
    expect(world.ear.said).toEqual(['firing snapshot-rejected', 'acknowledged snapshot-rejected']);
    expect(world.alerting.memory.state.alerts.get(alert?.id ?? '')).toMatchObject({
      phase: 'firing',
      since: alert?.since,
      acknowledged: { by: 'Ada' },
    });
  });

  it('tells that the registry cannot be read, once that lasts', async () => {
    world.route({ groupWait: '0s' });
    world.head = { ...world.head, error: { code: 'RemoteUnreachable', message: 'no answer' } };
    await world.passes(5 * minute);
    expect(world.ear.said).toEqual([]);
    await world.passes(30_000);
    expect(world.ear.said).toEqual(['firing registry-not-synced']);
  });
});

describe('a prediction log', () => {
  it('that keeps nothing is told, and so is a bucket that takes nothing', async () => {
    world.route({ groupBy: ['alertname'], groupWait: '0s', groupInterval: '1m' });
    world.predictionLog = { log: 'No space left on device' };
    await world.passes(4 * minute);
    world.predictionLog = { log: 'No space left on device', bucket: 'AccessDenied: no.' };
    await world.passes(2 * minute);
    expect(world.ear.said).toEqual(['firing predictions-not-kept']);
    world.predictionLog = { bucket: 'AccessDenied: no.' };
    await world.passes(15 * minute);
    expect(world.ear.said.slice(1)).toEqual([
      'resolved predictions-not-kept',
      'firing predictions-not-in-bucket',
    ]);
    expect(world.ear.heard.at(-1)?.alerts[0]?.summary).toBe(
      'the bucket of the prediction log cannot be used: AccessDenied: no.',
    );
  });
});

describe('a disk', () => {
  it('that is nearly full is told before it is full', async () => {
    world.route({ groupWait: '0s', groupInterval: '1m' });
    world.disk = { freeMegabytes: 1_900, freePercent: 4.9 };
    await world.passes(4 * minute);
    world.disk = { freeMegabytes: 90_000, freePercent: 4.9 };
    await world.passes(minute);
    world.disk = { freeMegabytes: 900, freePercent: 4.9 };
    await world.passes(6 * minute);
    expect(world.ear.said).toEqual(['firing disk-nearly-full']);
    expect(world.ear.heard[0]?.alerts[0]).toMatchObject({
      summary: 'the disk of the data folder is nearly full: 900 MB are left',
      evidence: expect.arrayContaining([{ name: 'free', value: '4.9 %' }]),
    });
  });

  it('that takes nothing is told, and so is all that fires, until it takes what is known', async () => {
    world.route({ groupBy: ['alertname'], groupWait: '0s', groupInterval: '1m' });
    const state = join(world.folder, 'state.json');
    await world.passes(minute);
    rmSync(state, { force: true });
    // A folder in the place of the file: no user can write that, root included.
    mkdirSync(join(state, 'in-the-way'), { recursive: true });
    await world.becomes(geese, rolledBack);
    await world.passes(minute);
    expect(world.ear.said).toEqual(['firing rolled-back', 'firing state-not-written']);
    expect(world.ear.heard[1]?.alerts[0]?.summary).toMatch(/^what alerting knows cannot be written: E/);
    rmSync(state, { recursive: true });
    await world.passes(2 * minute);
    expect(world.ear.said.slice(2)).toEqual(['resolved state-not-written']);
    expect(JSON.parse(readFileSync(state, 'utf8')).alerts).toHaveLength(2);
  });
});

it('diskSpace says how much room there is, and nothing of a folder that is not there', async () => {
  const space = await diskSpace(world.folder);
  expect(space?.freeMegabytes).toBeGreaterThan(0);
  expect(space?.freePercent).toBeLessThanOrEqual(100);
  expect(await diskSpace(join(world.folder, 'nowhere'))).toBeUndefined();
});

describe('breaking the glass', () => {
  const data = { number: 7, by: 'Eve', label: 'break-glass', unmet: 2 };

  it('is told at once, whatever routes, silences and muted hours say', async () => {
    world.route({
      matchers: ['team="nobody"'],
      groupWait: '10m',
      muteTimeIntervals: ['always'],
      timeIntervals: [{ name: 'always', windows: [{ from: '00:00', to: '24:00' }] }],
    });
    await world.alerting.quieting.silence({
      matchers: ['alertname=~".+"'],
      until: world.clock.now() + 60 * minute,
      by: 'Eve',
      reason: 'hush',
    });
    await world.happens(
      'proposal.break-glass',
      'proposal 7 was merged by breaking the glass: Eve, 2 not met',
      data,
    );
    expect(world.ear.said).toEqual(['firing break-glass']);
    expect(world.ear.heard[0]?.alerts[0]).toMatchObject({
      severity: 'critical',
      summary: 'proposal 7 was merged by breaking the glass: Eve, 2 not met',
      labels: { proposal: '7' },
      help: [{ command: 'switchyard show 7' }, { command: 'switchyard journal --type proposal.break-glass' }],
    });
  });

  it('is told of a proposal once as it is let pass and once as it merges, as one alert, over when somebody has seen it', async () => {
    world.route({ groupWait: '0s', groupInterval: '1m' });
    await world.happens('policy.broke-glass', 'Eve let proposal 7 pass', { ...data, proposal: 7 });
    await world.passes(2 * minute);
    await world.happens('proposal.break-glass', 'proposal 7 was merged by breaking the glass', data);
    await world.passes(minute);
    expect(world.ear.said).toEqual(['firing break-glass', 'firing break-glass']);
    expect(world.ear.heard[0]?.alerts[0]?.id).toBe(world.ear.heard[1]?.alerts[0]?.id);
    await world.alerting.quieting.acknowledge(world.ear.heard[0]?.alerts[0]?.id ?? '', 'Ada', 'it had to be');
    await world.passes(2 * minute);
    expect(world.ear.said[2]).toBe('resolved break-glass');
  });

  it('is told to whom the operator names, where no manifest names anybody, and nothing else is', async () => {
    const settings = { always: [{ ear: { url: 'x' } }, { other: { secretVariable: 'KEY' } }] };
    const route = operatorRoute(settings);
    if (route === undefined) throw new Error('no route');
    world.alerting.dispatch.setRoute(route);
    await world.becomes(geese, rolledBack);
    await world.happens('proposal.break-glass', 'proposal 7 was merged by breaking the glass', data);
    await world.passes(minute);
    expect([world.ear.said, world.other.said]).toEqual([['firing break-glass'], ['firing break-glass']]);
  });

  it.each([
    [{ never: [] }, 'plugins.alerting.never'],
    [{ always: {} }, 'plugins.alerting.always'],
    [{ always: [{ a: {}, b: {} }] }, 'plugins.alerting.always[0]'],
    [{ always: [{ webhook: { secretRef: {} } }] }, 'plugins.alerting.always[0].webhook.secretRef'],
    [
      { always: [{ webhook: { secretVariable: '$(x)' } }] },
      'plugins.alerting.always[0].webhook.secretVariable',
    ],
  ])('refuses the operator’s %j', (settings, where) => {
    expect(() => operatorRoute(settings)).toThrow(
      expect.objectContaining({ code: 'InvalidAlertingSetting', where }),
    );
  });

  it('is told a minute after a start although a rule that is declared does not come', async () => {
    await world.declare('AlertRule/suspended');
    await world.alerting.stop();
    world.happensUnseen('policy.broke-glass', 'Eve let proposal 7 pass', data);
    const alerting = world.restart();
    world.route({});
    await alerting;
    await world.passes(50_000);
    expect(world.ear.said).toEqual([]);
    await world.passes(20_000);
    expect(world.ear.said).toEqual(['firing break-glass']);
  });

  it('is told when it happened while nobody looked', async () => {
    await world.alerting.stop();
    world.happensUnseen('policy.broke-glass', 'Eve let proposal 7 pass', { ...data, proposal: 7 });
    const alerting = world.restart();
    world.route({});
    await alerting;
    await world.alerting.settled();
    expect(world.ear.said).toEqual(['firing break-glass']);
  });
});

it('a rule of a manifest sees what happened before it was read after a start', async () => {
  const journal = { types: ['proposal.merged'] };
  await world.declare('AlertRule/merges');
  world.rule('merges', { journal, when: 'true', annotations: { summary: '{{entry.message}}' } });
  await world.alerting.settled();
  await world.alerting.stop();
  world.happensUnseen('proposal.merged', 'proposal 7 was merged');
  await world.restart();
  await world.happens('policy.evaluated', 'something else');
  world.route({ groupWait: '0s' });
  world.rule('merges', { journal, when: 'true', annotations: { summary: '{{entry.message}}' } });
  await world.passes(30_000);
  expect(world.ear.heard.map(({ alerts }) => alerts[0]?.summary)).toEqual(['proposal 7 was merged']);
});

it('a look that fails is made again, without anybody moving', async () => {
  world.route({ groupWait: '0s' });
  world.isJournalBroken = true;
  await world.happens('policy.broke-glass', 'Eve let proposal 7 pass', { proposal: 7 });
  expect(world.ear.said).toEqual([]);
  // The clock alone goes on: nobody asks.
  const failures = () => world.log.lines.filter(({ level }) => level === 'error').length;
  const before = failures();
  world.clock.turn(20_000);
  await until(() => failures() > before);
  world.isJournalBroken = false;
  world.clock.turn(20_000);
  await until(() => world.ear.said.length > 0);
  expect(world.ear.said).toEqual(['firing break-glass']);
});

describe('a receiver that is down', () => {
  it('for an hour has nothing lost and nothing doubled', async () => {
    world.route({ groupBy: ['alertname'], groupWait: '10s', groupInterval: '1m', repeatInterval: '5m' });
    await world.declare('Deployment/production/ducks');
    world.ear.isDown = true;
    await world.becomes(geese, rolledBack);
    await world.passes(10 * minute);
    await world.becomes('Deployment/production/ducks', rolledBack);
    await world.passes(10 * minute);
    await world.becomes(geese);
    await world.passes(40 * minute, minute);
    expect(world.alerting.memory.state.outbox).toHaveLength(1);
    world.ear.isDown = false;
    await world.passes(6 * minute);
    const [first, ...others] = world.ear.heard;
    expect(first?.alerts.map(({ ref, status }) => `${ref} ${status}`)).toEqual([
      'Deployment/production/ducks firing',
      'Deployment/production/geese resolved',
    ]);
    expect(others.map(({ alerts }) => alerts.map(({ ref }) => ref))).toEqual([
      ['Deployment/production/ducks'],
    ]);
  });

  it('does not keep others from being told', async () => {
    world.route({ groupWait: '0s' });
    world.route({ receiver: 'other', groupWait: '0s' }, 'more');
    world.ear.isDown = true;
    await world.becomes(geese, rolledBack);
    expect(world.other.said).toEqual(['firing rolled-back']);
  });

  it('is told the same by the same name when its answer got lost', async () => {
    world.route({ groupWait: '0s' });
    world.ear.losesAnswers = true;
    await world.becomes(geese, rolledBack);
    world.ear.losesAnswers = false;
    await world.passes(minute);
    expect(world.ear.heard.length).toBe(2);
    expect(world.ear.heard[0]?.id).toBe(world.ear.heard[1]?.id);
  });
});

describe('a process that begins anew', () => {
  it('keeps what it had not told until it knows the route again, however long that takes', async () => {
    world.route({ groupWait: '0s' });
    world.ear.isDown = true;
    await world.becomes(geese, rolledBack);
    const id = world.alerting.memory.state.outbox[0]?.notification.id;
    world.ear.isDown = false;
    // The registry cannot be read for an hour.
    await world.restart();
    await world.passes(60 * minute, minute);
    expect(world.ear.heard).toEqual([]);
    await world.restart();
    await world.passes(minute);
    world.route({ groupWait: '0s' });
    await world.passes(minute);
    expect(world.ear.heard.map((one) => one.id)).toEqual([id]);
  });

  it('tells after its restart what it had not told, and nothing twice', async () => {
    world.route({ groupWait: '0s' });
    world.ear.isDown = true;
    await world.becomes(geese, rolledBack);
    const id = world.alerting.memory.state.outbox[0]?.notification.id;
    world.ear.isDown = false;
    const started = world.restart();
    world.route({ groupWait: '0s' });
    await started;
    await world.passes(5 * minute);
    expect(world.ear.heard.map((one) => one.id)).toEqual([id]);

    const again = world.restart();
    world.route({ groupWait: '0s' });
    await again;
    await world.passes(10 * minute);
    expect(world.ear.said).toEqual(['firing rolled-back']);
    await world.becomes(geese);
    await world.passes(5 * minute);
    expect(world.ear.said).toEqual(['firing rolled-back', 'resolved rolled-back']);
  });
});

describe('a storm', () => {
  it('of 10,000 is told in a group, and written down in a line', async () => {
    world.route({ groupBy: ['alertname'] });
    const refs = Array.from({ length: 10_000 }, (_, index) => `Deployment/production/geese-${index}`);
    await world.declare(...refs);
    for (const ref of refs) world.put(ref, rolledBack);
    await world.alerting.settled();
    await world.passes(30_000, 30_000);
    expect(world.ear.heard).toHaveLength(1);
    expect(world.ear.heard[0]?.alerts).toHaveLength(100);
    expect(world.ear.heard[0]?.omitted).toBe(9_900);
    const fired = world.journal.filter(({ type }) => type === 'alert.fired');
    expect(fired.map(({ message }) => message)).toEqual(['rolled-back fires 10000 times']);
  });
});

describe('a rule with a metric', () => {
  const spec = {
    metric: { provider: { prometheus: { query: 'up' } }, interval: '1m' },
    when: 'result > 5.0',
    annotations: { summary: '{{result}} are too many' },
  };

  it('tells what was measured, and leaves all as it is while nothing can be measured', async () => {
    world.route({ groupWait: '0s', groupInterval: '1m' });
    const measured = (result: number) => async () =>
      ({ type: 'value', result, window: { from: 0, to: 0 }, observedAt: 0 }) as const;
    world.measurement = measured(7);
    world.rule('too-many', spec);
    await world.passes(minute);
    expect(world.ear.heard[0]?.alerts[0]).toMatchObject({
      summary: '7 are too many',
      evidence: [{ value: '7 by prometheus' }],
    });
    world.measurement = () => Promise.reject(new Error('it is away'));
    await world.passes(3 * minute);
    expect(world.ear.said).toEqual(['firing too-many']);
    expect(world.alerting.watch.failureOf('too-many')).toBe('it is away');
    world.measurement = measured(1);
    await world.passes(3 * minute);
    expect(world.ear.said).toEqual(['firing too-many', 'resolved too-many']);
  });
});

it('a rule of a manifest takes the place of the built-in one, which comes back when it is gone', async () => {
  world.route({ groupWait: '0s', groupInterval: '1m' });
  world.rule('rolled-back', {
    resources: { kinds: ['Deployment'] },
    when: 'false',
    annotations: { summary: 'never' },
  });
  await world.becomes(geese, rolledBack);
  await world.passes(minute);
  expect(world.ear.said).toEqual([]);
  world.alerting.watch.removeRule('rolled-back');
  await world.passes(minute);
  expect(world.ear.said).toEqual(['firing rolled-back']);
});
