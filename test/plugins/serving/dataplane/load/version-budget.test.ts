import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { PinnedVersion } from '../../../../../plugins/serving/dataplane/interface/routing-table.ts';
import type { VersionUser } from '../../../../../plugins/serving/dataplane/load/on-demand.ts';
import { PooledVersion } from '../../../../../plugins/serving/dataplane/load/pooled-version.ts';
import { VersionBudget } from '../../../../../plugins/serving/dataplane/load/version-budget.ts';

const pinned = { digest: `sha256:${'0'.repeat(64)}`, size: 1 } as PinnedVersion;

function held(versions: Map<string, PooledVersion>, key: string): PooledVersion {
  const entry = new PooledVersion(key, pinned, { onWake() {}, onChange() {} });
  entry.users = 1;
  versions.set(key, entry);
  return entry;
}

it('gives nobody the room of a version that is being unloaded for another', async () => {
  const versions = new Map<string, PooledVersion>();
  let close: (() => void) | undefined;
  const budget = new VersionBudget({
    onDemand: {
      ...{ loading: 'lazy', whileLoading: 'hold', budget: 100, patienceMs: 10 },
      tryApart: () => Promise.reject(new Error('nothing is tried here')),
      notes: { get: () => undefined, put() {} },
    },
    versions,
    close: () =>
      new Promise((resolve) => {
        close = resolve;
      }),
    onUnload() {},
  });
  const user: VersionUser = { isIdle: true, lastUsed: 0, rested: async () => {} };
  const large = held(versions, 'large');
  large.askedBy.add(user);
  large.model = { inputs: [], outputs: [], batchable: false };
  large.takenBytes = 100;
  large.status = { state: 'ready' } as PooledVersion['status'];
  const [one, other] = [held(versions, 'one'), held(versions, 'other')];
  const taken = [budget.take(one, 50), budget.take(other, 50)];
  await sleep(100);
  expect(budget.takenBytes).toBe(100);
  close?.();
  await Promise.all(taken);
  expect([one, other].map(({ takenBytes }) => takenBytes)).toEqual([50, 50]);
  expect(budget.takenBytes).toBe(100);
});
