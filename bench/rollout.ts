/** What a rollout costs those who ask meanwhile. */
import type { TrafficRules, Variant } from '../core/capabilities/serving-runtime.ts';
import type { RequestFacts } from '../plugins/serving/dataplane/http/request-facts.ts';
import type { PinnedVersion } from '../plugins/serving/dataplane/interface/routing-table.ts';
import { Route } from '../plugins/serving/dataplane/route/route.ts';
import { type Mirroring, measureMirroring } from './mirroring.ts';
import type { Bench, BenchReport } from './report.ts';
import { round } from './report.ts';
import { measureRollbacks, type Rollbacks } from './rollbacks.ts';

export const rollout: Bench = {
  name: 'rollout',
  description:
    'choosing the version that answers, what a shadow costs, and how fast a candidate is out of traffic',

  async run({ quick, progress }) {
    const measured = cases.map((one) => {
      progress(one.name);
      return { ...one, microseconds: costOf(one, quick ? 100_000 : 1_000_000) };
    });
    const turns = quick ? { pairs: 3, milliseconds: 1_000 } : { pairs: 5, milliseconds: 2_000 };
    const mirrorings = await measureMirroring(turns, progress);
    const cycles = quick ? { byHand: 20, byMeasurement: 5 } : { byHand: 100, byMeasurement: 20 };
    return report(measured, mirrorings, await measureRollbacks(cycles, progress));
  },
};

interface Case {
  readonly name: string;
  readonly variants: readonly Variant[];
  readonly rules?: TrafficRules;
}

interface Measured extends Case {
  readonly microseconds: number;
}

const alone: readonly Variant[] = [{ version: '1.0.0', role: 'stable', weight: 100 }];
const canary: readonly Variant[] = [
  { version: '1.0.0', role: 'stable', weight: 90 },
  { version: '2.0.0', role: 'candidate', weight: 10 },
];
const mirrored: readonly Variant[] = [...alone, { version: '2.0.0', role: 'shadow', weight: 10 }];
const matchOf = (index: number, test: { equals: string } | { regex: string }) => ({
  all: [{ header: `x-team-${index}`, ...test }],
  version: '2.0.0',
});

const cases: readonly Case[] = [
  { name: 'one version', variants: alone },
  { name: 'weights 90 and 10', variants: canary },
  { name: 'a shadow of 10 %', variants: mirrored },
  { name: 'sticky by header', variants: canary, rules: { sticky: { by: { header: 'x-user' }, salt: 's' } } },
  { name: 'sticky by cookie', variants: canary, rules: { sticky: { by: { cookie: 'user' }, salt: 's' } } },
  { name: 'sticky by query', variants: canary, rules: { sticky: { by: { query: 'user' }, salt: 's' } } },
  {
    name: '5 rules, the last fits',
    variants: canary,
    rules: { matches: [1, 2, 3, 4, 5].map((index) => matchOf(index, { equals: 'birds' })) },
  },
  {
    name: 'a regular expression',
    variants: canary,
    rules: { matches: [matchOf(5, { regex: '^(birds|planes)$' })] },
  },
];

/** Headers as clients send them, with keys that change. */
const requests: readonly RequestFacts[] = Array.from({ length: 997 }, (_, index) => ({
  headers: {
    host: 'models.example.com',
    'content-type': 'application/json',
    'content-length': '200',
    'user-agent': 'client/1.0',
    cookie: `theme=dark; lang=en; user=user-${index * 7919}`,
    'x-user': `user-${index * 7919}`,
    'x-team-5': 'birds',
  },
  url: `/v2/models/m/infer?trace=0&user=user-${index * 7919}`,
}));

/** Microseconds a request: the least of several runs, as everything else on the machine only adds to it. */
function costOf({ variants, rules }: Case, turns: number): number {
  const versions = variants.map(({ version }) => ({ version }) as PinnedVersion);
  const route = new Route(
    {
      environment: 'production',
      name: 'm',
      model: 'm',
      commit: 'c',
      generation: 'g',
      versions,
      variants,
      ...(rules === undefined ? {} : { rules }),
      batching: { maxBatchSize: 32, maxDelayMs: 0 },
      limits: { maxQueue: 1000, timeoutMs: 10_000 },
    },
    new Map(),
  );
  let least = Number.POSITIVE_INFINITY;
  let chosen = 0;
  for (let run = 0; run < 6; run++) {
    const begin = performance.now();
    for (let turn = 0; turn < turns; turn++) {
      if (route.next(requests[turn % requests.length]!) !== undefined) chosen++;
      chosen += route.shadows().length;
    }
    least = Math.min(least, (performance.now() - begin) / turns);
  }
  if (chosen < 6 * turns) throw new Error('a request was led nowhere');
  return least * 1000;
}

