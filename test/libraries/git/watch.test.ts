import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import type { OpenedRepository } from '../../../libraries/git/opened-repository.ts';
import { type Watch, watchReference } from '../../../libraries/git/watch.ts';
import {
  cleanEnvironment,
  type GitRepository,
  makeRepository,
  temporaryFolder,
} from '../../fixtures/git-repository.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';
import { until } from '../../fixtures/until.ts';

describe('watching a reference', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let real: GitRepository;
  let repository: OpenedRepository;
  let watch: Watch | undefined;
  let looks = 0;

  beforeEach(async () => {
    folder = temporaryFolder();
    real = makeRepository(join(folder.path, 'registry'));
    real.commit({ 'a.yaml': '1' });
    repository = await openRepository(real.path, { environment: cleanEnvironment });
    looks = 0;
  });
  afterEach(async () => {
    await watch?.close();
    await repository.close();
    folder.remove();
  });

  const start = async (interval: number) => {
    watch = await watchReference({
      repository,
      reference: 'refs/heads/main',
      interval,
      onLook: () => {
        looks += 1;
      },
      log: recordingLog(),
    });
    return watch;
  };

  /** Moves the branch until a look follows: how long the watcher needs to get ready is its own affair. */
  const moveUntilSeen = async () => {
    const before = looks;
    await vi.waitFor(
      () => {
        real.git(
          'update-ref',
          'refs/heads/main',
          real.git('commit-tree', 'HEAD^{tree}', '-p', 'HEAD', '-m', 'x'),
        );
        expect(looks).toBeGreaterThan(before);
      },
      { timeout: 10_000, interval: 50 },
    );
  };

  it('says look when the branch moves, long before the poll', async () => {
    await start(3_600_000);
    await moveUntilSeen();
  });

  it('does not go deaf after many moves', async () => {
    await start(3_600_000);
    await moveUntilSeen();
    const ids = real.git('rev-parse', 'HEAD', 'HEAD~1').split('\n');
    for (let turn = 0; turn < 30; turn++) real.git('update-ref', 'refs/heads/main', ids[turn % 2]!);
    await moveUntilSeen();
  });

  it('says look at each poll even where nothing moved', async () => {
    await start(20);
    await vi.waitFor(() => expect(looks).toBeGreaterThan(5), { timeout: 5000, interval: 10 });
  });

  it('says look once for what comes in one turn', async () => {
    const started = await start(3_600_000);
    for (let turn = 0; turn < 100; turn++) started.look();
    await vi.waitFor(() => expect(looks).toBe(1), { timeout: 5000, interval: 5 });
  });

  it('says nothing after it was closed', async () => {
    const started = await start(10);
    started.look();
    await started.close();
    const before = looks;
    real.git('update-ref', 'refs/heads/main', real.git('commit-tree', 'HEAD^{tree}', '-m', 'x'));
    for (let turn = 0; turn < 5; turn++) await repository.resolve('main');
    expect(looks).toBe(before);
  });

  it('finds a branch whose folder was not there, without a word of trouble', async () => {
    const log = recordingLog();
    let seen: string | undefined;
    watch = await watchReference({
      repository,
      reference: 'refs/heads/team/eu',
      interval: 20,
      onLook: async () => {
        seen = await repository.resolve('refs/heads/team/eu');
      },
      log,
    });
    const commit = real.git('rev-parse', 'HEAD');
    real.git('update-ref', 'refs/heads/team/eu', commit);
    await until(() => seen === commit);
    expect(log.lines).toEqual([]);
  });
});
