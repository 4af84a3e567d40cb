/** What a rollout costs those who ask meanwhile. */
import type { TrafficRules, Variant } from '../core/capabilities/serving-runtime.ts';
import type { RequestFacts } from '../plugins/serving/dataplane/route/request-facts.ts';
import { Route } from '../plugins/serving/dataplane/route/route.ts';
import type { PinnedVersion } from '../plugins/serving/dataplane/routing-table.ts';
import type { Bench, BenchReport } from './report.ts';
import { round } from './report.ts';
import { type Aborts, measureAborts } from './rollout-abort.ts';

export const rollout: Bench = {
  name: 'rollout',
  description:
    'choosing the version that answers a request, and from an abort to the last request it answered',

  async run({ quick, progress }) {
    const measured = cases.map((one) => {
      progress(one.name);
      return { ...one, microseconds: costOf(one, quick ? 100_000 : 1_000_000) };
    });
    return report(measured, await measureAborts(quick ? 20 : 100, progress));
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

function report(measured: readonly Measured[], aborts: Aborts): BenchReport {
  const { took, requests, failed } = aborts;
  const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  return {
    tables: [
      {
        title: 'Choosing the version that answers',
        columns: ['deployment', 'µs a request'],
        rows: measured.map(({ name, microseconds }) => [name, round(microseconds)]),
      },
      {
        title: 'From an abort to the last request that the candidate answered, 32 connections, milliseconds',
        columns: ['rollbacks', 'p50', 'p99', 'max', 'answers', 'failed'],
        rows: [[took.length, round(at(0.5)), round(at(0.99)), round(at(1)), requests, failed]],
      },
    ],
    numbers: {
      ...Object.fromEntries(
        measured.map(({ name, microseconds }) => [`routing.${name.replaceAll(' ', '-')}`, microseconds]),
      ),
      'abort.p50': at(0.5),
      'abort.p99': at(0.99),
      'abort.failed': failed,
    },
    targets: [
      ...measured.map(({ name, microseconds }) => ({
        name: `routing: ${name}`,
        limit: '<= 2 µs a request',
        measured: `${round(microseconds)} µs`,
        pass: microseconds <= 2,
      })),
      {
        name: 'abort to the last answer of the candidate, p99',
        limit: '<= 250 ms',
        measured: `${round(at(0.99))} ms`,
        pass: at(0.99) <= 250,
      },
      {
        name: 'requests that failed over all rollouts and rollbacks',
        limit: '0',
        measured: String(failed),
        pass: failed === 0,
      },
    ],
  };
}
