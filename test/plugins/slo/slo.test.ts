import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ledger } from '../../../plugins/slo/ledger.ts';
import { availability, day, hour, minute, Process, p95, SloWorld } from './slo-world.ts';

let world: SloWorld;
beforeEach(async () => {
  world = new SloWorld();
});
afterEach(() => world.close());

describe('an error budget of 0.1 % in 30 days', () => {
  beforeEach(async () => {
    await world.open();
    // Three good days, so that every window is covered.
    await world.passes(3 * day, { step: 10 * minute, requests: 10_000 });
  });

  it('burns fast within minutes when everything fails', async () => {
    const after = await world.untilBurns(hour, { step: 10_000, requests: 200, bad: 1 });
    expect(after).toBeLessThanOrEqual(2 * minute);
    expect(world.burns).toBe('fast');
    expect(world.woken).toContain('Deployment/production/geese');
  });

  it('burns slowly within hours at twice the rate, and never fast', async () => {
    const after = await world.untilBurns(4 * day, { step: 10 * minute, requests: 10_000, bad: 0.002 });
    expect(world.burns).toBe('slow');
    // Half of the long window must be so: it holds what was good before.
    expect(after).toBeGreaterThan(35 * hour);
    expect(after).toBeLessThanOrEqual(37 * hour);
  });

  it('alarms nobody at half the rate, however long', async () => {
    const traffic = { step: 30 * minute, requests: 10_000, bad: 0.0005 };
    expect(await world.untilBurns(30 * day, traffic)).toBeUndefined();
    expect(world.standing().budgetLeft).toBeGreaterThan(0.4);
  });

  it('burns fast within hours at eight times the rate', async () => {
    const after = await world.untilBurns(day, { requests: 1000, bad: 0.008 }, 'fast');
    expect(after).toBeGreaterThan(4 * hour);
    expect(after).toBeLessThanOrEqual(5 * hour);
  });

  it('is told as over soon after the last failure, while the budget stays spent', async () => {
    await world.passes(20 * minute, { requests: 1000, bad: 0.5 });
    expect(world.burns).toBe('fast');
    const { budgetLeft } = world.standing();
    await world.passes(35 * minute, { requests: 1000 });
    expect(world.level.burning?.objectives.map(({ windows }) => windows) ?? []).not.toContain('1h and 5m');
    await world.passes(7 * hour, { requests: 1000 });
    expect(world.burns).not.toBe('fast');
    expect(world.standing().budgetLeft).toBeLessThan(budgetLeft + 0.2);
  });

  it('says how fast, what is left, which errors, of which versions', async () => {
    world.process.answers(20, 500, 0.005, '1.1.0');
    await world.passes(10 * minute, { requests: 1000, bad: 0.25, status: 503 });
    world.process.answers(60, 504, 0.005, '1.1.0');
    await world.passes(minute, { requests: 1000 });
    const { burning } = world.book.levelOf('production', 'geese') ?? {};
    const [objective] = burning?.objectives ?? [];
    expect(objective).toMatchObject({
      objective: 'availability 99.9 %',
      windows: '1h and 5m',
      errors: '503 (2500), 504 (60), 500 (20)',
    });
    expect(objective?.versions).toMatch(/^1\.1\.0: 80 of 80 failed; 1\.0\.0: 2500 of \d+ failed$/);
    expect(objective?.burnRate).toBeGreaterThan(30);
    expect(Date.parse(burning?.since ?? '')).toBeLessThan(world.now);
    expect(burning?.message).toMatch(
      /^the error budget of availability 99\.9 % burns [\d.]+ times as fast as it may, over 1h and 5m; \d+ % of it is left$/,
    );
  });
});

describe('a latency that is promised', () => {
  it('burns when more than its share is slower', async () => {
    world.promise = { ...world.promise, objectives: [availability, p95] };
    await world.open();
    await world.passes(hour, { requests: 1000, slow: 0.04 });
    expect(world.burns).toBeUndefined();
    await world.passes(hour, { requests: 1000, slow: 0.9 });
    expect(world.level.burning).toMatchObject({
      speed: 'fast',
      objectives: [{ objective: 'p95 within 100ms' }],
    });
    expect(world.standing('p95').burning).not.toEqual([]);
    expect(world.standing('availability').burning).toEqual([]);
  });

  it('judges by another time from when it is declared on', async () => {
    world.promise = { ...world.promise, objectives: [p95] };
    await world.open();
    await world.passes(hour, { slow: 0.9 });
    expect(world.burns).toBe('fast');
    world.promise = { ...world.promise, objectives: [{ ...p95, seconds: 1 }] };
    expect(world.burns).toBeUndefined();
    await world.passes(hour, { slow: 0.9 });
    expect(world.burns).toBeUndefined();
    expect(world.standing('p95')).toMatchObject({ now: 1 });
  });
});

