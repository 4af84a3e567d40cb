import { describe, expect, it } from 'vitest';
import type { Notification, NotifiedAlert } from '../../../../core/capabilities/notifier.ts';
import { type Delivery, due, failed, put, sent } from '../../../../plugins/alerting/telling/outbox.ts';

const says = (id: string, status: NotifiedAlert['status'] = 'firing'): NotifiedAlert => ({
  id,
  status,
  name: 'rule',
  severity: 'warning',
  labels: {},
  summary: id,
  since: '2026-01-01T00:00:00Z',
  evidence: [],
  help: [],
});

function delivery(
  id: string,
  alerts: readonly NotifiedAlert[],
  more: Partial<Delivery> & { group?: string } = {},
): Delivery {
  const { group = 'g', ...rest } = more;
  const notification: Notification = {
    id,
    group,
    status: 'firing',
    receiver: 'a',
    groupLabels: {},
    alerts,
    omitted: 0,
    at: '2026-01-01T00:00:00Z',
    registry: 'r',
    escalation: 0,
  };
  return {
    route: 'AlertRoute/x',
    receiver: 'a',
    notification,
    createdAt: 0,
    attempts: 0,
    nextAt: 0,
    ...rest,
  };
}

const idle = () => false;
const down = { code: 'NotifierUnreachable', message: 'down', isLasting: false };
const steady = () => 1;

describe('what waits for a receiver', () => {
  it('becomes one with what comes later of its group, so that nothing is lost and nothing doubled', () => {
    const first = put([], delivery('1', [says('x'), says('y')]), 100, idle);
    const [only, ...others] = put(first, delivery('2', [says('x', 'resolved'), says('z')]), 100, idle);
    expect(others).toEqual([]);
    expect(only?.notification.alerts.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'z firing',
      'y firing',
      'x resolved',
    ]);
  });

  it('stays as it is when the same is to be told again', () => {
    const first = put([], delivery('1', [says('x')]), 100, idle);
    expect(put(first, delivery('2', [says('x')]), 100, idle)).toEqual(first);
  });

  it('is left alone while it is being sent', () => {
    const first = put([], delivery('1', [says('x')]), 100, idle);
    const both = put(first, delivery('2', [says('y')]), 100, (id) => id === '1');
    expect(both.map(({ notification }) => notification.id)).toEqual(['1', '2']);
  });

  it('counts what does not fit', () => {
    const first = put([], delivery('1', [says('x')]), 1, idle);
    const [only] = put(first, delivery('2', [says('y')]), 1, idle);
    expect(only?.notification).toMatchObject({ alerts: [{ id: 'y' }], omitted: 1 });
  });

  it('is sent one after the other to one receiver, and beside each other to several', () => {
    const all = [
      delivery('1', [says('x')]),
      delivery('2', [says('y')], { group: 'h' }),
      delivery('3', [says('z')], { receiver: 'b' }),
    ];
    expect(due(all, 0, idle).map(({ notification }) => notification.id)).toEqual(['1', '3']);
    expect(due(all, 0, (key) => key.endsWith(' a')).map(({ notification }) => notification.id)).toEqual([
      '3',
    ]);
    expect(sent(all, '1').map(({ notification }) => notification.id)).toEqual(['2', '3']);
  });
});

describe('a failure', () => {
  it('makes all that goes to its receiver wait, longer each time, but never more than five minutes', () => {
    let all: readonly Delivery[] = [delivery('1', [says('x')]), delivery('2', [says('y')], { group: 'h' })];
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 12; attempt++) {
      all = failed(all, '1', down, 0, steady);
      waits.push(all[0]?.nextAt ?? 0);
      expect(all[1]?.nextAt).toBe(all[0]?.nextAt);
    }
    expect(waits.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(waits.at(-1)).toBe(300_000);
    expect(all[0]).toMatchObject({ attempts: 12, error: { code: 'NotifierUnreachable' } });
  });

  it('waits as long as the receiver asked for', () => {
    const [one] = failed([delivery('1', [says('x')])], '1', { ...down, retryAfterMs: 90_000 }, 5, steady);
    expect(one?.nextAt).toBe(90_005);
  });

  it('that a human must mend first does not keep the others back', () => {
    const all = [delivery('1', [says('x')]), delivery('2', [says('y')], { group: 'h' })];
    const after = failed(all, '1', { ...down, code: 'NotifierRefused', isLasting: true }, 0, steady);
    expect(due(after, 0, idle).map(({ notification }) => notification.id)).toEqual(['2']);
    expect(after[0]?.nextAt).toBe(60_000);
  });

  it('that only one notification meets does not keep back what comes later', () => {
    const waiting = failed([delivery('1', [says('x')])], '1', { ...down, isLasting: true }, 0, steady);
    const both = put(waiting, delivery('2', [says('y')], { group: 'h' }), 100, idle);
    expect(due(both, 0, idle).map(({ notification }) => notification.id)).toEqual(['2']);
  });

  it('makes nobody wait for more than an hour: neither a receiver that asks for it, nor a clock that is set back', () => {
    const now = 5 * 3_600_000;
    const all = failed([delivery('1', [says('x')])], '1', { ...down, retryAfterMs: 86_400_000 }, now, steady);
    expect(all[0]?.nextAt).toBe(now + 3_600_000);
    expect(due(all, now, idle)).toEqual([]);
    expect(due(all, now - 3 * 3_600_000, idle)).toHaveLength(1);
  });

  it('keeps a later notification waiting, too: a receiver that is down is not asked for each', () => {
    const waiting = failed([delivery('1', [says('x')])], '1', down, 0, steady);
    const both = put(waiting, delivery('2', [says('y')], { group: 'h' }), 100, idle);
    expect(due(both, 999, idle)).toEqual([]);
  });
});
