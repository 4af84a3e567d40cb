import { afterEach, describe, expect, it, vi } from 'vitest';
import { inferenceFailed, workerLost } from '../../../../../plugins/serving/dataplane/errors/run-errors.ts';
import type { LaneSettings } from '../../../../../plugins/serving/dataplane/lane/admission.ts';
import { Lane, stuckAfterMs } from '../../../../../plugins/serving/dataplane/lane/lane.ts';
import { Turn } from '../../../../../plugins/serving/dataplane/lane/turn.ts';
import type {
  HeldVersion,
  VersionStatus,
} from '../../../../../plugins/serving/dataplane/load/held-version.ts';
import type { ModelInterface } from '../../../../../plugins/serving/dataplane/protocol/model-interface.ts';
import type { Executor } from '../../../../../plugins/serving/dataplane/run/executor.ts';
import type { Tensor } from '../../../../../plugins/serving/dataplane/tensor/tensor.ts';
import { until } from '../../../../fixtures/until.ts';

const model: ModelInterface = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
  batchable: true,
};

/** Doubles; runs when the test says so; refuses rows above 1000. */
class HandExecutor implements Executor {
  readonly placement: Executor['placement'] = 'inline';
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

class ThreadExecutor extends HandExecutor {
  override readonly placement = 'worker';
}

/** Reads what it runs on when the test says so, after a first look at the start. */
class LateExecutor extends HandExecutor {
  readonly started: (() => void)[] = [];

  runLate(take: () => readonly Tensor[]): Promise<readonly Tensor[]> {
    take();
    return new Promise((resolve) => this.started.push(() => resolve(this.run(take()))));
  }
}

type ReadyStatus = Extract<VersionStatus, { state: 'ready' }>;

class HandVersion implements HeldVersion {
  readonly key = 'version';
  readonly stuckRuns = 0;
  readonly pinned = {} as HeldVersion['pinned'];
  readonly model: ModelInterface;
  readonly isOnDemand = false;
  status: VersionStatus;
  #settle: () => void = () => {};

  constructor(executor: Executor, withModel = model) {
    this.model = withModel;
    const facts = { placement: 'inline', runMs: 0.05, loadedAt: '', loadMs: 1, memoryBytes: 1 } as const;
    this.status = { state: 'ready', executor, ...facts };
  }

