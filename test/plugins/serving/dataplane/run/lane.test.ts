import { describe, expect, it, vi } from 'vitest';
import { inferenceFailed, workerLost } from '../../../../../plugins/serving/dataplane/errors.ts';
import type {
  HeldVersion,
  VersionStatus,
} from '../../../../../plugins/serving/dataplane/load/held-version.ts';
import type { ModelInterface } from '../../../../../plugins/serving/dataplane/protocol/model-interface.ts';
import type { Executor } from '../../../../../plugins/serving/dataplane/run/executor.ts';
import { Lane, type LaneSettings, stuckAfterMs } from '../../../../../plugins/serving/dataplane/run/lane.ts';
import type { Tensor } from '../../../../../plugins/serving/dataplane/tensor/tensor.ts';
import { until } from '../../../../fixtures/until.ts';

const model: ModelInterface = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
  batchable: true,
};

/** Doubles; runs when the test says so; refuses rows above 1000. */
class HandExecutor implements Executor {
  readonly placement = 'inline';
  givenUp = 0;
  readonly runs: { readonly rows: number; finish(error?: Error): void }[] = [];

  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
    const [x] = inputs as [Tensor];
    const data = x.data as Float32Array;
    return new Promise((resolve, reject) => {
      this.runs.push({
        rows: x.shape[0]!,
        finish: (error) => {
          if (error !== undefined) reject(error);
          else if (data.some((value) => value > 1000)) reject(inferenceFailed('above 1000'));
          else resolve([{ ...x, data: data.map((value) => value * 2) }]);
        },
      });
    });
  }

  /** Finishes all runs until the lane asks for no more. */
  async finishAll(lane: Lane): Promise<void> {
    let idle = false;
    void lane.idle().then(() => {
      idle = true;
    });
    await until(() => {
      for (const run of this.runs) run.finish();
      return idle;
    });
  }

  async close(): Promise<void> {}

  giveUp(): void {
    this.givenUp++;
  }
}

class HandVersion implements HeldVersion {
  readonly key = 'version';
  readonly stuckRuns = 0;
  readonly pinned = {} as HeldVersion['pinned'];
  readonly model: ModelInterface;
  status: VersionStatus;
  #settle: () => void = () => {};

  constructor(executor: Executor, withModel = model) {
    this.model = withModel;
    this.status = { state: 'ready', executor, placement: 'inline', runMs: 0.05, loadedAt: '' };
  }

  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  become(status: VersionStatus): void {
    this.status = status;
    this.#settle();
  }
}