function report(
  measured: readonly Measured[],
  mirrorings: readonly Mirroring[],
  rollbacks: Rollbacks,
): BenchReport {
  const { byHand, told, byMeasurement, requests, failed } = rollbacks;
  const slowest = [...byHand.keys()].sort((a, b) => byHand[b]! - byHand[a]!).slice(0, 3);
  const shadows = mirrorings.map((one) => ({ ...one, name: nameOf(one), cost: costOfMirroring(one) }));
  return {
    tables: [
      {
        title: 'Choosing the version that answers',
        columns: ['deployment', 'µs a request'],
        rows: measured.map(({ name, microseconds }) => [name, round(microseconds)]),
      },
      {
        title: 'What a shadow costs those whom stable answers, milliseconds (median of the turns)',
        columns: [
          'shadow',
          'turns',
          'requests/s',
          'p50',
          'p99',
          'p50 without',
          'p99 without',
          'p99 / without',
        ],
        rows: shadows.map(({ name, pairs, cost }) => [
          name,
          pairs.length,
          Math.round(median(pairs.map(({ shadowed }) => shadowed.requests / shadowed.seconds))),
          round(median(pairs.map(({ shadowed }) => shadowed.p50))),
          round(median(pairs.map(({ shadowed }) => shadowed.p99))),
          round(median(pairs.map(({ without }) => without.p50))),
          round(median(pairs.map(({ without }) => without.p99))),
          round(cost),
        ]),
      },
      {
        title: 'Until the last request that the candidate answered, 32 connections, milliseconds',
        columns: ['from', 'rollbacks', 'p50', 'p90', 'p99', 'max'],
        rows: [
          ['abort', ...quantiles(byHand)],
          ['abort, until its answer', ...quantiles(told)],
          ['the failing measurement', ...quantiles(byMeasurement)],
        ],
      },
      {
        title: 'The slowest after an abort',
        columns: ['cycle', 'abort answered', 'last answer'],
        rows: slowest.map((cycle) => [cycle + 1, round(told[cycle]!), round(byHand[cycle]!)]),
      },
      {
        title: 'Requests over all of these rollouts and rollbacks',
        columns: ['answers', 'failed'],
        rows: [[requests, failed]],
      },
    ],
    numbers: {
      ...Object.fromEntries(
        measured.map(({ name, microseconds }) => [`routing.${name.replaceAll(' ', '-')}`, microseconds]),
      ),
      ...Object.fromEntries(
        shadows.map(({ percent, isPaced, cost }) => [
          `mirror.${percent}.${isPaced ? 'paced' : 'saturated'}`,
          cost,
        ]),
      ),
      'abort.p50': at(byHand, 0.5),
      'abort.p99': at(byHand, 0.99),
      'abort.failed': failed,
      'measurement.p50': at(byMeasurement, 0.5),
      'measurement.p99': at(byMeasurement, 0.99),
    },
    targets: [
      ...measured.map(({ name, microseconds }) => ({
        name: `routing: ${name}`,
        limit: '<= 2 µs a request',
        measured: `${round(microseconds)} µs`,
        pass: microseconds <= 2,
      })),
      ...shadows
        .filter(({ isPaced }) => isPaced)
        .map(({ name, cost }) => ({
          name: `stable's p99 with a shadow: ${name}`,
          limit: '<= 1.05x',
          measured: `${round(cost)}x`,
          pass: cost <= 1.05,
        })),
      ...[
        { name: 'abort', all: byHand },
        { name: 'failing measurement', all: byMeasurement },
      ].map(({ name, all }) => ({
        name: `${name} to the last answer of the candidate, p99`,
        limit: '<= 250 ms',
        measured: `${round(at(all, 0.99))} ms`,
        pass: at(all, 0.99) <= 250,
      })),
      {
        name: 'requests that failed over all rollouts and rollbacks',
        limit: '0',
        measured: String(failed),
        pass: failed === 0,
      },
    ],
  };
}

function nameOf({ percent, isPaced }: Mirroring): string {
  return `${percent} %, ${isPaced ? 'with pauses' : 'as fast as it goes'}`;
}

/** The median over the pairs: what else the machine does comes and goes. */
function costOfMirroring({ pairs }: Mirroring): number {
  return median(pairs.map(({ without, shadowed }) => shadowed.p99 / without.p99));
}

function quantiles(values: readonly number[]): readonly number[] {
  return [
    values.length,
    round(at(values, 0.5)),
    round(at(values, 0.9)),
    round(at(values, 0.99)),
    round(at(values, 1)),
  ];
}

/** The least value that so large a share does not exceed. */
function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function median(values: readonly number[]): number {
  return at(values, 0.5);
}