describe('what counts', () => {
  it('leaves out requests that are wrong, and counts those that found no room', async () => {
    await world.open();
    world.process.answers(900);
    world.process.answers(100, 400);
    world.process.answers(100, 429);
    world.hear();
    await world.book.tick();
    expect(world.standing()).toMatchObject({ now: 0.9, requests: 1000 });
  });

  it('counts an answer that is no number as none', async () => {
    await world.open();
    world.process.answers(10);
    world.process.answers(10, 406);
    world.process.versions.get('1.0.0')!.notFinite = 15;
    world.hear();
    await world.book.tick();
    expect(world.standing()).toMatchObject({ now: 0.25, requests: 20 });
  });

  it('leaves out what a shadow answers, which nobody sees', async () => {
    await world.open();
    await world.passes(minute);
    world.process.isShadow = true;
    await world.passes(minute, { bad: 1 });
    world.process.isShadow = false;
    await world.passes(minute);
    expect(world.standing()).toMatchObject({ now: 1, requests: 2000 });
  });

  it('is what came after the objective was declared', async () => {
    world.process.answers(5000, 500);
    await world.open();
    await world.passes(minute);
    expect(world.standing()).toMatchObject({ now: 1, requests: 1000 });
  });

  it('adds up processes, also one that takes the place of another', async () => {
    await world.open();
    await world.passes(minute);
    const other = new Process('p1', '1', world.now);
    other.answers(500, 503);
    world.hear(other);
    world.process = new Process('p0', '2', world.now);
    await world.passes(minute);
    expect(world.standing().requests).toBe(2500);
    expect(world.standing().now).toBe(0.8);
  });
});

describe('little to go by', () => {
  beforeEach(() => world.open());

  it('without traffic nothing fires, and nothing is divided by nothing', async () => {
    await world.passes(day, { step: hour, requests: 0 });
    const { now, budgetLeft, burnRates, burning } = world.standing();
    expect({ now, budgetLeft, burning }).toEqual({ now: undefined, budgetLeft: 1, burning: [] });
    expect(burnRates.map(([, rate]) => rate)).toEqual(burnRates.map(() => undefined));
  });

  it('fewer requests than the minimum wake nobody', async () => {
    await world.passes(6 * hour, { step: 10 * minute, requests: 0 });
    world.process.answers(29, 500);
    await world.passes(minute, { requests: 0 });
    expect(world.burns).toBeUndefined();
    world.process.answers(1, 500);
    await world.passes(minute, { requests: 0 });
    expect(world.burns).toBe('fast');
  });

  it('one or two failures in a quiet hour wake nobody', async () => {
    await world.passes(3 * day, { step: hour, requests: 60 });
    world.process.answers(2, 500);
    await world.passes(minute, { requests: 0 });
    expect(world.standing().burnRates.at(1)?.[1]).toBeGreaterThan(14.4);
    expect(world.burns).toBeUndefined();
  });

  it('a pause in the traffic ends nothing that burns', async () => {
    await world.passes(hour, { requests: 100, bad: 1 });
    await world.passes(20 * minute, { requests: 0 });
    expect(world.burns).toBe('fast');
    await world.passes(6 * minute, { requests: 3000 });
    expect(world.level.burning?.objectives.map(({ windows }) => windows) ?? []).not.toContain('1h and 5m');
  });

  it('a window that is not covered counts what it lacks as good', async () => {
    // A hundredth fails: ten times too fast, for half a window.
    expect(await world.untilBurns(3 * hour, { requests: 1000, bad: 0.01 })).toBeUndefined();
    expect(await world.untilBurns(hour, { requests: 1000, bad: 0.01 })).toBeGreaterThan(0);
    expect(world.standing().budgetLeft).toBeGreaterThan(0.9);
  });
});

