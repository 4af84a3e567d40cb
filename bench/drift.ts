/** Drift: how many values a second are compared and profiled, and how long a check of two stored profiles takes. */
import {
  makeProfile,
  NumberColumn,
  outlierRules,
  type Profile,
  Profiler,
  readProfile,
  samplesOf,
  writeProfile,
} from '../libraries/profile/index.ts';
import { compareSamples } from '../libraries/statistics/drift/index.ts';
import { type Random, seededRandom } from '../libraries/statistics/index.ts';
import {
  kolmogorovSmirnov,
  sortedSamples,
  wasserstein,
  wassersteinDistance,
} from '../libraries/statistics/two-sample/index.ts';
import { OutlierScorer } from '../plugins/serving/dataplane/logging/outlier-scorer.ts';
import type { Tensor } from '../plugins/serving/dataplane/tensor/tensor.ts';
import { normals } from './normal-values.ts';
import { type Bench, type BenchOptions, type BenchReport, round } from './report.ts';

const seed = 20_260_101;

export const drift: Bench = {
  name: 'drift',
  description: 'values a second that are compared and profiled on one core, and a check of 1,000 columns',
  run,
};

async function run(options: BenchOptions): Promise<BenchReport> {
  const rows = options.quick ? 200_000 : 2_000_000;
  const rounds = options.quick ? 2 : 5;
  const random = seededRandom(seed);
  const [reference, current] = [normals(random, rows), normals(random, rows)];
  const values = 2 * rows;

  options.progress(`${rounds} rounds of ${values.toLocaleString('en-US')} values compared`);
  const sorting = fastest(rounds, () => sortedSamples(reference, current));
  const sorted = sortedSamples(reference, current);
  const statistics = fastest(rounds, () => [kolmogorovSmirnov(sorted), wassersteinDistance(sorted)]);
  const together = fastest(rounds, () => {
    const samples = sortedSamples(reference, current);
    return [kolmogorovSmirnov(samples), wassersteinDistance(samples)];
  });
  const judged = fastest(rounds, () => {
    const samples = sortedSamples(reference, current);
    return [kolmogorovSmirnov(samples), wasserstein(samples)];
  });

  options.progress(`${rounds} rounds of ${rows.toLocaleString('en-US')} values profiled`);
  const first = new NumberColumn('x');
  const asReference = fastest(1, () => first.addAll(reference));
  const { edges } = first.profile();
  const asWindow = fastest(rounds, () => new NumberColumn('x', edges).addAll(current));
  const sizes = [rows / 10, rows].map((count) => {
    const column = new NumberColumn('x', edges);
    column.addAll(current.subarray(0, count));
    return JSON.stringify(column.profile()).length;
  });

  options.progress('a check of 1,000 columns');
  const [one, other] = storedProfiles(random, 1000);
  const check = fastest(rounds, () => compareSamples(samplesOf(one), samplesOf(other)));
  const texts = [writeProfile(one), writeProfile(other)];
  const reading = fastest(rounds, () => texts.map(readProfile));

  options.progress('rows whose inputs are judged');
  const outliers = outlierCost(random, options.quick ? 20_000 : 200_000, rounds);

  const perSecond = (count: number, milliseconds: number) => count / milliseconds / 1000;
  const compared = perSecond(values, together);
  const profiled = perSecond(rows, asWindow);
  return {
    tables: [
      {
        title: `Values a second on one core, in millions (best of ${rounds}; normal values, seed ${seed})`,
        columns: ['what', 'values', 'million a second'],
        rows: [
          ['sort both samples', values, round(perSecond(values, sorting))],
          ['Kolmogorov–Smirnov + Wasserstein, sorted already', values, round(perSecond(values, statistics))],
          ['the same with the sort', values, round(compared)],
          ['the same with both p values', values, round(perSecond(values, judged))],
          ['profile of a reference', rows, round(perSecond(rows, asReference))],
          ['profile of a window, by its edges', rows, round(profiled)],
        ],
      },
      {
        title:
          'Two stored profiles of 1,000 columns (400 of numbers, 400 of few whole numbers, 200 of texts)',
        columns: ['what', 'ms'],
        rows: [
          ['read both, digests checked', round(reading)],
          ['compare all columns', round(check)],
        ],
      },
      {
        title: 'Outlier score of a row of nine inputs (one number, eight texts), by a profile',
        columns: ['rows in a request', 'ns a row'],
        rows: outliers.map(([count, nanoseconds]) => [count, Math.round(nanoseconds)]),
      },
      {
        title: 'Bytes of a profiled column',
        columns: ['rows', 'bytes'],
        rows: [
          [rows / 10, sizes[0]!],
          [rows, sizes[1]!],
        ],
      },
    ],
    numbers: { compared, profiled, check, reading, bytes: sizes[1]!, outlierNanoseconds: outliers[0]![1] },
    targets: [
      atLeast('exact Kolmogorov–Smirnov + Wasserstein, with the sort', compared, 5),
      atLeast('streamed profile of a window', profiled, 10),
      {
        name: 'check of 1,000 columns',
        limit: '<= 100 ms',
        measured: `${round(check)} ms`,
        pass: check <= 100,
      },
      { name: 'bytes of a column', limit: '<= 16384', measured: `${sizes[1]}`, pass: sizes[1]! <= 16_384 },
    ],
  };
}

