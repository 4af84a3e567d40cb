import { expect, it } from 'vitest';
import { translateError } from '../../../core/manifest/schema-words.ts';
import { smallKinds } from './small-kinds.ts';

const [kind = expect.fail('there is no kind')] = smallKinds;
const messages = (limit: number, data: object) =>
  translateError(
    {
      keyword: 'maxProperties',
      instancePath: '/spec/strategy',
      schemaPath: '#/maxProperties',
      params: { limit },
      data,
    },
    '',
    kind,
  ).map(({ pointer, message }) => `${pointer}: ${message}`);

it('tells a map that may have one field alone which ones it has', () => {
  expect(messages(1, { setWeight: 10, pause: {} })).toEqual([
    '/spec/strategy: has `setWeight` and `pause`, and may have only one of them',
  ]);
  expect(messages(2, { a: 1, b: 2, c: 3 })).toEqual(['/spec/strategy: must have at most 2 fields']);
});
