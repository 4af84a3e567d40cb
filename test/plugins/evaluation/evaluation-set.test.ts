import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ArtifactStore } from '../../../core/capabilities/artifact-store.ts';
import type { Declaration, Evaluation } from '../../../plugins/evaluation/declaration.ts';
import { readEvaluationSet } from '../../../plugins/evaluation/evaluation-set.ts';
import { judgementOf } from '../../../plugins/evaluation/judged-metric.ts';
import { rowsInARun, tensorsOf } from '../../../plugins/evaluation/row-tensors.ts';
import type { DatasetSpec } from '../../../schemas/generated/dataset.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import { resourceOf } from '../../fixtures/resources.ts';

const { signal } = new AbortController();

function read(
  csv: string,
  evaluation: Partial<Evaluation> = {},
  maxRows = 100,
  digest = sha256(csv),
  piece = 3,
) {
  const declared: Evaluation = {
    dataset: { name: 'd', version: '1' },
    label: { column: 'y' },
    metrics: [{ name: 'mae', maxDrop: 0 }],
    ...evaluation,
  };
  const data = { version: '1', uri: 'file:d.csv', digest, rows: 1, size: csv.length };
  const columns = [
    { name: 'day', type: 'date' as const },
    { name: 'x', type: 'number' as const },
    { name: 'y', type: 'number' as const },
  ];
  const declaration: Declaration = {
    evaluation: declared,
    data,
    dataset: resourceOf<DatasetSpec>({
      kind: 'Dataset',
      name: 'd',
      spec: { description: 'd', versions: [data], columns },
    }),
    model: resourceOf<ModelSpec>({ kind: 'Model', name: 'm' }),
  };
  // In pieces of three bytes by default: a field, a quote and a letter of two bytes may be cut anywhere.
  const store: ArtifactStore = {
    async open() {
      const bytes = Buffer.from(csv);
      return {
        size: bytes.length,
        body: (async function* () {
          for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
        })(),
      };
    },
  };
  const stores = { get: () => store, names: () => ['file'] };
  return readEvaluationSet(declaration, ['x'], stores, { maxRows, seed: 1, signal });
}

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

describe('an evaluation set', () => {
  it('keeps the columns that are needed, quotes, commas, line breaks and letters whole', async () => {
    const set = await read(
      '\uFEFFday,x,y,note\r\n1999-01-01,"grün, ""alt""\nzwei",1,"a,b"\r\n1999-01-02,,2,\r\n',
    );
    expect(set).toMatchObject({ rows: 2, matching: 2 });
    expect(set.columns.get('x')).toEqual(['grün, "alt"\nzwei', '']);
    expect(set.columns.get('y')).toEqual(['1', '2']);
    expect(set.columns.has('note')).toBe(false);
  });

  it('keeps the rows that meet all conditions: numbers as numbers, dates as text', async () => {
    const csv =
      'day,x,y\n1999-12-31,9,0\n2000-01-01,10,1\n2000-06-01,100,2\n2001-01-01,11,3\n2000-07-01,,4\n';
    const where: Evaluation['where'] = [
      { column: 'day', from: '2000-01-01', to: '2000-12-31' },
      { column: 'x', from: '9', to: '50' },
    ];
    expect((await read(csv, { where })).columns.get('y')).toEqual(['1']);
    expect((await read(csv, { where: [{ column: 'x', in: ['9', '11'] }] })).columns.get('y')).toEqual([
      '0',
      '3',
    ]);
  });

  it('lets others have their turn, also where a store gives the whole file at once', async () => {
    const csv = `day,x,y\n${'1999-01-01,1.5,0\n'.repeat(120_000)}`;
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    const set = await read(csv, {}, 100, sha256(csv), csv.length);
    clearInterval(counting);
    expect(set.matching).toBe(120_000);
    expect(turns).toBeGreaterThan(3);
  });

  it('takes a random part of too many rows, each with the same chance, in the order of the file', async () => {
    const csv = `x,y\n${Array.from({ length: 1000 }, (_, row) => `${row},${row}`).join('\n')}\n`;
    const set = await read(csv, {}, 200);
    expect(set).toMatchObject({ rows: 200, matching: 1000 });
    const kept = (set.columns.get('x') ?? []).map(Number);
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
    expect(new Set(kept).size).toBe(200);
    const mean = kept.reduce((sum, row) => sum + row, 0) / kept.length;
    expect(Math.abs(mean - 499.5)).toBeLessThan(75);
    expect(await read(csv, {}, 200)).toEqual(set);
  });

  it.each([
    ['x,z\n1,2\n', 'its header has no column "y"'],
    ['x,y\n1,2,3\n', 'it is no CSV'],
    ['x,y\n"1,2\n', 'it is no CSV'],
  ])('is refused in words where it is not what was declared: %j', async (csv, words) => {
    await expect(read(csv)).rejects.toMatchObject({
      code: 'EvaluationSetUnusable',
      message: expect.stringContaining(words),
    });
  });

  it('is refused where its bytes are not those of the manifest', async () => {
    const other = sha256('x,y\n9,9\n');
    await expect(read('x,y\n1,2\n', {}, 100, other)).rejects.toMatchObject({
      code: 'EvaluationSetUnusable',
      message: expect.stringContaining('but the manifest declares'),
    });
  });
});