describe('a restart', () => {
  beforeEach(() => world.open());

  it('loses nothing that processes counted meanwhile, and shares it out over that time', async () => {
    await world.passes(2 * hour);
    await world.book.write();
    world.now += 3 * hour;
    world.process.answers(180_000, 503);
    await world.restart();
    await world.book.tick();
    expect(world.standing()).toMatchObject({ requests: 300_000, now: 0.4 });
    // Evenly: a twelfth of an hour has a thirty-sixth of it.
    const [[, fiveMinutes] = [0, 0]] = world.standing().burnRates;
    expect(fiveMinutes).toBeCloseTo(1000, 0);
    const recent = world.book.standings()[0]?.standings[0];
    expect(recent?.burning.map(({ rule }) => rule.name)).toContain('1h');
  });

  it('goes on with what burned, and since when', async () => {
    await world.passes(20 * minute, { bad: 0.5 });
    const { since } = world.level.burning ?? {};
    await world.book.write();
    await world.restart();
    expect(world.level.burning?.since).toBe(since);
  });

  it('keeps older counts by the half hour, and counts nothing twice that was in both files', async () => {
    await world.passes(10 * hour, { bad: 0.1 });
    await world.book.write();
    const before = world.standing();
    // Killed between the two files: what has left the one was in the other already.
    const recent = readFileSync(join(world.folder, 'recent.json'), 'utf8');
    await world.passes(hour, { bad: 0.1 });
    await world.book.write();
    writeFileSync(join(world.folder, 'recent.json'), recent);
    world.now -= hour;
    world.process.versions.clear();
    world.process = new Process('p0', '2', world.now);
    await world.restart();
    await world.book.tick();
    expect(world.standing().requests).toBe(before.requests);
  });

  it('counts from anew a process that began while nobody looked', async () => {
    await world.passes(minute);
    await world.book.write();
    world.now += minute;
    world.process = new Process('p0', '2', world.now);
    world.process.answers(500);
    await world.restart();
    await world.book.tick();
    expect(world.standing().requests).toBe(1500);
  });

  it('goes on with a clock that was put back', async () => {
    await world.passes(2 * hour, { bad: 0.5 });
    await world.book.write();
    world.now -= 400 * day;
    await world.restart();
    await world.book.tick();
    expect(world.standing().requests).toBe(120_000);
    expect(world.burns).toBe('fast');
    expect(Date.parse(world.level.burning?.since ?? '')).toBeLessThanOrEqual(world.now);
    await world.passes(hour);
    expect(world.standing().requests).toBe(180_000);
  });

  it('begins anew with a file that cannot be read, and keeps it', async () => {
    await world.passes(hour);
    await world.book.write();
    writeFileSync(join(world.folder, 'recent.json'), '{');
    await world.restart();
    await world.passes(minute);
    expect(world.standing().requests).toBe(1000);
    expect(readFileSync(join(world.folder, 'recent.json.broken'), 'utf8')).toBe('{');
  });

  it('goes on in memory while the disk takes nothing, and says so', async () => {
    // A folder is in the place of the file that is written first.
    const draft = join(world.folder, `recent.json.${process.pid}.draft`);
    mkdirSync(draft);
    await world.passes(5 * minute);
    await world.book.write();
    expect(world.book.history.unwritten).toMatch(/EISDIR/);
    expect(world.standing().requests).toBe(5000);
    rmdirSync(draft);
    await world.passes(2 * minute);
    await world.book.write();
    expect(world.book.history.unwritten).toBeUndefined();
    await world.restart();
    expect(world.standing().requests).toBe(7000);
  });
});

it('forgets a deployment that promises nothing any more', async () => {
  await world.open();
  await world.passes(hour, { bad: 1 });
  world.book.forget('production', 'geese');
  await world.book.tick();
  expect(world.book.standings()).toEqual([]);
  expect(world.level).toEqual({ budgetLeft: { availability: 100 } });
});

it('writes a status for numbers alone no more often than each five minutes', async () => {
  await world.open();
  await world.passes(hour, { step: 10_000, requests: 100, bad: 0.01 });
  expect(world.woken.length).toBeLessThanOrEqual(hour / (5 * minute) + 2);
});

it('takes less than 250 KB for 30 days of two versions that fail in two ways', () => {
  const ledger = new Ledger();
  const counts = { answers: 10_000, valid: 9_900, bad: 12, slow: { '0.1': 400 }, codes: { 500: 3, 503: 9 } };
  const end = 31 * day;
  for (let at = 0; at < end - 6 * hour; at += 30 * minute) {
    for (const version of ['1.0.0', '1.1.0']) ledger.count(version, counts, at);
  }
  for (let at = end - 6 * hour; at < end; at += minute) {
    for (const version of ['1.0.0', '1.1.0']) ledger.count(version, counts, at);
  }
  ledger.fold(end, 30 * day);
  const size = ledger.recentText().length + ledger.olderText().length;
  expect(size).toBeLessThan(250_000);
  expect(ledger.sums([30 * day], end)[0]?.answers).toBeGreaterThan(2 * 10_000 * 30 * 24 * 2);
});
