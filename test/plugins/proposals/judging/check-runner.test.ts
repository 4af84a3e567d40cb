import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ProposalCheck, ProposalSubject } from '../../../../core/capabilities/proposal-check.ts';
import { CheckCache } from '../../../../plugins/proposals/judging/check-cache.ts';
import { CheckRunner } from '../../../../plugins/proposals/judging/check-runner.ts';
import { temporaryFolder } from '../../../fixtures/git-repository.ts';
import { recordingLog } from '../../../fixtures/recording-log.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

it('keeps nothing on the signal of checks that have ended, however many there are', async () => {
  const names = Array.from({ length: 24 }, (_, index) => `check-${String(index).padStart(2, '0')}`);
  const { signal } = new AbortController();
  let mostAtOnce = 0;
  const check: ProposalCheck = {
    title: 'Passes',
    version: 1,
    concerns: () => 'all',
    async run() {
      mostAtOnce = Math.max(mostAtOnce, getEventListeners(signal, 'abort').length);
      return { outcome: 'pass', summary: 'passed' };
    },
  };
  const log = recordingLog();
  const runner = new CheckRunner({
    checks: { names: () => names, get: () => check },
    cache: await CheckCache.open(folder.path, log, Date.now),
    log,
    now: Date.now,
    parallel: 2,
    timeoutMs: () => 60_000,
  });
  const judged = await runner.run({} as ProposalSubject, { signal, again: 'all', onChange: () => {} });
  expect(judged.map(({ outcome }) => outcome)).toEqual(names.map(() => 'pass'));
  expect(mostAtOnce).toBe(2);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
