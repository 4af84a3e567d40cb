import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Alarm } from '../../../../../plugins/serving/dataplane/lane/alarm.ts';
import { until } from '../../../../fixtures/until.ts';

const days = 24 * 3_600_000;

it('rings once for all times that it was set for', async () => {
  let rings = 0;
  const alarm = new Alarm(() => rings++);
  const now = performance.now();
  alarm.set(now + 20);
  alarm.set(now + 5);
  alarm.set(now + 10);
  await until(() => rings > 0);
  await delay(30);
  expect(rings).toBe(1);
});

it('does not ring now for a time that is further away than a timer goes', async () => {
  let rings = 0;
  const alarm = new Alarm(() => rings++);
  alarm.set(performance.now() + 30 * days);
  // A timer that is set later, and for longer than the shortest, rings behind it.
  await delay(10);
  expect(rings).toBe(0);
  alarm.set(performance.now() + 1);
  await until(() => rings === 1);
});
