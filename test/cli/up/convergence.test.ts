import { expect, it } from 'vitest';
import type { Api } from '../../../cli/client/api.ts';
import { followConvergence } from '../../../cli/up/convergence.ts';

const commit = 'a'.repeat(40);
const condition = (type: string, status: string, reason: string) => ({
  type,
  status,
  reason,
  message: reason,
});
const deployment = (...conditions: object[]) => ({
  ref: 'Deployment/production/bird-strike',
  issues: [],
  status: { conditions },
});

/** A platform whose only resource is, look after look, as given. */
function platform(looks: object[]): Api {
  return {
    async get(path: string) {
      if (path === '/head')
        return { commit, applied: commit, held: null, error: null, lookedAt: '2026-01-01T00:00:00Z' };
      if (path.startsWith('/resources'))
        return { items: [looks.shift() ?? expect.fail('one look too many')] };
      throw new Error('there is no serving plugin');
    },
  } as unknown as Api;
}

it('does not wait for a rollout while the version before answers', async () => {
  const walking = deployment(
    condition('Ready', 'True', 'Serving'),
    condition('Progressing', 'True', 'Paused'),
  );
  const last = await followConvergence(platform([walking]), () => {}, AbortSignal.timeout(20_000));
  expect(last).toMatchObject({
    isSettled: true,
    ready: 1,
    notReady: [],
    walking: [{ ref: 'Deployment/production/bird-strike', reason: 'Paused' }],
  });
});

it('waits for what does not answer yet', async () => {
  const loading = deployment(
    condition('Ready', 'False', 'Loading'),
    condition('Progressing', 'True', 'Loading'),
  );
  const told: boolean[] = [];
  const looks = [loading, deployment(condition('Ready', 'True', 'Serving'))];
  await followConvergence(
    platform(looks),
    ({ isSettled }) => told.push(isSettled),
    AbortSignal.timeout(20_000),
  );
  expect(told).toEqual([false, true]);
});
