import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrafficRules, Variant } from '../../../../../core/capabilities/serving-runtime.ts';
import type { RequestFacts } from '../../../../../plugins/serving/dataplane/http/request-facts.ts';
import type { PinnedVersion } from '../../../../../plugins/serving/dataplane/interface/routing-table.ts';
import { Route } from '../../../../../plugins/serving/dataplane/route/route.ts';
import { placeOf } from '../../../../../plugins/serving/dataplane/route/sticky-choice.ts';
import { deployment } from '../fixtures/tables.ts';

/** Choosing needs no model, so the lanes are left out. */
function routeOf(variants: readonly Variant[], rules?: TrafficRules): Route {
  const versions = variants.map(({ version }) => ({ version }) as PinnedVersion);
  return new Route(deployment('m', versions, { variants, ...(rules && { rules }) }), new Map());
}

const asking = (headers: RequestFacts['headers'] = {}, url = '/v2/models/m/infer'): RequestFacts => ({
  headers,
  url,
});
const split = (candidate: number): Variant[] => [
  { version: '1.0.0', role: 'stable', weight: 100 - candidate },
  { version: '2.0.0', role: 'candidate', weight: candidate },
];
const choose = (route: Route, request: RequestFacts) => route.next(request).version;

describe('weights', () => {
  it('are exact over any window of a thousand requests, wherever it begins, across changes of all else', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 0, max: 1000 }),
        (weight, begin, change) => {
          let route = routeOf(split(weight));
          let candidate = 0;
          for (let turn = 0; turn < begin + 1000; turn++) {
            if (turn === change) {
              const next = routeOf(split(weight), { aliases: { preview: '2.0.0' } });
              next.goOnFrom(route);
              route = next;
            }
            const isCandidate = choose(route, asking()) === '2.0.0';
            if (turn >= begin && isCandidate) candidate++;
          }
          expect(candidate).toBe(weight * 10);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of a shadow are exact too, and nobody is answered by it', () => {
    const route = routeOf([
      { version: '1.0.0', role: 'stable', weight: 100 },
      { version: '2.0.0', role: 'shadow', weight: 7 },
    ]);
    let seen = 0;
    for (let turn = 0; turn < 1000; turn++) {
      expect(choose(route, asking())).toBe('1.0.0');
      seen += route.shadows().length;
    }
    expect(seen).toBe(70);
  });
});

describe('what arms answered', () => {
  const sticky = { by: { header: 'x-user' }, salt: 'salt' };
  const answer = (route: Route, request: RequestFacts, times = 1) => {
    for (let turn = 0; turn < times; turn++) route.answered(route.next(request), request);
  };

  it('is counted by requests, without those that a rule led', () => {
    const matches = [{ all: [{ header: 'x-team', equals: 'birds' }], version: '2.0.0' }];
    const route = routeOf(split(30), { matches });
    answer(route, asking(), 100);
    answer(route, asking({ 'x-team': 'birds' }), 50);
    expect(route.arms).toEqual({ '1.0.0': 70, '2.0.0': 30 });
  });

  it('is counted by keys where those are sticky, each once, and without requests that have none', () => {
    const route = routeOf(split(50), { sticky });
    for (let user = 0; user < 200; user++) answer(route, asking({ 'x-user': `user-${user}` }), 3);
    answer(route, asking(), 40);
    const counts = Object.values(route.arms ?? {});
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(200);
    expect(Math.min(...counts)).toBeGreaterThan(60);
  });

  it('goes on while weights and rules are as they are, and begins anew when they are not', () => {
    const before = routeOf(split(30), { sticky });
    answer(before, asking({ 'x-user': 'ada' }));
    const same = routeOf(split(30), { sticky });
    same.goOnFrom(before);
    expect(same.arms).toEqual(before.arms);
    for (const other of [routeOf(split(40), { sticky }), routeOf(split(30))]) {
      other.goOnFrom(same);
      expect(other.arms).toEqual({ '1.0.0': 0, '2.0.0': 0 });
    }
  });

  it('is nothing where one version answers alone', () => {
    const route = routeOf(split(0));
    answer(route, asking(), 5);
    expect(route.arms).toBeUndefined();
  });
});

