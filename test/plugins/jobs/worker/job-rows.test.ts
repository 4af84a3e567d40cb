import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Job } from '../../../../libraries/prediction-jobs/index.ts';
import { type JobRow, rowsOfJob } from '../../../../plugins/jobs/worker/job-rows.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-job-rows-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const model = {
  inputs: ['x', 'toString'].map((name) => ({ name, datatype: 'FP32', shape: [-1, 1] })),
};

async function rowsOf(text: string, about: Pick<Job, 'format' | 'missing' | 'keep'>): Promise<JobRow[]> {
  const path = join(folder, `rows.${about.format}`);
  await writeFile(path, text);
  const job: Job = { id: '0', deployment: 'm', created: '', size: text.length, ...about };
  const given = rowsOfJob({ job, path, model, signal: new AbortController().signal, onBytes() {} });
  const rows: JobRow[] = [];
  for await (const row of given) rows.push(row);
  return rows;
}

it('finds nothing in a row of a name that every object has, unless it is there', async () => {
  const keep = ['constructor'];
  const lines = '{"x":1}\n{"x":2,"toString":3,"constructor":4}\n';
  expect(await rowsOf(lines, { format: 'jsonl', keep })).toEqual([
    ['{"x":1}', { constructor: null }],
    ['{"x":2,"toString":3}', { constructor: 4 }],
  ]);
  expect(await rowsOf('x,toString\n1,\n2,3\n', { format: 'csv' })).toEqual([
    ['{"x":1}', {}],
    ['{"x":2,"toString":3}', {}],
  ]);
  expect(await rowsOf('x\n1\n', { format: 'csv', missing: { toString: '7' } as never })).toEqual([
    ['{"x":1,"toString":7}', {}],
  ]);
  await expect(rowsOf('x\n1\n', { format: 'csv' })).rejects.toThrow('the file has no column toString');
});
