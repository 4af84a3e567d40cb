import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { rateLimits } from '../../../../../plugins/rollout/rate-limits.ts';
import { checkRoutingTable } from '../../../../../plugins/serving/dataplane/interface/check-routing-table.ts';
import { RateLimits } from '../../../../../plugins/serving/dataplane/route/rate-limits.ts';
import { declaredDeployment } from '../../../../fixtures/declared-deployment.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { call, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const from = (key?: string) => ({ headers: key === undefined ? {} : { 'x-api-key': key } });
const byKey = { key: { header: 'X-Api-Key' }, perSecond: 10, burst: 2 };

/** Taken, or how many seconds to wait. */
function asked(limits: RateLimits, key: string | undefined, now: number): true | number {
  try {
    limits.take(from(key), now);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'RateLimited', status: 429 });
    expect((error as Error).message).not.toContain('alice');
    return (error as { retryAfter: number }).retryAfter;
  }
}

describe('a limit', () => {
  it('keeps of each request its key alone, and not the head that it was cut from', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const limits = new RateLimits([byKey]);
    const used = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = used();
    for (let index = 0; index < 5_000; index++) {
      const head = `X-Api-Key: a-key-of-somebody-${index}\r\nX-Padding: ${'x'.repeat(8_000)}`;
      // As heads are read: out of bytes.
      const text = Buffer.from(head).toString('latin1');
      for (let time = 0; time < 2; time++) asked(limits, text.slice(11, text.indexOf('\r\n')), index);
    }
    expect((used() - before) / 5_000).toBeLessThan(2_000);
    // They are still known.
    expect(asked(limits, 'a-key-of-somebody-4999', 4_999)).toBeTypeOf('number');
  });

  it('says when to come again in words that hold for HTTP and gRPC', () => {
    const hintOf = (perSecond: number) => {
      const limits = new RateLimits([{ perSecond, burst: 1 }]);
      limits.take(from(), 0);
      try {
        limits.take(from(), 0);
      } catch (error) {
        return (error as { hint: string }).hint;
      }
    };
    expect(hintOf(8)).toBe('It was not run: send it again in 125 ms.');
    expect(hintOf(0.03)).toBe('It was not run: send it again in 34 s.');
  });

  it('lets a burst through, and then what its rate fills up, key by key', () => {
    const limits = new RateLimits([byKey]);
    expect([0, 0, 0].map((now) => asked(limits, 'alice', now))).toEqual([true, true, 0.1]);
    expect(asked(limits, 'bob', 0)).toBe(true);
    expect([50, 100, 101].map((now) => asked(limits, 'alice', now))).toEqual([
      0.05,
      true,
      expect.closeTo(0.099),
    ]);
    let taken = 0;
    for (let now = 1_000; now < 11_000; now += 10) if (asked(limits, 'alice', now) === true) taken++;
    expect(Math.abs(taken - 101)).toBeLessThanOrEqual(1);
  });

  it('is shared by those who say no key, and by all where there is none', () => {
    const limits = new RateLimits([byKey]);
    expect([undefined, undefined, undefined].map((key) => asked(limits, key, 0))).toEqual([true, true, 0.1]);
    const all = new RateLimits([{ perSecond: 1, burst: 1 }]);
    expect([asked(all, 'alice', 0), asked(all, 'bob', 0)]).toEqual([true, 1]);
  });

  it('that refuses takes nothing from the others', () => {
    const limits = new RateLimits([
      { perSecond: 1, burst: 3 },
      { ...byKey, burst: 1 },
    ]);
    expect([0, 0, 0, 0].map((now) => asked(limits, 'alice', now))).toEqual([true, 0.1, 0.1, 0.1]);
    expect([asked(limits, 'bob', 0), asked(limits, 'carol', 0), asked(limits, 'dan', 0)]).toEqual([
      true,
      true,
      1,
    ]);
  });

  it('remembers so many keys and no more, however long they are', () => {
    const limits = new RateLimits([byKey]);
    const long = 'k'.repeat(100_000);
    expect([0, 0, 0].map((now) => asked(limits, long, now))).toEqual([true, true, 0.1]);
    for (let key = 0; key < 9_999; key++) asked(limits, `key ${key}`, 0);
    expect(asked(limits, long, 0)).toBe(0.1);
    for (let key = 0; key < 10_000; key++) asked(limits, `another ${key}`, 0);
    expect(asked(limits, long, 0)).toBe(true);
  });

  it('is declared as docs/inference.md has it', () => {
    const { limits } = parse(shownBlock('docs/inference.md', 'yaml rates'));
    expect(rateLimits(limits.rates)).toEqual([
      { key: { header: 'x-api-key' }, perSecond: 100, burst: 200 },
      { perSecond: 50, burst: 50 },
    ]);
    expect(rateLimits([{ rate: '6/h' }])).toEqual([{ perSecond: 6 / 3600, burst: 1 }]);
  });

  it('takes of each key, and of all together, what docs/inference.md declares', () => {
    const { limits } = parse(shownBlock('docs/inference.md', 'yaml rates'));
    const declared = declaredDeployment('m', { limits }, pin(folder.path, '1.0.0', linearModel(2, 0)));
    checkRoutingTable(JSON.parse(JSON.stringify(table(declared))));
    const [ofKey, ofAll] = declared.limits.rates!;
    const all = new RateLimits([ofKey!, ofAll!]);
    const taken = (limit: RateLimits, key: string | undefined, now: number) => {
      let count = 0;
      while (asked(limit, key, now) === true) count++;
      return count;
    };
    // The second limit holds for alice and bob together, whose own bursts are larger.
    expect([taken(all, 'alice', 0), taken(all, 'bob', 0), taken(all, undefined, 0)]).toEqual([50, 0, 0]);
    expect(asked(all, 'bob', 0)).toBe(0.02);
    const own = new RateLimits([ofKey!]);
    expect([taken(own, 'alice', 0), taken(own, 'bob', 0), taken(own, 'alice', 1_000)]).toEqual([
      200, 200, 100,
    ]);
  });
});

