/** What rollouts judge by: bounds of a canary that answers a tenth of the requests, looked at as they come. */
import {
  type Interval,
  proportionDifferenceSequence,
  quantileDifferenceSequence,
  type Random,
  seededRandom,
} from '../libraries/statistics/index.ts';
import { latencyBounds } from '../plugins/serving/dataplane/interface/latency-bounds.ts';
import { atMostPercent, type BenchOptions, type BenchReport, type BenchTarget, round } from './report.ts';
import { lognormal } from './statistics-arms.ts';

const alpha = 0.05;
const looks = 50;
/** Of both versions, from one look to the next. */
const requestsALook = 400;
const candidateShare = 0.1;

/** One arm each; `worse` is what the candidate has more of. */
interface Watched {
  readonly name: string;
  readonly key: string;
  readonly effects: readonly number[];
  readonly inWords: (effect: number) => string;
  begin(effect: number, random: Random): { request(isCandidate: boolean): void; bounds(): Interval };
}

const watched: readonly Watched[] = [
  ...[0, 0.001, 0.01, 0.05].map(errorsAt),
  { ...latencyOf(0.5), name: 'p50 of lognormal latency', key: 'bounds.p50' },
  { ...latencyOf(0.95), name: 'p95 of lognormal latency', key: 'bounds.p95' },
];

export function boundsTables(runs: number, seed: number, { progress }: BenchOptions): BenchReport {
  const rows: (string | number)[][] = [];
  const numbers: Record<string, number> = {};
  const targets: BenchTarget[] = [];
  for (const [index, one] of watched.entries()) {
    progress(`${runs} runs of each difference: bounds of ${one.name}`);
    for (const effect of [0, ...one.effects]) {
      let missed = 0;
      const delays: number[] = [];
      for (let run = 0; run < runs; run++) {
        const found = watch(one, effect, seededRandom(seed + 20_000_000 + index * 1_000_000 + run));
        missed += Number(found.isMissed);
        if (found.requests !== undefined) delays.push(found.requests);
      }
      delays.sort((a, b) => a - b);
      const delay = (share: number) => delays[Math.ceil(share * runs) - 1];
      const percent = (count: number) => round((100 * count) / runs);
      const shown = (requests: number | undefined) => requests?.toLocaleString('en-US') ?? 'not found';
      const key = effect === 0 ? `${one.key}.same` : `${one.key}.${effect}`;
      numbers[`${key}.found`] = percent(delays.length);
      if (effect === 0) {
        rows.push([one.name, 'none', `${percent(missed)} %`, `${percent(delays.length)} %`, '', '']);
        numbers[`${key}.missed`] = percent(missed);
        targets.push(atMostPercent(`bounds of ${one.name}: miss the truth`, percent(missed), 6.5));
        continue;
      }
      rows.push([
        one.name,
        one.inWords(effect),
        '',
        `${percent(delays.length)} %`,
        shown(delay(0.5)),
        shown(delay(0.9)),
      ]);
      numbers[`${key}.requests.p50`] = delay(0.5) ?? -1;
      numbers[`${key}.requests.p90`] = delay(0.9) ?? -1;
    }
  }
  const title = `Bounds that rollouts judge by, at alpha ${alpha}: ${runs} runs each, ${looks} looks, ${requestsALook} requests from look to look, a tenth to the candidate`;
  const columns = [
    'metric',
    'difference',
    'bounds miss it at some look',
    'worse for sure, by the last look',
    "candidate's requests until then: p50",
    'p90',
  ];
  return { tables: [{ title, columns, rows }], numbers, targets };
}

function watch(
  one: Watched,
  effect: number,
  random: Random,
): { readonly isMissed: boolean; readonly requests?: number } {
  const arms = one.begin(effect, random);
  let isMissed = false;
  let seen = 0;
  for (let look = 0; look < looks; look++) {
    for (let request = 0; request < requestsALook; request++) {
      const isCandidate = random.next() < candidateShare;
      if (isCandidate) seen += 1;
      arms.request(isCandidate);
    }
    const { low, high } = arms.bounds();
    if (effect === 0) isMissed ||= low > 0 || high < 0;
    else if (low > 0) return { isMissed, requests: seen };
  }
  return { isMissed, ...(effect === 0 && isMissed ? { requests: seen } : {}) };
}

function errorsAt(rate: number): Watched {
  return {
    name: rate === 0 ? 'error rate, none at all' : `error rate of ${round(100 * rate)} %`,
    key: `bounds.errors${round(1000 * rate)}`,
    effects: [0.01, 0.02, 0.05, 0.2],
    inWords: (effect) => `+${round(100 * effect)} points`,
    begin(effect, random) {
      const [stable, candidate] = [
        { n: 0, sum: 0 },
        { n: 0, sum: 0 },
      ];
      return {
        request(isCandidate) {
          const arm = isCandidate ? candidate : stable;
          arm.n += 1;
          if (random.next() < rate + (isCandidate ? effect : 0)) arm.sum += 1;
        },
        bounds: () => proportionDifferenceSequence(stable, candidate, alpha),
      };
    },
  };
}

/** In seconds; 10 ms are usual. */
function latencyOf(share: number): Omit<Watched, 'name' | 'key'> {
  return {
    effects: [0.25, 0.5, 1],
    inWords: (effect) => `+${round(100 * effect)} %`,
    begin(effect, random) {
      const [stable, candidate] = [0, 1].map(() => new Array<number>(latencyBounds.length + 1).fill(0)) as [
        number[],
        number[],
      ];
      const bucketsOf = (counts: readonly number[]) => ({ bounds: latencyBounds, counts });
      return {
        request(isCandidate) {
          const seconds = 0.01 * (isCandidate ? 1 + effect : 1) * lognormal(random);
          const bucket = latencyBounds.findIndex((bound) => seconds <= bound);
          (isCandidate ? candidate : stable)[bucket === -1 ? latencyBounds.length : bucket]! += 1;
        },
        bounds: () => quantileDifferenceSequence(bucketsOf(stable), bucketsOf(candidate), share, alpha),
      };
    },
  };
}
