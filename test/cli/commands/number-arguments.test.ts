import { expect, it } from 'vitest';
import { numberOfProposal, upTo } from '../../../cli/commands/number-arguments.ts';

it('a whole number has its bounds', () => {
  expect(['1', '20', '1000'].map((text) => upTo(1000)(text))).toEqual([1, 20, 1000]);
  for (const text of ['0', '1001', '-1', '1.5', '1e2', '0x10', ' 1', '', 'many'])
    expect(() => upTo(1000)(text), text).toThrow('It must be a whole number from 1 to 1000.');
});

it('a proposal is named by its number, with or without the sign', () => {
  expect([numberOfProposal('7'), numberOfProposal('#7')]).toEqual([7, 7]);
  for (const text of ['0', '#', 'seven', '7.5'])
    expect(() => numberOfProposal(text), text).toThrow('Write it as 7 or #7.');
});
