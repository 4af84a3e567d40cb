import { expect, it } from 'vitest';
import { fitting } from '../../../cli/output/fitting.ts';

const text = 'one\ntwo\nthree\nfour\n';

it('leaves what fits as it is, and out what does not', () => {
  expect(fitting(text)).toBe(text);
  // The cursor stands on a row of its own, below the last line.
  expect(fitting(text, 5)).toBe(text);
  expect(fitting(text, 4)).toBe('one\ntwo\n…\n');
  expect(fitting(text, 4).split('\n')).toHaveLength(4);
});