describe('a table with limits', () => {
  const entry = (rates: unknown) =>
    table(
      deployment('m', [pin(folder.path, '1.0.0', linearModel(2, 0))], {
        limits: { maxQueue: 10, timeoutMs: 10_000, rates: rates as never },
      }),
    );

  it.each([
    [[{ perSecond: 0, burst: 1 }], /perSecond must be more than 0/],
    [[{ perSecond: 1, burst: 0 }], /burst must be 1 or more/],
    [[{ perSecond: 1, burst: 1, key: { header: 'a', query: 'b' } }], /exactly one of header, cookie, query/],
    [[{ perSecond: 1, burst: 1, key: { ip: 'a' } }], /exactly one of header, cookie, query/],
    ['many', /rates must be a list/],
  ])('is refused where they are wrong: %j', (rates, message) => {
    expect(() => checkRoutingTable(JSON.parse(JSON.stringify(entry(rates))))).toThrow(message);
  });

  it('is obeyed, and goes on where it was when something else changes', async () => {
    const rates = [{ key: { header: 'x-api-key' }, perSecond: 0.001, burst: 2 }];
    await serving.follow(entry(rates));
    const ask = (key: string) =>
      call(serving.port, '/v2/models/m/infer', {
        headers: { 'x-api-key': key },
        body: JSON.stringify(row(1)),
      });
    expect((await ask('alice')).status).toBe(200);
    const other = entry(rates);
    await serving.follow({
      ...other,
      deployments: [
        { ...other.deployments[0]!, generation: 'another', batching: { maxBatchSize: 1, maxDelayMs: 0 } },
      ],
    });
    expect((await ask('alice')).status).toBe(200);
    const refused = await ask('alice');
    expect(refused).toMatchObject({ status: 429, body: { code: 'RateLimited' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(900);
    expect((await ask('bob')).status).toBe(200);
    expect(serving.process.report().metrics.otherRequests).toEqual({ 429: 1 });
  });
});

const folder = temporaryFolder();
let serving: Serving;

beforeAll(async () => {
  serving = await startServing();
}, 60_000);

afterAll(async () => {
  await serving.stop();
  folder.remove();
});
