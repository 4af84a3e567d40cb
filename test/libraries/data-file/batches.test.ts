import { expect, it } from 'vitest';
import { batchesOf } from '../../../libraries/data-file/index.ts';

async function* upTo(count: number): AsyncGenerator<number> {
  for (let item = 0; item < count; item++) yield item;
}

async function batches(count: number, size: number, skip = 0): Promise<(readonly number[])[]> {
  const found: (readonly number[])[] = [];
  for await (const batch of batchesOf(upTo(count), { size, skip })) found.push(batch);
  return found;
}

it('gives items as batches, behind those that are done', async () => {
  expect(await batches(5, 2)).toEqual([[0, 1], [2, 3], [4]]);
  expect(await batches(4, 2)).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(await batches(5, 2, 3)).toEqual([[3, 4]]);
  expect(await batches(2, 2, 2)).toEqual([]);
  expect(await batches(2, 2, 9)).toEqual([]);
});
