import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { VersionPool } from '../../../../../plugins/serving/dataplane/load/version-pool.ts';
import { EventLoopProcessors } from '../../../../../plugins/serving/dataplane/run/event-loop-processors.ts';
import { noHangWatch } from '../../../../../plugins/serving/dataplane/run/hang-watch.ts';
import { countOf, processorsOfProcess } from '../../../../../plugins/serving/dataplane/run/processors.ts';
import { startWorker } from '../../../../../plugins/serving/dataplane/run/start-worker.ts';
import { servingSettings } from '../../../../../plugins/serving/settings/settings.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { threadsThatGiveWay } from '../fixtures/threads-that-give-way.ts';

const isLinux = process.platform === 'linux';
const all = isLinux ? countOf(processorsOfProcess()) : 0;

/** How many processors each thread that gives way may run on. */
const ofWorkers = (): number[] => threadsThatGiveWay().map((thread) => processorsOf(thread));

function processorsOf(thread: string): number {
  const status = readFileSync(`/proc/self/task/${thread}/status`, 'utf8');
  return countOf(BigInt(`0x${/^Cpus_allowed:\s*(\S+)/m.exec(status)![1]!.replaceAll(',', '')}`));
}

describe.runIf(isLinux && all > 1)('processors of event loops', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let pool: VersionPool;
  let processors: EventLoopProcessors;
  let now: number;
  let told: string[];
  let path: string | undefined;

  beforeEach(() => {
    folder = temporaryFolder();
    now = 0;
    told = [];
    path = process.env.PATH;
  });

  afterEach(async () => {
    process.env.PATH = path;
    // The runtime has a thread of its own, which stays with the test's process.
    now += 60_000;
    await processors.look();
    processors.close();
    await pool.idle();
    folder.remove();
  });

  const begin = (count: number): void => {
    processors = new EventLoopProcessors({ count, now: () => now, log: (message) => told.push(message) });
    pool = new VersionPool({
      startWorker,
      onChange() {},
      parallelLoads: 1,
      loadTimeoutMs: 60_000,
      hangWatch: processors.noting(noHangWatch),
    });
  };

  const holding = async (placement: 'worker' | 'inline', version = '1.0.0', threads = 1) => {
    const pinned = pin(folder.path, version, linearModel(2, Number.parseInt(version, 10)), { placement });
    const held = pool.acquire({ ...pinned, session: { intraOpThreads: threads } });
    await held.settled();
    return held;
  };

  const ask = async (held: Awaited<ReturnType<typeof holding>>): Promise<void> => {
    if (held.status.state !== 'ready') throw new Error('the version is not ready');
    await held.status.executor.run([{ datatype: 'FP32', shape: [1, 1], data: Float32Array.of(1) }], false);
  };

  it('are kept free of worker threads while a version on one is asked, and no longer', async () => {
    // As the operator may write it.
    const { plugins } = parse(shownBlock('docs/many-models.md', 'yaml settings processors'));
    begin(servingSettings(plugins.serving).eventLoopProcessors ?? Number.NaN);
    const heavy = await holding('worker', '1.0.0', 2);
    const light = await holding('inline', '2.0.0');
    await ask(heavy);
    await processors.look();
    expect(processors.ofWorkers).toBe(all);
    expect(new Set(ofWorkers())).toEqual(new Set([all]));

    await ask(light);
    await processors.look();
    // The thread of the version, and the one that the runtime started from it.
    expect(ofWorkers().length).toBeGreaterThanOrEqual(2);
    expect(new Set(ofWorkers())).toEqual(new Set([all - 1]));
    expect(processors.ofWorkers).toBe(all - 1);
    expect(processorsOf(String(process.pid))).toBe(all);

    now += 9_000;
    await processors.look();
    expect(processors.ofWorkers).toBe(all - 1);
    now += 2_000;
    await processors.look();
    expect(processors.ofWorkers).toBe(all);
    expect(new Set(ofWorkers())).toEqual(new Set([all]));
    for (const held of [heavy, light]) pool.release(held);
  });

  it('are kept free of threads that are started meanwhile, too', async () => {
    begin(1);
    const light = await holding('inline', '2.0.0');
    await ask(light);
    await processors.look();
    const heavy = await holding('worker');
    await processors.look();
    expect(ofWorkers()).toContain(all - 1);
    expect(ofWorkers()).not.toContain(all);
    for (const held of [heavy, light]) pool.release(held);
  });

  it('leave worker threads one, however many are to be kept', async () => {
    begin(1_000);
    const light = await holding('inline', '2.0.0');
    const heavy = await holding('worker');
    await ask(light);
    await processors.look();
    expect(new Set(ofWorkers())).toEqual(new Set([1]));
    for (const held of [heavy, light]) pool.release(held);
  });

  it('are none where the operator says so', async () => {
    begin(0);
    const light = await holding('inline', '2.0.0');
    const heavy = await holding('worker');
    await ask(light);
    await processors.look();
    expect(new Set(ofWorkers())).toEqual(new Set([all]));
    expect(processors.ofWorkers).toBeUndefined();
    for (const held of [heavy, light]) pool.release(held);
  });

  it('are given up once and for all where the program for it is missing, and that is told once', async () => {
    begin(1);
    const light = await holding('inline', '2.0.0');
    const heavy = await holding('worker');
    process.env.PATH = folder.path;
    for (let look = 0; look < 3; look++) {
      await ask(light);
      await processors.look();
    }
    expect(told).toEqual(['worker threads cannot be kept off any processor here']);
    expect(processors.ofWorkers).toBeUndefined();
    expect(new Set(ofWorkers())).toEqual(new Set([all]));
    for (const held of [heavy, light]) pool.release(held);
  });
});
