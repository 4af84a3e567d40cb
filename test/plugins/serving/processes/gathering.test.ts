import { expect, test } from 'vitest';
import { Gathering } from '../../../../plugins/serving/processes/gathering.ts';

let time = 0;

function gathering(more: { readonly hasEarlierTable?: boolean; readonly expected?: number }): Gathering {
  time = 1_000;
  return new Gathering({
    hasEarlierTable: true,
    expected: undefined,
    graceMs: 3_000,
    now: () => time,
    ...more,
  });
}

test('the first control process ever waits for nobody', () => {
  expect(gathering({ hasEarlierTable: false, expected: 2 }).isOver(1)).toBe(true);
});

test('it is over when as many as expected are there, and stays so when one leaves', () => {
  const waiting = gathering({ expected: 2 });
  expect(waiting.isOver(1)).toBe(false);
  expect(waiting.isOver(2)).toBe(true);
  expect(waiting.isOver(1)).toBe(true);
});

test('it is over when the grace has passed, however few are there', () => {
  const waiting = gathering({ expected: 2 });
  time += 2_999;
  expect(waiting.isOver(1)).toBe(false);
  time += 1;
  expect(waiting.isOver(1)).toBe(true);
});

test('where nobody said how many are expected, the grace is waited for', () => {
  const waiting = gathering({});
  time += 2_999;
  expect(waiting.isOver(7)).toBe(false);
  time += 1;
  expect(waiting.isOver(7)).toBe(true);
});
