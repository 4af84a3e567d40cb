import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { otherWays } from './other-ways.ts';
import { type ServedFixtures, serveFixtures } from './served-fixtures.ts';

let served: ServedFixtures;

beforeAll(async () => {
  served = await serveFixtures();
}, 60_000);

afterAll(() => served.stop());

describe('a server that keeps to the specification in another way is not failed: it', () => {
  it.each(otherWays.map((way) => [way.does, way] as const))('%s', async (_, way) => {
    const { difference, asked, allowed, model } = way;
    const results = await served.resultsOf(difference, (id) => asked.test(id), model);
    expect(results.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    const own = results.filter(({ outcome }) => outcome === 'allowed');
    expect(own.map(({ id }) => id)).toEqual(expect.arrayContaining([...allowed]));
    for (const { id, leeway } of own) expect(leeway?.reason, id).toMatch(/\w/);
    expect(results.some(({ outcome }) => outcome !== 'skip')).toBe(true);
  });
});
