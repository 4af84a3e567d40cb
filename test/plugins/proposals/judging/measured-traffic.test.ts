import { describe, expect, it } from 'vitest';
import type { MetricsSource } from '../../../../core/capabilities/metrics-source.ts';
import type { Examined } from '../../../../core/capabilities/registry.ts';
import { trafficWords } from '../../../../plugins/proposals/comment/traffic-words.ts';
import type { BlastRadius } from '../../../../plugins/proposals/judging/blast-radius.ts';
import { measuredTraffic } from '../../../../plugins/proposals/judging/measured-traffic.ts';
import { recordingLog } from '../../../fixtures/recording-log.ts';
import { type CountedRequests, countedRequests, onlySource } from '../counted-requests.ts';

const bird = 'Deployment/production/bird-strike';
const births = 'Deployment/production/births';

/** Two deployments in production, and two versions of each of their models. */
const examined = {
  commit: 'c',
  time: 0,
  issues: [],
  resources: new Map(
    [
      ...['bird-strike', 'births'].flatMap((model) =>
        ['1.0.0', '1.1.0'].map((name) => ({
          kind: 'ModelVersion',
          ref: `ModelVersion/${model}/${name}`,
          metadata: { name, model },
        })),
      ),
      ...['bird-strike', 'births'].map((name) => ({
        kind: 'Deployment',
        ref: `Deployment/production/${name}`,
        metadata: { name, environment: 'production' },
        spec: { model: name, version: '1.0.0' },
      })),
    ].map((resource) => [resource.ref, resource]),
  ),
} as unknown as Examined;

const radius: BlastRadius = {
  environments: [{ name: 'production', touched: [bird], deployments: 2, isDefault: true, traffic: null }],
};

async function trafficIn(counted: CountedRequests, from = radius) {
  const { sources, now } = counted;
  const found = await measuredTraffic(from, [examined, examined], { sources, now, log: recordingLog() });
  return found.environments[0]?.traffic ?? null;
}

async function wordsIn(counted: CountedRequests): Promise<string> {
  const traffic = await trafficIn(counted);
  return traffic === null ? 'not measured' : trafficWords(traffic);
}

describe('the traffic of what is touched', () => {
  it('is a share of all requests of its environment, whichever version answered them', async () => {
    const counted = countedRequests();
    counted.answer('production', 'bird-strike', '1.0.0', 0);
    counted.pass(90);
    counted.answer('production', 'bird-strike', '1.0.0', 1_000);
    counted.answer('production', 'bird-strike', '1.1.0', 100);
    counted.answer('production', 'births', '1.0.0', 400);
    counted.answer('staging', 'bird-strike', '1.0.0', 5_000);
    counted.pass(1);
    expect(await trafficIn(counted)).toEqual({
      requests: 1_500,
      touched: [{ ref: bird, requests: 1_100 }],
      from: '2026-01-05T12:31:00.000Z',
      to: '2026-01-05T13:31:00.000Z',
    });
    expect(await wordsIn(counted)).toBe(
      '73 % of 1,500 requests in the last hour (counted at 2026-01-05 13:31 UTC)',
    );
  });

  it('forgets what was answered more than an hour ago', async () => {
    const counted = countedRequests();
    counted.answer('production', 'bird-strike', '1.0.0', 0);
    counted.pass(1);
    counted.answer('production', 'bird-strike', '1.0.0', 70);
    counted.pass(90);
    expect(await wordsIn(counted)).toBe('no requests in the last hour (counted at 2026-01-05 13:31 UTC)');
  });

  it('says since when it is known, where that is less than an hour', async () => {
    const counted = countedRequests();
    counted.answer('production', 'births', '1.0.0', 0);
    counted.pass(1);
    counted.answer('production', 'births', '1.0.0', 1);
    counted.pass(10);
    expect(await wordsIn(counted)).toBe(
      '0 % of 1 request since 2026-01-05 12:00 UTC (counted at 2026-01-05 12:11 UTC)',
    );
  });

  it('does not count twice what a shadow was shown', async () => {
    const counted = countedRequests();
    counted.answer('production', 'bird-strike', '1.0.0', 0);
    counted.pass(90);
    counted.answer('production', 'bird-strike', '1.0.0', 100);
    counted.mirror('production', 'bird-strike', '1.1.0', 100);
    counted.answer('production', 'births', '1.0.0', 100);
    counted.pass(1);
    expect(await trafficIn(counted)).toMatchObject({
      requests: 200,
      touched: [{ ref: bird, requests: 100 }],
    });
  });

  it('is not known of an environment that runs elsewhere, nor in the first minute', async () => {
    const counted = countedRequests();
    counted.answer('staging', 'bird-strike', '1.0.0', 10);
    counted.pass(10);
    expect(await wordsIn(counted)).toBe('not measured');
    const early = countedRequests();
    early.answer('production', 'bird-strike', '1.0.0', 10);
    expect(await wordsIn(early)).toBe('not measured');
  });

  it('is not known where there is no source, or one that fails, refuses or never answers', async () => {
    const log = recordingLog();
    const now = Date.now;
    const fails: MetricsSource = { measure: () => Promise.reject(new Error('away')) };
    const throws: MetricsSource = {
      measure() {
        throw new Error('refused');
      },
    };
    const hangs: MetricsSource = { measure: () => new Promise(() => {}) };
    for (const source of [fails, throws, hangs]) {
      const options = { sources: onlySource(source), now, log, withinMs: 20 };
      expect(await measuredTraffic(radius, [examined], options)).toEqual(radius);
    }
    expect(await measuredTraffic(radius, [examined], { sources: undefined, now, log })).toEqual(radius);
    expect(log.lines.map(({ level }) => level)).toEqual(['debug', 'debug', 'debug']);
  });

  it('is taken once', async () => {
    const counted = countedRequests();
    counted.answer('production', 'births', '1.0.0', 10);
    counted.pass(10);
    const traffic = await trafficIn(counted);
    expect(traffic).not.toBeNull();
    const known = { environments: radius.environments.map((one) => ({ ...one, traffic })) };
    counted.pass(10);
    expect(await trafficIn(counted, known)).toEqual(traffic);
  });
});

describe('a share in words', () => {
  const words = (touched: number, requests: number) =>
    trafficWords({
      requests,
      touched: [{ ref: births, requests: touched }],
      from: '2026-01-05T11:00:00.000Z',
      to: '2026-01-05T12:00:00.000Z',
    }).replace(/ of .*/, '');

  it('is all or nothing only where it is', () => {
    expect([words(0, 10_000), words(1, 10_000), words(9_999, 10_000), words(10_000, 10_000)]).toEqual([
      '0 %',
      'under 1 %',
      'over 99 %',
      '100 %',
    ]);
  });
});
