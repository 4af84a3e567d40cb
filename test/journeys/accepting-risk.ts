import { expect } from 'vitest';
import type { Platform, Yard } from './yard.ts';

interface Shown {
  readonly number: number;
  readonly state: string;
  readonly key: string;
}

/** What people do who would have a version tried again that was rolled back: they close the proposal, and answer for it. */
export async function acceptRisk(yard: Yard, platform: Platform, environment: string): Promise<void> {
  let open: Shown | undefined;
  await platform.until('the rollback is proposed', async () => {
    const { items } = await platform.get<{ items: readonly { proposal: Shown }[] }>(
      '/plugins/proposals/proposals',
    );
    open = items
      .map(({ proposal }) => proposal)
      .find(({ key, state }) => key === `version:Deployment/${environment}/bird-strike` && state === 'open');
    return open !== undefined;
  });
  const who = {
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@localhost',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@localhost',
  };
  const why = 'it is good';
  const closing = ['close', String(open?.number), '--message', why, '--repo', yard.registry];
  expect(await yard.switchyard(closing, who)).toMatchObject({ status: 0, err: '' });
  const place = `${environment}/bird-strike`;
  const accepting = ['rollout', 'accept-risk', place, '--reason', why, '--api', platform.run.api];
  expect(await yard.switchyard(accepting, who)).toMatchObject({ status: 0, err: '' });
}
