import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../../plugins/alerting/alert.ts';
import { advance, type Group, type Tell } from '../../../../plugins/alerting/routing/groups.ts';
import { compileRoute } from '../../../../plugins/alerting/routing/route.ts';
import type { AlertRouteSpec } from '../../../../schemas/generated/alert-route.ts';

const receivers = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
const route = (spec: Partial<AlertRouteSpec> = {}, name = 'one') =>
  compileRoute(`AlertRoute/${name}`, { receiver: 'a', receivers, ...spec });

function alert(id: string, firedAt: number, more: Partial<Alert> = {}): Alert {
  return {
    id,
    rule: 'rule',
    severity: 'warning',
    labels: { alertname: 'rule', severity: 'warning', id },
    content: { summary: id, evidence: [], help: [], revision: '' },
    isMandatory: false,
    phase: 'firing',
    since: firedAt,
    firedAt,
    heldAt: firedAt,
    ...more,
  };
}

/** One platform's groups through time. */
class Groups {
  groups: ReadonlyMap<string, Group> = new Map();
  readonly tells: (Tell & { at: number })[] = [];
  readonly alerts = new Map<string, Alert>();
  readonly routes;
  silences: Parameters<typeof advance>[1]['silences'] = [];

  constructor(...routes: ReturnType<typeof route>[]) {
    this.routes = routes;
  }

  /** Brings all up to `at`; answers what was told. */
  at(at: number): readonly Tell[] {
    const { routes, alerts, silences } = this;
    const { groups, tells } = advance(this.groups, { routes, alerts, silences }, at);
    this.groups = groups;
    this.tells.push(...tells.map((tell) => ({ ...tell, at })));
    return tells;
  }

  put(...alerts: readonly Alert[]): this {
    for (const one of alerts) this.alerts.set(one.id, one);
    return this;
  }

  over(id: string, at: number): void {
    const before = this.alerts.get(id);
    if (before) this.alerts.set(id, { ...before, phase: 'resolved', resolvedAt: at });
  }
}

const told = (tells: readonly Tell[]) =>
  tells.map(
    ({ group, firing }) => `${group.receiver}${group.level || ''}: ${firing.map(({ id }) => id).join(' ')}`,
  );
const s = 1000;
const m = 60 * s;

describe('routes', () => {
  it('lead to the first exception that takes an alert, or to the whole', () => {
    const groups = new Groups(
      route({
        groupWait: '0s',
        routes: [
          { matchers: ['id="x"'], receiver: 'b' },
          { matchers: ['id=~"x|y"'], receiver: 'c' },
        ],
      }),
    );
    groups.put(alert('x', 0), alert('y', 0), alert('z', 0));
    expect(told(groups.at(0)).sort()).toEqual(['a: z', 'b: x', 'c: y']);
  });

  it('go on to the next exception where they are told to', () => {
    const groups = new Groups(
      route({
        groupWait: '0s',
        routes: [
          { matchers: ['id="x"'], receiver: 'b', continue: true },
          { matchers: ['id=~"x|y"'], receiver: 'c' },
        ],
      }),
    );
    expect(told(groups.put(alert('x', 0)).at(0)).sort()).toEqual(['b: x', 'c: x']);
  });

  it('each see all alerts: one team cannot take them from another', () => {
    const groups = new Groups(route({ groupWait: '0s' }), route({ groupWait: '0s', receiver: 'b' }, 'two'));
    expect(told(groups.put(alert('x', 0)).at(0))).toEqual(['a: x', 'b: x']);
  });

  it('inherit what the whole says, and its matchers', () => {
    const groups = new Groups(
      route({ groupWait: '1m', matchers: ['severity="warning"'], routes: [{ receiver: 'b' }] }),
    );
    groups.put(alert('x', 0), alert('y', 0, { labels: { severity: 'info' } }));
    expect(told(groups.at(59 * s))).toEqual([]);
    expect(told(groups.at(60 * s))).toEqual(['b: x']);
  });
});

describe('groups', () => {
  it('are made by labels, or of each alert for itself', () => {
    const by = (groupBy: string[]) =>
      told(new Groups(route({ groupWait: '0s', groupBy })).put(alert('x', 0), alert('y', 0)).at(0));
    expect(by(['alertname'])).toEqual(['a: x y']);
    expect(by(['id', 'absent'])).toEqual(['a: x', 'a: y']);
    expect(by(['...'])).toEqual(['a: x', 'a: y']);
  });

  it('tell what is new after their interval, and that something is over', () => {
    const groups = new Groups(route({ groupWait: '30s', groupInterval: '5m' }));
    groups.put(alert('x', 0));
    expect(told(groups.at(30 * s))).toEqual(['a: x']);
    groups.put(alert('y', 40 * s));
    expect(told(groups.at(5 * m))).toEqual([]);
    expect(told(groups.at(5 * m + 30 * s))).toEqual(['a: x y']);
    groups.over('x', 6 * m);
    expect(told(groups.at(10 * m))).toEqual([]);
    const [tell] = groups.at(10 * m + 30 * s);
    expect(tell?.resolved).toEqual(['x']);
  });

  it('forget what fired and was over before it was told', () => {
    const groups = new Groups(route({ groupWait: '30s' }));
    groups.put(alert('x', 0));
    groups.at(10 * s);
    groups.over('x', 20 * s);
    expect(groups.at(40 * s)).toEqual([]);
    expect(groups.groups.size).toBe(0);
  });

  it('say when there is something to do again', () => {
    const { nextAt } = advance(
      new Map(),
      { routes: [route({ groupWait: '30s' })], alerts: new Map([['x', alert('x', 5 * s)]]), silences: [] },
      6 * s,
    );
    expect(nextAt).toBe(35 * s);
  });

  it('of a route that is not known yet stay as they are', () => {
    const groups = new Groups(route({ groupWait: '0s' }));
    groups.put(alert('x', 0)).at(0);
    const { groups: kept } = advance(groups.groups, { routes: [], alerts: new Map(), silences: [] }, m);
    expect(kept).toEqual(groups.groups);
  });
});

