import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PerformanceReport } from '../../../cli/performance/performance-report.ts';
import type { MetricName } from '../../../libraries/statistics/performance/index.ts';
import { run } from '../run.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-performance-'));
  write('binary.csv', ['p,y,size', '0.9,1,S', '0.2,0,S', '0.6,0,L', '0.4,1,L', '0.8,1,', ',1,S', '0.1,,S']);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, lines: readonly string[]) =>
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
const performance = (...words: readonly string[]) =>
  run(['performance', ...words, '--replicates', '50'], { folder });

async function report(...words: readonly string[]): Promise<PerformanceReport> {
  const { status, out, err } = await performance(...words, '--output', 'json');
  expect(err).toBe('');
  expect(status).toBe(0);
  return JSON.parse(out) as PerformanceReport;
}

const figureOf = (found: PerformanceReport['measured'] | PerformanceReport['estimated'], name: MetricName) =>
  found?.metrics.find(({ metric }) => metric === name)?.value;

describe('switchyard performance', () => {
  it('measures rows with a label and a prediction, and counts the others', async () => {
    const found = await report('binary.csv', '-l', 'y', '-p', 'p');
    expect(found).toMatchObject({
      task: 'binary',
      positive: '1',
      threshold: 0.5,
      rows: { total: 7, withoutPrediction: 1, withoutLabel: 1 },
      measured: { n: 5 },
      estimated: null,
      slices: [],
    });
    expect(figureOf(found.measured, 'accuracy')).toBeCloseTo(0.6, 12);
    expect(figureOf(found.measured, 'auc')).toBeCloseTo(5 / 6, 12);
    expect(found.measured?.reliability).toHaveLength(5);
  });

  it('measures slices, those without a value too, and at the threshold that was asked for', async () => {
    const found = await report(
      'binary.csv',
      '-l',
      'y',
      '-p',
      'p',
      '--slice',
      'size',
      '--threshold',
      '0.4',
      '-m',
      'recall,auc',
    );
    expect(found.slices.map(({ slice, measured }) => [slice, measured?.n])).toEqual([
      ['S', 2],
      ['L', 2],
      ['(missing)', 1],
    ]);
    expect(figureOf(found.measured, 'recall')).toBe(1);
    expect(found.slices[2]?.measured?.metrics).toMatchObject([
      { metric: 'recall', value: 1 },
      { metric: 'auc', value: null, reason: 'all rows are of one class' },
    ]);
  });

  it('cuts a slice of many numbers into quarters', async () => {
    const rows = Array.from({ length: 100 }, (_, row) => `${row},${row % 2},${(row % 10) / 10}`);
    write('quarters.csv', ['x,y,p', ...rows]);
    const { slices } = await report('quarters.csv', '-l', 'y', '-p', 'p', '-s', 'x', '-m', 'accuracy');
    expect(slices.map(({ slice, measured }) => `${slice}: ${measured?.n}`)).toEqual([
      'up to 24: 25',
      '24 to 49: 25',
      '49 to 74: 25',
      'above 74: 25',
    ]);
  });

  it('takes all labels but one as positive', async () => {
    write('damage.csv', ['p,damage', '0.9,Minor', '0.8,Substantial', '0.1,None', '0.3,None']);
    const found = await report('damage.csv', '-l', 'damage', '-p', 'p', '--negative', 'None');
    expect(found).toMatchObject({ task: 'binary', positive: 'all but None' });
    expect(figureOf(found.measured, 'accuracy')).toBe(1);
  });

  it('reads predicted labels, which have no figures of probabilities', async () => {
    write('labels.jsonl', [
      '{"said":true,"was":true}',
      '{"said":false,"was":true}',
      '{"said":false,"was":false}',
    ]);
    const found = await report('labels.jsonl', '-l', 'was', '-p', 'said');
    expect(found).toMatchObject({ task: 'binary', positive: 'true', threshold: null });
    expect(figureOf(found.measured, 'recall')).toBe(0.5);
    expect(figureOf(found.measured, 'auc')).toBeNull();
  });

  it('tells numbers from classes, and takes classes that are numbers where that is said', async () => {
    write('classes.csv', ['said,was', 'a,a', 'b,a', 'c,c', 'b,b']);
    const classes = await report('classes.csv', '-l', 'was', '-p', 'said');
    expect(classes.task).toBe('multiclass');
    expect(figureOf(classes.measured, 'precision-macro')).toBeCloseTo((1 + 0.5 + 1) / 3, 12);
    write('numbers.csv', ['said,was', '1,1.0', '2,1', '3,3', '2,2']);
    const numbers = await report('numbers.csv', '-l', 'was', '-p', 'said');
    expect(numbers.task).toBe('regression');
    expect(figureOf(numbers.measured, 'mae')).toBe(0.25);
    const asClasses = await report('numbers.csv', '-l', 'was', '-p', 'said', '--task', 'multiclass');
    expect(asClasses.measured?.metrics.map(({ value }) => value)).toEqual(
      classes.measured?.metrics.map(({ value }) => value),
    );
  });

  it('estimates a file without labels, its slices too, from one with labels', async () => {
    const rows = Array.from(
      { length: 400 },
      (_, row) => `${(row % 20) / 20 + 0.01},${row % 20 > (row * 7) % 20 ? 1 : 0}`,
    );
    write('labelled.csv', ['p,y', ...rows]);
    write('unlabelled.csv', ['p,size', '0.96,S', '0.9,S', '0.06,L', '0.1,L']);
    const found = await report('unlabelled.csv', '-l', 'y', '-p', 'p', '-r', 'labelled.csv', '-s', 'size');
    expect(found).toMatchObject({
      rows: { total: 4, withoutLabel: 4 },
      measured: null,
      estimated: { reference: 'labelled.csv', n: 4, referenceRows: 400 },
    });
    expect(figureOf(found.estimated, 'accuracy')).toBeGreaterThan(0.85);
    expect(found.slices.map(({ slice, estimated }) => [slice, estimated?.n])).toEqual([
      ['S', 2],
      ['L', 2],
    ]);
    const { out } = await performance('unlabelled.csv', '-l', 'y', '-p', 'p', '-r', 'labelled.csv');
    expect(out).toContain('ESTIMATE');
    expect(out).not.toContain('VALUE');
    expect(out).toContain('concept drift shows only in labels');
  });

  it.each([
    ['a column that is not there', ['binary.csv', '-l', 'y', '-p', 'q'], 'UsageError', "no column 'q'"],
    ['a file without labels', ['binary.csv', '-l', 'z', '-p', 'p'], 'UsageError', "no column 'z'"],
    [
      'a label that is not there',
      ['binary.csv', '-l', 'y', '-p', 'p', '--positive', '7'],
      'UsageError',
      'no label is "7"',
    ],
    [
      'both flags of labels',
      ['binary.csv', '-l', 'y', '-p', 'p', '--positive', '1', '--negative', '0'],
      'UsageError',
      'both given',
    ],
    [
      'labels that say nothing',
      ['words.csv', '-l', 'y', '-p', 'p'],
      'UsageError',
      'which of them the probability is of',
    ],
    [
      'a threshold beyond 1',
      ['binary.csv', '-l', 'y', '-p', 'p', '--threshold', '2'],
      'UsageError',
      "--threshold is '2'",
    ],
    [
      'a seed that is no whole number',
      ['binary.csv', '-l', 'y', '-p', 'p', '--seed', '0.5'],
      'UsageError',
      'not a whole number',
    ],
    [
      'a metric of another task',
      ['binary.csv', '-l', 'y', '-p', 'p', '-m', 'mae'],
      'UsageError',
      'mae is not a metric of a binary prediction',
    ],
    ['a metric that there is not', ['binary.csv', '-l', 'y', '-p', 'p', '-m', 'auk'], 'UsageError', 'auc'],
    ['no row', ['empty.csv', '-l', 'y', '-p', 'p'], 'PredictionsUnusable', 'there is no row'],
    [
      'no label in any row',
      ['bare.csv', '-l', 'y', '-p', 'p', '--positive', '1'],
      'PredictionsUnusable',
      'no row has a label',
    ],
    [
      'no probability',
      ['wild.csv', '-l', 'y', '-p', 'p', '--task', 'binary'],
      'PredictionsUnusable',
      'the prediction in row 2 is 1.5',
    ],
    [
      'words among numbers',
      ['text.csv', '-l', 'y', '-p', 'p', '--task', 'regression'],
      'PredictionsUnusable',
      'the prediction in row 2 is "much"',
    ],
    [
      'words where probabilities belong',
      ['text.csv', '-l', 'y', '-p', 'p', '--positive', '1'],
      'PredictionsUnusable',
      'neither probabilities nor labels',
    ],
    [
      'a reference of one class',
      ['binary.csv', '-l', 'y', '-p', 'p', '-r', 'single.csv'],
      'PredictionsUnusable',
      'of one class',
    ],
    [
      'an estimate of numbers',
      ['binary.csv', '-l', 'y', '-p', 'p', '-r', 'binary.csv', '--task', 'regression'],
      'PredictionsUnusable',
      'only figures of probabilities',
    ],
    ['what is no file of data', ['none.txt', '-l', 'y', '-p', 'p'], 'DataFileUnusable', 'names no format'],
    ['a file that is not there', ['none.csv', '-l', 'y', '-p', 'p'], 'FileUnreadable', 'cannot be read'],
  ])('refuses %s, and writes nothing', async (_, words, code, message) => {
    write('words.csv', ['p,y', '0.5,hit', '0.4,miss']);
    write('empty.csv', ['p,y']);
    write('bare.csv', ['p,y', '0.5,', '0.4,']);
    write('wild.csv', ['p,y', '0.5,1', '1.5,0']);
    write('text.csv', ['p,y', '0.5,1', 'much,0']);
    write('single.csv', ['p,y', '0.5,1', '0.4,1']);
    const { status, out, err } = await performance(...words);
    expect(status).not.toBe(0);
    expect(out).toBe('');
    expect(err).toContain(code);
    expect(err).toContain(message);
  });
});
