import { expect, it } from 'vitest';
import {
  countOf,
  place,
  processorsOfProcess,
  without,
} from '../../../../../plugins/serving/dataplane/run/processors.ts';

it('leaves the lowest processors out, whichever there are, and never the last', () => {
  expect(without(0b1111n, 1)).toBe(0b1110n);
  expect(without(0b1010_0100n, 2)).toBe(0b1000_0000n);
  expect(without(0b11n, 5)).toBe(0b10n);
  expect(without(0b1n, 1)).toBe(0b1n);
  expect(without(0b11n, 0)).toBe(0b11n);
  expect(countOf(without((1n << 96n) - 1n, 4))).toBe(92);
});

it.runIf(process.platform === 'linux')('says where threads do not run as they were told to', async () => {
  const all = processorsOfProcess();
  expect(countOf(all)).toBeGreaterThan(0);
  const main = String(process.pid);
  expect(await place([main], all)).toBe(true);
  // No machine has that one.
  expect(await place([main], 1n << 5000n)).toBe(false);
  // A thread that has ended runs nowhere, and is no failure.
  expect(await place(['4194305'], all)).toBe(true);
});