describe('inhibition', () => {
  const inhibitRules = [
    { sourceMatchers: ['role="cause"'], targetMatchers: ['role="effect"'], equal: ['env'] },
  ];
  const of = (id: string, role: string, env: string) => alert(id, 0, { labels: { role, env } });

  it('keeps an effect from being told while its cause fires', () => {
    const groups = new Groups(route({ groupWait: '0s', groupInterval: '1m', inhibitRules }));
    groups.put(
      of('cause', 'cause', 'production'),
      of('effect', 'effect', 'production'),
      of('other', 'effect', 'staging'),
    );
    expect(told(groups.at(0))).toEqual(['a: cause other']);
    groups.over('cause', m);
    expect(told(groups.at(2 * m))).toEqual(['a: effect other']);
  });

  it('does not let what is of both sorts inhibit itself', () => {
    const both = [{ sourceMatchers: ['role=~".+"'], targetMatchers: ['role=~".+"'] }];
    const groups = new Groups(route({ groupWait: '0s', inhibitRules: both }));
    expect(told(groups.put(of('x', 'one', ''), of('y', 'two', '')).at(0))).toEqual(['a: x y']);
  });
});

it('nothing is told outside of active hours, and all that is left after them', () => {
  const timeIntervals = [{ name: 'day', windows: [{ from: '08:00', to: '20:00' }] }];
  const groups = new Groups(route({ groupWait: '0s', activeTimeIntervals: ['day'], timeIntervals }));
  const seven = Date.UTC(2026, 0, 5, 7);
  groups.put(alert('x', seven), alert('y', seven, { isMandatory: true }));
  expect(told(groups.at(seven))).toEqual(['a: y']);
  expect(told(groups.at(seven + 60 * m))).toEqual(['a: x y']);
});

describe('whatever happens', () => {
  const ids = ['p', 'q', 'r'] as const;
  const step = fc.record({
    id: fc.constantFrom(...ids),
    act: fc.constantFrom('fire', 'over', 'acknowledge', 'silence', 'nothing'),
    after: fc.integer({ min: 0, max: 400 }),
  });
  const spec = { groupWait: '30s', groupInterval: '2m', repeatInterval: '1h' };

  /** Plays a story second by second at the moments that the engine asks for, and then a quiet hour. */
  function play(
    steps: readonly { id: string; act: string; after: number }[],
    each: (groups: Groups, now: number) => void,
  ): Groups {
    const groups = new Groups(route(spec));
    let now = 0;
    const tick = (until: number) => {
      for (;;) {
        const { routes, alerts, silences } = groups;
        const { nextAt } = advance(groups.groups, { routes, alerts, silences }, now);
        groups.at(now);
        each(groups, now);
        if (nextAt === undefined || nextAt >= until) break;
        now = Math.max(nextAt, now + s);
      }
      now = until;
    };
    for (const { id, act, after } of steps) {
      tick(now + after * s);
      const before = groups.alerts.get(id);
      if (act === 'fire' && before?.phase !== 'firing') groups.put(alert(id, now));
      if (act === 'over') groups.over(id, now);
      if (act === 'acknowledge' && before?.phase === 'firing') {
        groups.put({ ...before, acknowledged: { by: 'Ada', reason: 'mine', at: now } });
      }
      if (act === 'silence') {
        groups.silences = [
          { id: 's', matchers: [`id="${id}"`], from: now, until: now + 5 * m, by: 'Ada', reason: 'hush' },
        ];
      }
    }
    tick(now + 60 * m);
    return groups;
  }

  it('what still fires was told, what was told is told to be over, once', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const groups = play(steps, () => {});
        const state = new Map<string, 'firing' | 'over'>();
        for (const { firing, resolved } of groups.tells) {
          for (const { id } of firing) state.set(id, 'firing');
          for (const id of resolved) {
            expect(state.get(id)).toBe('firing');
            state.set(id, 'over');
          }
        }
        for (const { id, phase } of groups.alerts.values()) {
          if (phase === 'firing') expect(state.get(id)).toBe('firing');
          else expect(state.get(id) ?? 'over').toBe('over');
        }
      }),
    );
  });

  it('what is silenced is not told, and nothing is told more often than its interval but what people say', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const groups = play(steps, ({ tells, silences }, now) => {
          for (const tell of tells.filter(({ at }) => at === now)) {
            for (const { from, until, matchers } of silences) {
              if (from <= now && now < until) {
                expect(tell.firing.some(({ id }) => matchers.includes(`id="${id}"`) && from < now)).toBe(
                  false,
                );
              }
            }
          }
        });
        let last: (typeof groups.tells)[number] | undefined;
        const taken = (tell: Tell) =>
          tell.firing
            .filter(({ acknowledged }) => acknowledged)
            .map(({ id }) => id)
            .join();
        for (const tell of groups.tells) {
          if (last !== undefined && taken(tell) === taken(last)) {
            expect(tell.at - last.at).toBeGreaterThanOrEqual(2 * m);
          }
          last = tell;
        }
      }),
    );
  });
});