describe('rows as tensors', () => {
  const set = {
    columns: new Map([
      ['a', ['1', '2', '']],
      ['b', ['0.5', '1e3', '-1']],
      ['on', ['true', '0', 'False']],
    ]),
    rows: 3,
    matching: 3,
  };
  const declared = { inputs: [{ name: 'ab', columns: ['a', 'b'], missing: '7' }] } as unknown as Evaluation;
  const signature = (name: string, datatype: string, shape: number[]) => ({
    inputs: [{ name, datatype, shape }],
    outputs: [],
  });

  it('take several columns, values that stand for missing ones, and truth values', () => {
    expect(tensorsOf(set, declared, signature('ab', 'FP32', [-1, 2]), 1, 3)).toEqual([
      { name: 'ab', datatype: 'FP32', shape: [2, 2], data: [2, 1000, 7, -1] },
    ]);
    expect(tensorsOf(set, declared, signature('on', 'BOOL', [-1]), 0, 3)[0]).toMatchObject({
      shape: [3],
      data: [true, false, false],
    });
    expect(rowsInARun(signature('on', 'BOOL', [-1]))).toBe(256);
    expect(rowsInARun(signature('on', 'BOOL', [1, 1]))).toBe(1);
  });

  it.each([
    ['a', 'INT64', [-1, 1], 'the column "a" is empty in row 3'],
    ['b', 'INT64', [-1, 1], 'holds "0.5" in row 1, which is no INT64'],
    ['on', 'FP32', [-1, 1], 'holds "true" in row 1, which is no FP32'],
    ['ab', 'FP32', [-1, 3], 'which 2 columns do not fill'],
    ['a', 'FP32', [-1, 2, 2], 'which 1 column does not fill'],
  ])('are refused where %s as %s %j cannot be filled', (name, datatype, shape, words) => {
    expect(() => tensorsOf(set, declared, signature(name, datatype, shape), 0, 3)).toThrow(words);
  });
});

describe('the rule of a metric', () => {
  it.each([
    ['auc', -0.009, 0.02, 'kept'],
    ['auc', -0.03, -0.011, 'dropped'],
    ['auc', -0.03, 0.02, 'undecided'],
    ['auc', -0.03, -0.005, 'undecided'],
    ['rmse', -0.02, 0.009, 'kept'],
    ['rmse', 0.011, 0.03, 'dropped'],
    ['log-loss', -0.02, 0.03, 'undecided'],
  ] as const)(
    '%s with a difference in [%d, %d] and an allowed drop of 0.01 is %s',
    (name, low, high, judged) => {
      expect(judgementOf({ name, maxDrop: 0.01 }, { low, high })).toBe(judged);
    },
  );
});
