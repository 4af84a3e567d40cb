import { expect, it } from 'vitest';
import { collectorOfVersions } from '../../../../../plugins/serving/dataplane/load/collector-of-versions.ts';

it('collects the heap once for fifty versions that were let go of, where it may', () => {
  let collections = 0;
  const letGo = collectorOfVersions(() => {
    collections++;
  });
  for (let version = 0; version < 49; version++) letGo();
  expect(collections).toBe(0);
  for (let version = 0; version < 60; version++) letGo();
  expect(collections).toBe(2);
  const without = collectorOfVersions(undefined);
  for (let version = 0; version < 60; version++) without();
});
