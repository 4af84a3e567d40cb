import { validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { newPredictionId } from '../../../../../plugins/serving/dataplane/ask/prediction-id.ts';

it('is a UUIDv7 of its millisecond, and no two are the same', () => {
  const begin = Date.now();
  const ids = Array.from({ length: 1_000 }, newPredictionId);
  const end = Date.now();
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect([validate(id), version(id)]).toEqual([true, 7]);
    const millisecond = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
    expect(millisecond >= begin && millisecond <= end, id).toBe(true);
  }
});

it('has every digit at random that is neither time, nor version, nor variant', () => {
  const ids = Array.from({ length: 1_000 }, newPredictionId);
  const seen = Array.from({ length: 36 }, (_, at) => new Set(ids.map((id) => id[at])).size);
  for (const at of [15, 16, 17, 20, 21, 22, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35])
    expect(seen[at], `digit ${at}`).toBe(16);
  expect(new Set(ids.map((id) => id[19]))).toEqual(new Set(['8', '9', 'a', 'b']));
});
