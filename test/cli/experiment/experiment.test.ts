import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../../fixtures/git-repository.ts';
import { run } from '../run.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const experiment = {
  metric: 'proportion',
  arms: [
    { name: 'stable', n: 10_000, sum: 500, sumSquares: 500 },
    { name: 'candidate', n: 10_200, sum: 571, sumSquares: 571 },
  ],
  method: 'fixed',
  difference: 'relative',
  alternative: 'two-sided',
  alpha: 0.05,
};

const analyze = (input: unknown, ...words: string[]) =>
  run(['experiment', 'analyze', '--data', '-', ...words], {
    folder: folder.path,
    input: typeof input === 'string' ? input : JSON.stringify(input),
  });

describe('experiment analyze', () => {
  it('reads a file or standard input, and gives the numbers without rounding', async () => {
    await writeFile(join(folder.path, 'experiment.json'), JSON.stringify(experiment));
    const words = ['experiment', 'analyze', '--data', 'experiment.json', '--output', 'json'];
    const { status, out, err } = await run(words, { folder: folder.path });
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const told = JSON.parse(out) as Record<string, unknown>;
    // As in test/libraries/statistics/comparisons.test.ts.
    expect(told).toMatchObject({
      estimate: expect.closeTo(0.11960784313725478, 12),
      standardError: expect.closeTo(0.0667390926101322, 12),
      interval: [expect.closeTo(-0.011206222560300239, 12), expect.closeTo(0.2504219088348098, 12)],
      pValue: expect.closeTo(0.07312061258737579, 12),
      arm: 'candidate',
      control: 'stable',
      significant: false,
      warnings: [],
    });
    expect(told.results).toEqual([expect.objectContaining({ arm: 'candidate', pValue: told.pValue })]);
    expect((await analyze(experiment, '-o', 'json')).out).toBe(out);
  });

  it('has one result for each of several treatments, with p values by Holm', async () => {
    const third = { name: 'other', n: 9_900, sum: 612 };
    const several = { ...experiment, arms: [...experiment.arms, third] };
    const told = JSON.parse((await analyze(several, '-o', 'json')).out) as {
      estimate?: number;
      results: { arm: string; pValue: number; adjustedPValue: number; significant: boolean }[];
    };
    expect(told.estimate).toBeUndefined();
    expect(told.results.map(({ arm, significant }) => [arm, significant])).toEqual([
      ['candidate', false],
      ['other', true],
    ]);
    expect(told.results[1]?.adjustedPValue).toBeCloseTo(2 * (told.results[1]?.pValue ?? 0), 12);
    const { out } = await analyze(several);
    expect(out).toContain('HOLM');
    expect(out).toMatch(/other +0\.06182 +\+23\.64 % .*higher/);
  });

  it('writes null where an interval has no end, and says so to people', async () => {
    const oneSided = { ...experiment, alternative: 'greater' };
    const told = JSON.parse((await analyze(oneSided, '-o', 'json')).out) as { interval: unknown };
    expect(told.interval).toEqual([expect.closeTo(0.009826763810829364, 12), null]);
    expect((await analyze(oneSided)).out).toContain('at least +0.9827 %');
    expect((await analyze({ ...experiment, alternative: 'less' })).out).toContain('at most +22.94 %');
  });

  it('says how sure one can be, with a prior or without', async () => {
    const bayesian = { ...experiment, method: 'bayesian' };
    const flat = JSON.parse((await analyze(bayesian, '-o', 'json')).out) as Record<string, unknown>;
    expect(flat).toMatchObject({ chanceToWin: expect.closeTo(0.9634471829092424, 12), pValue: null });
    const prior = { mean: 0.01, variance: 0.04 };
    const proper = JSON.parse((await analyze({ ...bayesian, prior }, '-o', 'json')).out) as Record<
      string,
      unknown
    >;
    expect(proper).toMatchObject({
      estimate: expect.closeTo(0.10862561802302009, 12),
      risk: { treatment: expect.closeTo(0.00111379056809952, 12) },
    });
    const none = { ...bayesian, prior: { ...prior, proper: false } };
    expect(JSON.parse((await analyze(none, '-o', 'json')).out)).toEqual(flat);
    expect((await analyze(bayesian)).out).toMatch(
      /CHANCE TO WIN +RISK\n.*\ncandidate .* 0\.9634 +0\.09717 %/,
    );
  });

  it('warns of what is not to be trusted', async () => {
    const { status, out } = await analyze({ ...experiment, shares: [90, 10] });
    expect(status).toBe(0);
    expect(out).toMatch(/sample ratio: p 0\nwarning: the arms did not get the shares/);
  });

  it('reads YAML, and writes it', async () => {
    const yaml = `metric: mean
method: sequential
tuning: 1000
alpha: 0.01
arms:
  - { name: stable, n: 3407, sum: 1396.87, sumSquares: 52390.5 }
  - { name: candidate, n: 3461, sum: 2422.7, sumSquares: 134700.25 }
`;
    const { out } = await analyze(yaml, '-o', 'yaml');
    expect(parse(out)).toMatchObject({ pValue: expect.closeTo(0.6223119112658431, 10), tuning: 1000 });
  });

  it.each([
    [
      '{"metric": "proportion", "method": "fixed",\n "arms": [{"name": "a", "n": 10, "sums": 2}, {"name": "b", "n": 9, "sum": 1}]}',
      '2:42',
      '`sums` is not a field',
      'Did you mean `sum`?',
    ],
    [
      '{"metric": "median",\n "method": "fixed", "arms": []}',
      '1:12',
      'metric: `median` is not a value',
      'Did you mean `mean`?',
    ],
    ['{"metric": "mean",\n "method": "fixed"}', '1:1', '`arms` is missing', 'the first is the control'],
    [
      '{"metric": "mean", "method": "fixed",\n "arms": [{"name": "a", "n": 10, "sum": NaN}, {"name": "b", "n": 10, "sum": 1}]}',
      '2:41',
      'arms.0.sum: must be a number, and is text',
      'sum of the values',
    ],
    [
      '{"metric": "mean", "method": "fixed", "alpha": 1.5,\n "arms": [{"name": "a", "n": 1, "sum": 1}, {"name": "b", "n": 10.5, "sum": 1}]}',
      '2:63',
      'arms.1.n: must be a whole number',
      'How many',
    ],
    ['{"metric": ', '1:12', 'cannot be read', 'docs/statistics.md'],
    ['{"metric": "mean", "metric": "mean"}', '1:20', 'unique', 'docs/statistics.md'],
    ['', '', 'must be a map', 'docs/statistics.md'],
  ])('says where %j is no experiment', async (input, place, problem, hint) => {
    const { status, out, err } = await analyze(input);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(`standard input:${place}`);
    expect(err).toContain(problem);
    expect(err).toContain(hint);
    expect(err).toContain('code: InvalidExperiment');
  });

  it.each([
    [{ arms: [experiment.arms[0], { name: 'b', n: 1, sum: 1 }] }, 'arm b: n is 1: at least two rows'],
    [{ arms: [experiment.arms[0], { name: 'b', n: 100, sum: 0 }] }, 'arm b: no row is 1'],
    [{ arms: [experiment.arms[0], { name: 'b', n: 100, sum: 101 }] }, 'a proportion lies between 0 and 1'],
    [
      { metric: 'mean', arms: [experiment.arms[0], { name: 'b', n: 9, sum: 9, sumSquares: 9 }] },
      'arm b: the values do not vary',
    ],
    [{ alternative: 'less', alpha: 0.7 }, 'one-sided it is below 0.5'],
  ])('refuses %j in words', async (change, problem) => {
    const { status, out, err } = await analyze({ ...experiment, ...change }, '-o', 'json');
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toContain(problem);
    expect(err).toContain('code: DegenerateInput');
    expect(err).not.toContain('NaN');
  });

  it('says that a file is not there, and that it needs one', async () => {
    const missing = await run(['experiment', 'analyze', '--data', 'none.json'], { folder: folder.path });
    expect(missing.status).toBe(1);
    expect(missing.err).toContain('code: FileUnreadable');
    const unsaid = await run(['experiment', 'analyze'], { folder: folder.path });
    expect(unsaid.status).toBe(2);
    expect(unsaid.err).toContain("required option '-d, --data <file>' not specified");
  });

  it('completes its words, flags and files', async () => {
    const complete = async (...words: string[]) =>
      (await run(['__complete', '--', ...words], { folder: folder.path })).out;
    expect(await complete('experiment', '')).toMatch(/^analyze\t/);
    expect(await complete('experiment', 'analyze', '--')).toContain('--data\t');
    expect(await complete('experiment', 'analyze', '--data', '')).toBe(':files\n');
  });
});