/** What the score costs, of requests of one row and of 32: nanoseconds a row. */
function outlierCost(random: Random, rows: number, rounds: number): readonly (readonly [number, number])[] {
  const names = Array.from({ length: 9 }, (_, at) => `column ${at}`);
  const texts = Array.from({ length: 40 }, (_, at) => `level number ${at}`);
  const cell = (column: number) =>
    column === 0
      ? Math.fround(100 + 20 * random.next())
      : texts[Math.floor(texts.length * random.next() ** 2)]!;
  const profiler = new Profiler<number | string>({
    isMissing: () => false,
    numberOf: (value) => (typeof value === 'number' ? value : undefined),
  });
  profiler.add(
    names,
    Array.from({ length: 10_000 }, () => names.map((_, column) => cell(column))),
  );
  const inputs = names.map((name, column) => ({
    name,
    datatype: column === 0 ? ('FP32' as const) : ('BYTES' as const),
    shape: [-1, 1],
  }));
  const scorer = new OutlierScorer(outlierRules(profiler.profile()), inputs, true);
  return [1, 32].map((count) => {
    const requests = Array.from({ length: 64 }, () =>
      inputs.map(({ datatype }, column): Tensor => {
        const values = Array.from({ length: count }, () => cell(column));
        const data = column === 0 ? Float32Array.from(values as number[]) : (values as string[]);
        return { datatype, shape: [count, 1], data };
      }),
    );
    const milliseconds = fastest(rounds, () => {
      for (let done = 0; done < rows; done += count) scorer.scores(requests[(done / count) % 64]!);
    });
    return [count, (milliseconds * 1e6) / rows] as const;
  });
}

function storedProfiles(random: Random, columns: number): [Profile, Profile] {
  // Half of them with every value of its own, half with a few: these are compared by the counts of their values.
  const values = (at: number, rows: number) => {
    const drawn = normals(random, rows);
    return at % 2 === 0 ? drawn : drawn.map((value) => Math.round(3 * value));
  };
  const references = Array.from({ length: columns }, (_, at) => {
    const column = new NumberColumn(`column-${at}`);
    column.addAll(values(at, 2000));
    return column.profile();
  });
  const windows = references.map(({ name, edges }, at) => {
    const column = new NumberColumn(name, edges);
    column.addAll(values(at, 1000));
    return column.profile();
  });
  const texts = (rows: number) =>
    Array.from({ length: columns / 5 }, (_, at) => {
      const counts = 'abcdefgh'.split('').map((label): [string, number] => [label, 10 + random.below(rows)]);
      const total = counts.reduce((sum, [, count]) => sum + count, 0);
      return {
        name: `text-${at}`,
        type: 'category' as const,
        rows: total,
        missing: 0,
        distinct: 8,
        levels: counts,
        others: 0,
      };
    });
  const numbers = (columns / 5) * 4;
  const reference = makeProfile(2000, [...references.slice(0, numbers), ...texts(2000)]);
  return [reference, makeProfile(1000, [...windows.slice(0, numbers), ...texts(1000)], { reference })];
}

/** Milliseconds of the fastest round: what the machine can do when nobody else wants it. */
function fastest(rounds: number, work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < rounds; at++) {
    const start = performance.now();
    work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

function atLeast(name: string, measured: number, limit: number) {
  const figure = `${round(measured)} million values/s`;
  return { name, limit: `>= ${limit} million values/s`, measured: figure, pass: measured >= limit };
}
