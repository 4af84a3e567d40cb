import { describe, expect, test } from 'vitest';
import type { VersionReport } from '../../../../plugins/serving/dataplane/interface/messages.ts';
import { versionState } from '../../../../plugins/serving/deployments/version-state.ts';

const fetched = { phase: 'fetched', path: 'somewhere' } as const;
const asleep: VersionReport = {
  ...{ state: 'ready', digest: 'sha256:0', reason: 'NotLoaded', message: 'was tried', onDemand: true },
  isLoaded: false,
};
const awake: VersionReport = { ...asleep, reason: 'Loaded', message: 'runs', isLoaded: true };
const kept: VersionReport = { state: 'ready', digest: 'sha256:0', reason: 'Loaded', message: 'runs' };
const stateOf = (...reports: readonly VersionReport[]) =>
  versionState(
    fetched,
    reports.map((report, index) => ({ process: String(index), report })),
  );

describe('a version that is loaded on demand', () => {
  test('is ready, and says the same whichever process has it in memory', () => {
    const state = stateOf(asleep, asleep);
    expect(state).toMatchObject({ phase: 'ready', reason: 'LoadedOnDemand' });
    expect(stateOf(asleep, awake)).toEqual(state);
    expect(stateOf(awake, awake)).toEqual(state);
  });

  test('is loaded like any other where a process must have it in memory', () => {
    expect(stateOf(kept, kept)).toMatchObject({ phase: 'ready', reason: 'Loaded' });
    expect(stateOf(kept, asleep)).toMatchObject({ phase: 'ready', reason: 'Loaded' });
  });
});
