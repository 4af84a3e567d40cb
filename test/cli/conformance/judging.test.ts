import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCases } from '../../../cli/conformance/cases/index.ts';
import { otherWays } from './other-ways.ts';
import { type Difference, type ServedFixtures, serveFixtures } from './served-fixtures.ts';
import { unfailed, wrongServers } from './wrong-servers.ts';

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

describe('a wrong server', () => {
  const rows = wrongServers.map(({ id, does, difference }) => [id, does, difference] as const);
  it.each(rows)('fails %s: it %s', async (id, _, difference) => {
    const [result] = await served.resultsOf(difference, (each) => each === id);
    expect(result).toMatchObject({ id, outcome: 'fail', detail: expect.stringMatching(/\w/) });
  });

  it('that has null for what is optional is failed for that alone, once a field', async () => {
    const difference: Difference = {
      rest: {
        at: /./,
        json: (body) => ({
          ...body,
          ...('outputs' in body && 'platform' in body ? { versions: null } : {}),
          ...('model_name' in body ? { model_version: null } : {}),
        }),
      },
    };
    const results = await served.resultsOf(difference, (id) => /^(health|metadata|json|errors)/.test(id));
    const failed = results.filter(({ outcome }) => outcome === 'fail');
    expect(failed.map(({ id, detail }) => [id, detail])).toEqual([
      ['metadata/versions', '"versions" is null'],
      ['json/model-version', '"model_version" is null'],
    ]);
  });

  it('is there for each case, but for a few that are named with a reason', () => {
    const failed = new Set(wrongServers.map(({ id }) => id));
    const others = allCases.map(({ id }) => id).filter((id) => !failed.has(id));
    expect(others).toEqual(Object.keys(unfailed));
  });
});