function setUp(
  settings: {
    readonly maxBatchSize?: number;
    readonly maxDelayMs?: number;
    readonly maxQueue?: number;
    readonly timeoutMs?: number;
  } = {},
  withModel = model,
) {
  const executor = new HandExecutor();
  const version = new HandVersion(executor, withModel);
  const { maxBatchSize = 8, maxDelayMs = 0, maxQueue = 100, timeoutMs = 60_000 } = settings;
  const laneSettings: LaneSettings = {
    name: 'm',
    batching: { maxBatchSize, maxDelayMs },
    limits: { maxQueue, timeoutMs },
  };
  const observer = { ran: () => {}, answered: () => {}, gave: () => {}, differed: () => {} };
  const lane = new Lane(version, laneSettings, observer);
  const ask = (...values: number[]) =>
    lane
      .run([{ datatype: 'FP32', shape: [values.length, 1], data: Float32Array.from(values) }])
      .then(([y]) => [...(y!.data as Float32Array)]);
  return { executor, version, lane, ask, laneSettings };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a lane', () => {
  it('gives its executor up when a run goes on long after nobody waits for it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { executor, lane, ask } = setUp({ timeoutMs: 1_000 });
      const answer = ask(1).catch((error: Error) => error);
      await turn();
      await vi.advanceTimersByTimeAsync(1_001);
      expect(await answer).toMatchObject({ code: 'DeadlineExceeded' });
      await vi.advanceTimersByTimeAsync(stuckAfterMs - 100);
      expect(executor.givenUp).toBe(0);
      await vi.advanceTimersByTimeAsync(200);
      expect(executor.givenUp).toBe(1);
      executor.runs[0]!.finish(workerLost('given up'));
      await lane.idle();
    } finally {
      vi.useRealTimers();
    }
  });

  it('runs together what arrives in one turn of the event loop, and gives each caller its own rows', async () => {
    const { executor, ask } = setUp();
    const answers = [ask(1), ask(2, 3), ask(4)];
    await turn();
    expect(executor.runs.map(({ rows }) => rows)).toEqual([4]);
    executor.runs[0]!.finish();
    expect(await Promise.all(answers)).toEqual([[2], [4, 6], [8]]);
  });

  it('gathers what arrives while a batch runs into the next one', async () => {
    const { executor, lane, ask } = setUp();
    const first = ask(1);
    await turn();
    const others = [ask(2), ask(3), ask(4)];
    await turn();
    expect(executor.runs.map(({ rows }) => rows)).toEqual([1]);
    executor.runs[0]!.finish();
    await first;
    await turn();
    expect(executor.runs.map(({ rows }) => rows)).toEqual([1, 3]);
    await executor.finishAll(lane);
    expect(await Promise.all(others)).toEqual([[4], [6], [8]]);
  });

  it('never runs more rows together than the largest batch, and one larger request by itself', async () => {
    const { executor, lane, ask } = setUp({ maxBatchSize: 3 });
    const answers = [ask(1, 1), ask(2, 2), ask(3), ask(4, 4, 4, 4, 4), ask(5)];
    await turn();
    await executor.finishAll(lane);
    expect(executor.runs.map(({ rows }) => rows)).toEqual([2, 3, 5, 1]);
    expect(await Promise.all(answers)).toEqual([[2, 2], [4, 4], [6], [8, 8, 8, 8, 8], [10]]);
  });

  it('keeps requests apart whose other dimensions differ', async () => {
    const wide: ModelInterface = { ...model, inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }] };
    const { executor, lane } = setUp({}, wide);
    const ask = (width: number) =>
      lane.run([{ datatype: 'FP32', shape: [1, width], data: new Float32Array(width) }]);
    const answers = [ask(2), ask(2), ask(3)];
    await turn();
    await executor.finishAll(lane);
    expect(executor.runs.map(({ rows }) => rows)).toEqual([2, 1]);
    expect((await Promise.all(answers)).map(([y]) => y!.shape)).toEqual([
      [1, 2],
      [1, 2],
      [1, 3],
    ]);
  });

  it('runs each alone where the model mixes rows', async () => {
    const { executor, lane, ask } = setUp({}, { ...model, batchable: false });
    const answers = [ask(1), ask(2)];
    await turn();
    expect(executor.runs.map(({ rows }) => rows)).toEqual([1, 1]);
    await executor.finishAll(lane);
    expect(await Promise.all(answers)).toEqual([[2], [4]]);
  });

  it('fails only the request that the model refuses', async () => {
    const { executor, lane, ask } = setUp();
    const good = [ask(1), ask(3)];
    const bad = ask(5000);
    await turn();
    await Promise.all([
      executor.finishAll(lane),
      expect(bad).rejects.toMatchObject({ code: 'InferenceFailed', status: 500 }),
    ]);
    expect(await Promise.all(good)).toEqual([[2], [6]]);
  });

  it('is not idle while something is about to be run, so that its version is not let go of', async () => {
    const { executor, lane, ask } = setUp();
    const letGo = lane.reserve();
    let isIdle = false;
    const idle = lane.idle().then(() => {
      isIdle = true;
    });
    await turn();
    expect(isIdle).toBe(false);
    const answer = ask(1);
    letGo();
    letGo();
    await turn();
    expect(isIdle).toBe(false);
    executor.runs[0]!.finish();
    expect(await answer).toEqual([2]);
    await idle;
  });

  it('refuses one more than may wait, and says when to come back', async () => {
    const { executor, lane, ask } = setUp({ maxQueue: 2, maxBatchSize: 1 });
    const answers = [ask(1), ask(2)];
    await expect(ask(3)).rejects.toMatchObject({ code: 'QueueFull', status: 429, retryAfter: 1 });
    await turn();
    await executor.finishAll(lane);
    expect(await Promise.all(answers)).toEqual([[2], [4]]);
  });

  it('gives up on a request at its deadline, whether it waits or runs', async () => {
    const { executor, lane, ask } = setUp({ timeoutMs: 20 });
    const running = ask(1);
    await turn();
    const waiting = ask(2);
    await expect(running).rejects.toMatchObject({ code: 'DeadlineExceeded', status: 504 });
    await expect(waiting).rejects.toMatchObject({ code: 'DeadlineExceeded' });
    expect(lane.waiting).toBe(0);
    executor.runs[0]!.finish();
    await lane.idle();
    expect(executor.runs).toHaveLength(1);
  });

  it('keeps a shorter deadline from when it is set on', async () => {
    const { executor, lane, ask, laneSettings } = setUp({ timeoutMs: 60_000 });
    const patient = ask(1);
    lane.configure({ ...laneSettings, limits: { ...laneSettings.limits, timeoutMs: 20 } });
    await expect(ask(2)).rejects.toMatchObject({ code: 'DeadlineExceeded' });
    await executor.finishAll(lane);
    expect(await patient).toEqual([2]);
  });

  it('waits for company no longer than the delay', async () => {
    const { executor, lane, ask } = setUp({ maxDelayMs: 30, maxBatchSize: 3 });
    const first = [ask(1), ask(2)];
    await turn();
    expect(executor.runs).toEqual([]);
    await until(() => executor.runs.length === 1);
    expect(executor.runs[0]!.rows).toBe(2);
    await executor.finishAll(lane);
    await Promise.all(first);

    const full = [ask(1), ask(2), ask(3)];
    await turn();
    expect(executor.runs.at(-1)!.rows).toBe(3);
    await executor.finishAll(lane);
    await Promise.all(full);
  });

  it('gives what a lost thread had to the next one, once', async () => {
    const { executor, version, lane, ask } = setUp();
    const answers = [ask(1), ask(2)];
    await turn();
    const ready = version.status;
    version.become({ state: 'loading', reason: 'WorkerLost', message: '' });
    executor.runs[0]!.finish(workerLost('gone'));
    await turn();
    const late = ask(3);
    version.become(ready);
    await until(() => executor.runs.length === 2);
    expect(executor.runs[1]!.rows).toBe(3);
    executor.runs[1]!.finish(workerLost('gone again'));
    await expect(answers[0]).rejects.toMatchObject({ code: 'WorkerLost', status: 503 });
    await expect(answers[1]).rejects.toMatchObject({ code: 'WorkerLost' });
    await executor.finishAll(lane);
    expect(await late).toEqual([6]);
  });

  it('refuses what waits when its version cannot be loaded again', async () => {
    const { version, lane, ask } = setUp();
    version.become({ state: 'loading', reason: 'WorkerLost', message: '' });
    const answer = ask(1);
    await turn();
    version.become({ state: 'failed', reason: 'DigestMismatch', message: 'other bytes' });
    await expect(answer).rejects.toMatchObject({ code: 'ModelFailed', status: 503 });
    await lane.idle();
  });
});