  wake(): void {}

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
  executor = new HandExecutor(),
) {
  const version = new HandVersion(executor, withModel);
  const { maxBatchSize = 8, maxDelayMs = 0, maxQueue = 100, timeoutMs = 60_000 } = settings;
  const laneSettings: LaneSettings = {
    name: 'm',
    batching: { maxBatchSize, maxDelayMs },
    limits: { maxQueue, timeoutMs },
  };
  const observer = {
    waited: () => {},
    took: () => {},
    traced: () => {},
    gone: 0,
    ran: () => {},
    left: () => {
      observer.gone++;
    },
    lookedUp: () => {},
    hit: () => {},
    answered: () => {},
    gave: () => {},
    differed: () => {},
    over: () => {},
  };
  const lane = new Lane(version, laneSettings, observer);
  const ask = (...values: number[]) =>
    lane
      .run([{ datatype: 'FP32', shape: [values.length, 1], data: Float32Array.from(values) }])
      .then(([y]) => [...(y!.data as Float32Array)]);
  return { executor, version, lane, ask, laneSettings, observer };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** As many rows as the largest batch has. */
const x = (value: number): readonly Tensor[] => [
  { datatype: 'FP32', shape: [8, 1], data: new Float32Array(8).fill(value) },
];
const turnOf = (more: Partial<Turn>) => Object.assign(new Turn(), more);

/** One that has so many milliseconds from now. */
function turnWithin(milliseconds: number, more: Partial<Turn> = {}): Turn {
  const given = turnOf(more);
  given.allow(performance.now(), milliseconds);
  return given;
}
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: Error & { code?: string }) => error.code ?? error.constructor.name,
  );

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
    const [first, second, ...more] = executor.runs.map(({ rows }) => rows);
    expect([first, second, more.at(-1)]).toEqual([2, 3, 1]);
    expect(more.slice(0, -1).reduce((sum, rows) => sum + rows)).toBe(5);
    expect(await Promise.all(answers)).toEqual([[2, 2], [4, 4], [6], [8, 8, 8, 8, 8], [10]]);
  });

  it('runs a request of many rows in slices, and answers it as one', async () => {
    const { executor, lane, ask } = setUp({ maxBatchSize: 2 });
    const answer = ask(1, 2, 3, 4, 5, 6, 7);
    await until(() => executor.runs.length === 1);
    expect(executor.runs[0]!.rows).toBe(2);
    expect(lane.isIdle).toBe(false);
    await executor.finishAll(lane);
    expect(await answer).toEqual([2, 4, 6, 8, 10, 12, 14]);
    expect(executor.runs.length).toBeGreaterThan(1);
    expect(executor.runs.reduce((sum, { rows }) => sum + rows, 0)).toBe(7);
  });

  it('runs no more of a request whose time is over, and has nobody wait for the rest', async () => {
    const { executor, lane, ask } = setUp({ maxBatchSize: 2, timeoutMs: 50 });
    expect(await codeOf(ask(1, 2, 3, 4, 5, 6, 7))).toBe('DeadlineExceeded');
    executor.runs[0]!.finish();
    await lane.idle();
    expect(executor.runs.map(({ rows }) => rows)).toEqual([2]);
    expect(executor.givenUp).toBe(0);
  });

  it('answers a request of which one slice fails with that, and runs no more of it', async () => {
    const { executor, lane, ask } = setUp({ maxBatchSize: 2 });
    const refused = codeOf(ask(1, 5_000, 3, 4));
    await executor.finishAll(lane);
    expect(await refused).toBe('InferenceFailed');
    expect(executor.runs.map(({ rows }) => rows)).toEqual([2]);
  });

  it('runs a request of many rows again from its beginning where its thread was lost', async () => {
    const { executor, lane, ask } = setUp({ maxBatchSize: 2 }, model, new ThreadExecutor());
    const answer = ask(1, 2, 3, 4);
    await until(() => executor.runs.length === 1);
    executor.runs[0]!.finish();
    await until(() => executor.runs.length === 2);
    executor.runs[1]!.finish(workerLost('gone'));
    await executor.finishAll(lane);
    expect(await answer).toEqual([2, 4, 6, 8]);
    expect(executor.runs[2]!.rows).toBe(2);
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

  it('begins no run without those whom the run before has answered, where runs in a thread are long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const { executor, version, lane, ask } = setUp({}, model, new ThreadExecutor());
      version.status = { ...(version.status as ReadyStatus), runMs: 15 };
      const rows = () => executor.runs.map((run) => run.rows);
      const first = [ask(1), ask(2), ask(3)];
      await turn();
      const other = ask(4);
      vi.advanceTimersByTime(20);
      executor.runs[0]!.finish();
      await Promise.all(first);
      await turn();
      const again = [ask(1), ask(2)];
      await turn();
      expect(rows()).toEqual([3]);
      again.push(ask(3));
      await turn();
      expect(rows()).toEqual([3, 4]);

      vi.advanceTimersByTime(20);
      executor.runs[1]!.finish();
      await Promise.all([other, ...again]);
      const last = ask(5);
      await turn();
      expect(rows()).toEqual([3, 4]);
      vi.advanceTimersByTime(5);
      await turn();
      expect(rows()).toEqual([3, 4, 1]);
      await executor.finishAll(lane);
      expect(await last).toEqual([10]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('waits for nobody where one run of more rows takes as long as several of fewer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const { executor, version, lane, ask } = setUp({}, model, new ThreadExecutor());
      version.status = { ...(version.status as ReadyStatus), runMs: 15 };
      const first = [ask(1), ask(2)];
      await turn();
      vi.advanceTimersByTime(30);
      executor.runs[0]!.finish();
      await Promise.all(first);
      const again = ask(1);
      await turn();
      expect(executor.runs.map(({ rows }) => rows)).toEqual([2, 1]);
      await executor.finishAll(lane);
      expect(await again).toEqual([2]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('has its thread begin the next run before it answers the one that is over', async () => {
    const { executor, lane, ask } = setUp({ maxBatchSize: 2 }, model, new ThreadExecutor());
    let runsWhenAnswered = 0;
    const first = [ask(1), ask(2)].map((answer) =>
      answer.then(() => {
        runsWhenAnswered = executor.runs.length;
      }),
    );
    const others = [ask(3), ask(4)];
    await turn();
    executor.runs[0]!.finish();
    await Promise.all(first);
    expect(runsWhenAnswered).toBe(2);
    await executor.finishAll(lane);
    expect(await Promise.all(others)).toEqual([[6], [8]]);
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

describe('a request with a turn of its own', () => {
  it('leaves the queue when whoever asked goes away, and is never run', async () => {
    const { executor, lane, observer } = setUp();
    const first = lane.run(x(1));
    const place = new Turn();
    const second = codeOf(lane.run(x(2), undefined, place));
    await turn();
    place.leave!();
    expect(await second).toBe('AskerGone');
    expect([lane.waiting, observer.gone]).toEqual([0, 1]);
    await executor.finishAll(lane);
    expect(executor.runs.length).toBe(1);
    await first;
    place.leave!();
    expect(observer.gone).toBe(1);
  });

  it('is not run once its deadline has passed, even before the timer says so', async () => {
    const { executor, lane } = setUp();
    const first = lane.run(x(1));
    const late = codeOf(lane.run(x(2), undefined, turnWithin(5)));
    await turn();
    // The event loop is busy for so long.
    const end = performance.now() + 10;
    while (performance.now() < end);
    executor.runs[0]!.finish();
    await first;
    expect(await late).toBe('DeadlineExceeded');
    expect(executor.runs.length).toBe(1);
  });

  it('goes before those of a lower priority', async () => {
    const { executor, lane } = setUp();
    const order: number[] = [];
    const ask = (value: number, priority?: number) =>
      lane.run(x(value), undefined, turnOf({ priority })).then(() => order.push(value));
    const all = [ask(1), ask(2, 9), ask(3), ask(4, 1)];
    await executor.finishAll(lane);
    await Promise.all(all);
    expect(order).toEqual([4, 1, 3, 2]);
  });

  it('takes the place of one of a lower priority where the queue is full', async () => {
    const { executor, lane } = setUp({ maxQueue: 2 });
    const running = lane.run(x(1));
    await turn();
    const low = codeOf(lane.run(x(2), undefined, turnOf({ priority: 9 })));
    const usual = codeOf(lane.run(x(3)));
    const high = codeOf(lane.run(x(4), undefined, turnOf({ priority: 1 })));
    expect(await low).toBe('QueueFull');
    expect(await codeOf(lane.run(x(5)))).toBe('QueueFull');
    await executor.finishAll(lane);
    expect([await usual, await high]).toEqual(['answered', 'answered']);
    await running;
  });

  it('is refused at once where those before it take too long, and told when to come again', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { executor, lane } = setUp();
      const learn = lane.run(x(0));
      await turn();
      vi.advanceTimersByTime(100);
      executor.runs[0]!.finish();
      await learn;
      const soon = () => turnWithin(400);
      const taken = [
        lane.run(x(1), undefined, soon()),
        lane.run(x(2), undefined, soon()),
        lane.run(x(3), undefined, soon()),
      ];
      await turn();
      const refused = await lane.run(x(4), undefined, soon()).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'WouldBeLate', status: 429 });
      expect((refused as { retryAfter: number }).retryAfter).toBeCloseTo(0.08, 3);
      // Whoever has the time is taken, and so is who goes before.
      taken.push(lane.run(x(5)), lane.run(x(6), undefined, turnWithin(400, { priority: 1 })));
      await executor.finishAll(lane);
      await Promise.all(taken);
      // Nobody waits any more: whatever was learned, it is tried.
      const alone = lane.run(x(7), undefined, turnWithin(20));
      await turn();
      await executor.finishAll(lane);
      expect(await codeOf(alone)).toBe('answered');
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a lane whose runs take longer than they did', () => {
  /** One run of 100 ms was learned; by a clock that stands still between. */
  async function learned() {
    vi.useFakeTimers({ toFake: ['performance'] });
    const all = setUp();
    const { executor, lane } = all;
    const first = lane.run(x(0));
    await turn();
    vi.advanceTimersByTime(100);
    executor.runs[0]!.finish();
    await first;
    return { ...all, within: turnWithin };
  }

  afterEach(() => {
    vi.useRealTimers();
  });

  it('runs nothing that would end too late while others wait who still have the time', async () => {
    const { executor, lane, within } = await learned();
    const running = lane.run(x(1));
    await turn();
    const tight = codeOf(lane.run(x(2), undefined, within(260)));
    const roomy = lane.run(x(3), undefined, within(2_000));
    // 80 ms are left of the time of the first of them; a run takes 100.
    vi.advanceTimersByTime(180);
    executor.runs[1]!.finish();
    expect(await tight).toBe('DeadlineExceeded');
    await running;
    expect(executor.runs.length).toBe(3);
    await executor.finishAll(lane);
    expect(await roomy).toBeDefined();
  });

  it('tries what would end too late where nobody waits behind it', async () => {
    const { executor, lane, within } = await learned();
    const running = lane.run(x(1));
    await turn();
    const tight = codeOf(lane.run(x(2), undefined, within(260)));
    vi.advanceTimersByTime(180);
    executor.runs[1]!.finish();
    await running;
    await executor.finishAll(lane);
    expect(await tight).toBe('answered');
  });

  it('says before a body is read that it is over, or would be read too late', async () => {
    const { lane, within } = await learned();
    const now = performance.now();
    expect(lane.refusal(within(100), now, 0)).toBeUndefined();
    expect(lane.refusal(within(100), now, 90)).toMatchObject({ code: 'WouldBeLate' });
    expect(lane.refusal(within(0), now, 0)).toMatchObject({ code: 'DeadlineExceeded' });
    expect(lane.refusal(new Turn(), now - 60_001, 0)).toMatchObject({ code: 'DeadlineExceeded' });
  });

  it('takes in less than before once estimates were wrong, but never less than half of the time allows', async () => {
    const { executor, lane, within } = await learned();
    const finishRun = async (index: number) => {
      executor.runs[index]!.finish();
      await turn();
    };
    const all = [lane.run(x(1))];
    await turn();
    // Expected to end in 200 ms, which is within four fifths of the time.
    all.push(lane.run(x(2), undefined, within(250)));
    vi.advanceTimersByTime(100);
    await finishRun(1);
    // It ends 90 ms later than that.
    vi.advanceTimersByTime(190);
    const late = codeOf(all[1]!);
    await finishRun(2);
    expect(await late).toBe('answered');
    all.push(lane.run(x(3)));
    await turn();
    expect(await codeOf(lane.run(x(4), undefined, within(290)))).toBe('WouldBeLate');
    const taken = lane.run(x(5), undefined, within(450));
    await executor.finishAll(lane);
    await Promise.all([...all, taken]);
  });
});

describe('a lane whose model reads its inputs late', () => {
  function setUpLate(settings: Parameters<typeof setUp>[0] = {}) {
    const executor = new LateExecutor();
    return { ...setUp(settings, model, executor), executor };
  }

  it('lets requests join a run until then', async () => {
    const { executor, lane, ask } = setUpLate();
    const first = ask(1);
    expect(executor.started).toHaveLength(1);
    await turn();
    const others = [ask(2, 3), ask(4)];
    expect(lane.waiting).toBe(2);
    executor.started[0]!();
    expect(executor.runs.map(({ rows }) => rows)).toEqual([4]);
    const next = ask(5);
    executor.runs[0]!.finish();
    expect(await Promise.all([first, ...others])).toEqual([[2], [4, 6], [8]]);
    executor.started[1]!();
    executor.runs[1]!.finish();
    expect(await next).toEqual([10]);
    expect(executor.started).toHaveLength(2);
    await lane.idle();
  });

  it('lets those join first whose turn it is', async () => {
    const { executor, lane } = setUpLate({ maxBatchSize: 2 });
    const order: number[] = [];
    const ask = (value: number, priority?: number) => {
      const x: Tensor = { datatype: 'FP32', shape: [1, 1], data: Float32Array.of(value) };
      return lane.run([x], undefined, Object.assign(new Turn(), { priority })).then(() => order.push(value));
    };
    const all = [ask(1), ask(2, 9), ask(3, 1)];
    executor.started[0]!();
    executor.runs[0]!.finish();
    await Promise.all([all[0], all[2]]);
    executor.started[1]!();
    executor.runs[1]!.finish();
    await Promise.all(all);
    expect(order).toEqual([1, 3, 2]);
  });

  it('lets no more join than the largest batch has room for', async () => {
    const { executor, ask } = setUpLate({ maxBatchSize: 3 });
    const answers = [ask(1), ask(2), ask(3, 3), ask(4)];
    executor.started[0]!();
    executor.runs[0]!.finish();
    expect(await Promise.all(answers.slice(0, 2))).toEqual([[2], [4]]);
    executor.started[1]!();
    expect(executor.runs.map(({ rows }) => rows)).toEqual([2, 3]);
    executor.runs[1]!.finish();
    expect(await Promise.all(answers.slice(2))).toEqual([[6, 6], [8]]);
  });

  it('fails only the request that the model refuses', async () => {
    const { executor, lane, ask } = setUpLate();
    const good = [ask(1), ask(3)];
    const bad = expect(ask(5000)).rejects.toMatchObject({ code: 'InferenceFailed' });
    executor.started[0]!();
    await Promise.all([executor.finishAll(lane), bad]);
    expect(await Promise.all(good)).toEqual([[2], [6]]);
    const alone = expect(ask(5000)).rejects.toMatchObject({ code: 'InferenceFailed' });
    executor.started[1]!();
    await Promise.all([executor.finishAll(lane), alone]);
    expect(executor.runs.map(({ rows }) => rows)).toEqual([3, 1, 1, 1, 1]);
  });

  it('gives up on a request at its deadline, and runs those that wait', async () => {
    const { executor, lane, ask, laneSettings } = setUpLate({ timeoutMs: 20 });
    const given = expect(ask(1)).rejects.toMatchObject({ code: 'DeadlineExceeded' });
    lane.configure({ ...laneSettings, limits: { ...laneSettings.limits, timeoutMs: 60_000 } });
    const patient = ask(2);
    await given;
    executor.started[0]!();
    await executor.finishAll(lane);
    expect(await patient).toEqual([4]);
  });
});