describe('a sticky assignment', () => {
  const sticky = { by: { header: 'X-User' }, salt: 'production/m/2.0.0' };
  const users = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);

  it('is the same in every process and after a restart, for any key and weight', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 0, max: 100 }), (key, weight) => {
        const [one, other] = [routeOf(split(weight), { sticky }), routeOf(split(weight), { sticky })];
        for (let turn = 0; turn < 7; turn++) one.next(asking());
        const answers = [one, other, one].map((route) => choose(route, asking({ 'x-user': key })));
        expect(new Set(answers).size).toBe(1);
        expect(answers[0] === '2.0.0').toBe(placeOf(key, sticky.salt) < weight);
      }),
    );
  });

  it('shares keys out by weight, and as the candidate grows nobody who has it loses it', () => {
    let before = new Set<string>();
    for (const weight of [1, 5, 10, 25, 50, 99, 100]) {
      const route = routeOf(split(weight), { sticky });
      const has = new Set(users.filter((user) => choose(route, asking({ 'x-user': user })) === '2.0.0'));
      expect(has.size / users.length).toBeCloseTo(weight / 100, 1.7);
      for (const user of before) expect(has).toContain(user);
      before = has;
    }
  });

  it('picks other people with another salt', () => {
    const places = (salt: string) => users.map((user) => placeOf(user, salt) < 50);
    const [one, other] = [places('a'), places('b')];
    const same = one.filter((value, index) => value === other[index]).length;
    expect(same / users.length).toBeCloseTo(0.5, 1.5);
  });

  it.each<[string, object, RequestFacts, boolean]>([
    ['a header', { header: 'x-user' }, asking({ 'x-user': 'ada' }), true],
    ['a cookie', { cookie: 'user' }, asking({ cookie: 'theme=dark; user=ada' }), true],
    ['a quoted cookie', { cookie: 'user' }, asking({ cookie: 'user="ada"' }), true],
    ['a query parameter', { query: 'user' }, asking({}, '/v2/models/m/infer?a=b&user=a%64a'), true],
    ['another cookie alone', { cookie: 'user' }, asking({ cookie: 'xuser=ada; theme' }), false],
    ['another parameter alone', { query: 'user' }, asking({}, '/v2/models/m/infer?use=ada'), false],
    ['an empty header', { header: 'x-user' }, asking({ 'x-user': '' }), false],
  ])('reads its key from %s', (_, by, request, isFound) => {
    const route = routeOf(split(50), { sticky: { by, salt: 's' } });
    const answers = new Set(Array.from({ length: 10 }, () => choose(route, request)));
    expect(answers.size).toBe(isFound ? 1 : 2);
    if (isFound) expect(answers).toContain(placeOf('ada', 's') < 50 ? '2.0.0' : '1.0.0');
  });

  it('leaves those without a key to the weights, exactly', () => {
    const route = routeOf(split(20), { sticky });
    const chosen = Array.from({ length: 100 }, () => choose(route, asking()));
    expect(chosen.filter((version) => version === '2.0.0')).toHaveLength(20);
  });
});

describe('a match', () => {
  const rules: TrafficRules = {
    matches: [
      { all: [{ header: 'X-Beta', equals: 'yes' }], version: '2.0.0' },
      {
        all: [
          { query: 'region', regex: '^eu-' },
          { header: 'x-team', regex: 'birds|planes' },
        ],
        version: '2.0.0',
      },
      { all: [{ header: 'x-beta', regex: '.' }], version: '1.0.0' },
    ],
    sticky: { by: { header: 'x-user' }, salt: 's' },
  };
  const route = routeOf(split(0), rules);
  const halves = routeOf(split(50), rules);

  it('leads to a variant, also one without weight', () => {
    expect(choose(route, asking({ 'x-beta': 'yes' }))).toBe('2.0.0');
    expect(choose(route, asking({ 'x-team': 'the birds' }, '/?region=eu-west'))).toBe('2.0.0');
  });

  it('asks for all of its conditions, and the first that fits decides before any assignment', () => {
    expect(choose(route, asking({ 'x-team': 'birds' }, '/?region=us-east'))).toBe('1.0.0');
    expect(choose(route, asking({}, '/?region=eu-west'))).toBe('1.0.0');
    for (const user of ['a', 'b', 'c', 'd', 'e', 'f']) {
      expect(choose(halves, asking({ 'x-beta': 'no', 'x-user': user }))).toBe('1.0.0');
      expect(choose(halves, asking({ 'x-beta': 'yes', 'x-user': user }))).toBe('2.0.0');
    }
  });

  it('leaves the turns of the others as they are', () => {
    let candidate = 0;
    for (let turn = 0; turn < 200; turn++) {
      const request = turn % 2 === 0 ? asking({ 'x-beta': 'yes' }) : asking();
      if (choose(halves, request) === '2.0.0' && turn % 2 === 1) candidate++;
    }
    expect(candidate).toBe(50);
  });

  it('takes no longer on a text made to hurt', () => {
    const hurt = { matches: [{ all: [{ header: 'x', regex: '(a*)*b$' }], version: '2.0.0' }] };
    const begin = performance.now();
    choose(routeOf(split(0), hurt), asking({ x: 'a'.repeat(8_000) }));
    expect(performance.now() - begin).toBeLessThan(1_000);
  });
});
