import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { VersionPool } from '../../../../../plugins/serving/dataplane/load/version-pool.ts';
import { startWorker } from '../../../../../plugins/serving/dataplane/run/start-worker.ts';
import { canBeIdle } from '../../../../../plugins/serving/dataplane/run/thread-priority.ts';
import { servingSettings } from '../../../../../plugins/serving/settings/settings.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';

/** How each thread of this process is ranked: 0 as usual, above it lower. */
const niceness = (): number[] => ofThreads(16);

/** 0 as usual, 5 idle. */
const policies = (): number[] => ofThreads(38);

/** One of the fields that the kernel gives of each thread, from its state on. */
function ofThreads(field: number): number[] {
  return readdirSync('/proc/self/task').flatMap((thread) => {
    try {
      const fields = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return [Number(fields[field])];
    } catch {
      return [];
    }
  });
}

// Other systems rank processes alone.
const ofWorkers = Math.min(19, getPriority() + 10);

it.runIf(process.platform === 'linux' && ofWorkers > getPriority())(
  'has worker threads give way to event loops, and nothing else',
  async () => {
    const folder = temporaryFolder();
    const { plugins } = parse(shownBlock('docs/many-models.md', 'yaml settings processors'));
    const priority = servingSettings(plugins.serving).workerPriority;
    const pool = new VersionPool({
      startWorker: (data) => startWorker({ ...data, priority }),
      onChange() {},
      parallelLoads: 1,
      loadTimeoutMs: 60_000,
    });
    const before = getPriority();
    expect(niceness()).not.toContain(ofWorkers);
    const held = pool.acquire(pin(folder.path, '1.0.0', linearModel(2, 0), { placement: 'worker' }));
    await held.settled();
    expect(niceness()).toContain(ofWorkers);
    expect(policies()).not.toContain(5);
    expect(getPriority()).toBe(before);
    pool.release(held);
    await pool.idle();
    folder.remove();
  },
);

it.runIf(canBeIdle())('leaves worker threads what nobody else wants, where that is asked for', async () => {
  const folder = temporaryFolder();
  const pool = new VersionPool({
    startWorker: (data) => startWorker({ ...data, priority: 'idle' }),
    onChange() {},
    parallelLoads: 1,
    loadTimeoutMs: 60_000,
  });
  expect(policies()).not.toContain(5);
  const pinned = pin(folder.path, '1.0.0', linearModel(2, 0), { placement: 'worker' });
  const held = pool.acquire({ ...pinned, session: { intraOpThreads: 2 } });
  await held.settled();
  // The worker and the thread that the runtime starts from it, and not the event loop.
  expect(policies().filter((policy) => policy === 5)).toHaveLength(2);
  expect(policies()).toContain(0);
  pool.release(held);
  await pool.idle();
  folder.remove();
});
