import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isTrialFailed, type TrialFailedError } from '../../../../core/capabilities/model-trial.ts';
import type { Example, VersionToServe } from '../../../../core/capabilities/serving-runtime.ts';
import { packageFile } from '../../../../libraries/package-files/index.ts';
import {
  allocatorSettings,
  heapFlags,
} from '../../../../plugins/serving/dataplane/interface/process-memory.ts';
import type { ModelTrials } from '../../../../plugins/serving/trials/model-trials.ts';
import { until } from '../../../fixtures/until.ts';
import {
  type BuiltModel,
  divisionModel,
  endlessModel,
  externalDataModel,
  giantModel,
  identityModel,
  linearModel,
  lookupModel,
  twoSidedModel,
} from '../dataplane/fixtures/models.ts';
import { ServingWorld } from '../world.ts';

const { signal } = new AbortController();
let world: ServingWorld;

beforeEach(async () => {
  world = new ServingWorld();
  await world.start();
});
afterEach(() => world.close());

function versionOf(built: BuiltModel, more: Partial<VersionToServe> = {}): VersionToServe {
  return { ...world.version('1.0.0', built.bytes), signature: built.signature, ...more };
}

function example(name: string, x: number, y: number): Example {
  return {
    name,
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [x] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [y] }],
  };
}

const one = [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [3] }];
const processes = () => (world.trials as ModelTrials).processes();

async function failureOf(work: Promise<unknown>): Promise<TrialFailedError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isTrialFailed(error)) throw new Error(`no TrialFailed: ${error}`);
  return error;
}

describe('a trial', () => {
  test('loads a version in a process of its own and answers with it', async () => {
    const seen = await world.trials.take(signal, async (bench) => {
      const trial = await bench.open(versionOf(linearModel(2, 1)));
      expect(processes()).toHaveLength(1);
      expect(processes()).not.toContain(process.pid);
      return { ...(await trial.infer(one)), signature: trial.signature, loadMs: trial.loadMs };
    });
    expect(seen.outputs).toEqual([{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [7] }]);
    expect(seen.signature.inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [-1, 1] }]);
    expect(seen.loadMs).toBeGreaterThan(0);
    expect(processes()).toEqual([]);
  });

  test('passes on texts, whole numbers and numbers that JSON has no word for', async () => {
    const inputs = [
      { name: 'word', datatype: 'BYTES', shape: [2, 1], data: ['grün', 'NaN'] },
      { name: 'b', datatype: 'INT64', shape: [2, 1], data: [1, 2] },
      { name: 'a', datatype: 'FP32', shape: [2, 1], data: [Number.NEGATIVE_INFINITY, 0.5] },
    ];
    await world.trials.take(signal, async (bench) => {
      const both = await bench.open(versionOf(twoSidedModel()));
      expect((await both.infer(inputs)).outputs.map(({ data }) => data)).toEqual([
        [Number.NEGATIVE_INFINITY, 2.5],
        ['grün', 'NaN'],
      ]);
      const division = await bench.open(versionOf(divisionModel()));
      const zero = (name: string) => ({ name, datatype: 'FP32', shape: [1, 1], data: [0] });
      expect((await division.infer([zero('x'), zero('y')])).outputs[0]?.data).toEqual([Number.NaN]);
    });
  });

  test('says which golden examples are answered, and by how much the others differ', async () => {
    const examples = [example('right', 1, 3), example('near', 1, 3.0001), example('wrong', 1, 4)];
    const results = await world.trials.take(signal, async (bench) =>
      (await bench.open(versionOf(linearModel(2, 1), { examples }))).examples(),
    );
    expect(results.map(({ name, problem }) => [name, problem])).toEqual([
      ['right', undefined],
      ['near', undefined],
      ['wrong', expect.stringContaining('output "y" is 3 at 0, expected 4')],
    ]);
    expect(results[1]?.difference).toBeCloseTo(0.0001, 6);
  });

  test('measures runs with given and with made-up inputs, and the memory of its process', async () => {
    await world.trials.take(signal, async (bench) => {
      const trial = await bench.open(versionOf(linearModel(2, 1)));
      for (const inputs of [one, undefined]) {
        const { p50, p95, p99, runs } = await trial.measure(inputs, 50);
        expect(runs).toBe(50);
        expect(p50).toBeGreaterThan(0);
        expect(p95).toBeGreaterThanOrEqual(p50);
        expect(p99).toBeGreaterThanOrEqual(p95);
      }
      expect(await trial.memory()).toBeGreaterThan(20 * 1024 ** 2);
    });
  });

  test('goes on after a request that the model refuses', async () => {
    const index = (at: number) => [{ name: 'index', datatype: 'INT64', shape: [1], data: [at] }];
    await world.trials.take(signal, async (bench) => {
      const trial = await bench.open(versionOf(lookupModel()));
      expect((await failureOf(trial.infer(index(9)))).reason).toBe('InferenceFailed');
      expect((await failureOf(trial.infer([]))).message).toContain('input "index" is missing');
      expect((await trial.infer(index(2))).outputs[0]?.data).toEqual([12]);
    });
  });

  test('fetches the artifact once for many trials', async () => {
    const version = versionOf(linearModel(2, 1));
    for (let turn = 0; turn < 2; turn++)
      await world.trials.take(signal, async (bench) => void (await bench.open(version)));
    expect(await world.metrics()).toContain('switchyard_artifacts_fetched_total 1\n');
  });

  test('fetches an artifact anew whose file has gone bad on this disk', async () => {
    const version = versionOf(linearModel(2, 1));
    const open = () =>
      world.trials.take(
        signal,
        async (bench) => (await (await bench.open(version)).infer(one)).outputs[0]?.data,
      );
    await open();
    const hex = version.artifact.digest.slice('sha256:'.length);
    const file = join(world.paths.artifacts, 'sha256', hex.slice(0, 2), hex);
    execFileSync('chmod', ['u+w', file]);
    writeFileSync(file, Buffer.alloc(version.artifact.size, 1));
    expect(await open()).toEqual([7]);
  });
});

describe('the process of a trial', () => {
  test.runIf(process.platform === 'linux')(
    'is given no environment of ours, treats memory as what serves does, and yields to it',
    async () => {
      process.env.SWITCHYARD_API_TOKEN = 'secret';
      process.env.MALLOC_TRIM_THRESHOLD_ = '1048576';
      process.env.MALLOC_ARENA_MAX = '2';
      const settings = { ...allocatorSettings, MALLOC_TRIM_THRESHOLD_: '1048576', MALLOC_ARENA_MAX: '2' };
      try {
        await world.trials.take(signal, async (bench) => {
          await bench.open(versionOf(linearModel(2, 1)));
          const [pid] = processes();
          const given = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
          const known = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
          expect(given.sort()).toEqual(known.sort());
          expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).toBe('1000');
          const open = readdirSync(`/proc/${pid}/fd`);
          expect(open).toContain('3');
          const [, ...words] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
          expect(words.slice(0, heapFlags.length)).toEqual(heapFlags);
          expect(words.join()).not.toContain('secret');
        });
      } finally {
        delete process.env.SWITCHYARD_API_TOKEN;
        delete process.env.MALLOC_TRIM_THRESHOLD_;
        delete process.env.MALLOC_ARENA_MAX;
      }
    },
  );

  test('runs in its turn: one at a time, in order, and a turn can hold several that are compared', async () => {
    const version = versionOf(linearModel(2, 1));
    const said: string[] = [];
    const turn = (name: string) =>
      world.trials.take(signal, async (bench) => {
        said.push(`${name} begins`);
        await Promise.all([bench.open(version), bench.open(version)]);
        expect(processes()).toHaveLength(2);
        said.push(`${name} ends`);
      });
    await Promise.all([turn('a'), turn('b'), turn('c')]);
    expect(said).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    const crowd = world.trials.take(signal, (bench) =>
      Promise.all([1, 2, 3, 4, 5].map(() => bench.open(version))),
    );
    await expect(crowd).rejects.toMatchObject({ code: 'TooManyTrials' });
    await until(() => processes().length === 0);
  });

  test('is ended when who waits for it leaves, and the turn goes to the next', async () => {
    const leaving = new AbortController();
    const endless = world.trials.take(leaving.signal, (bench) => bench.open(versionOf(endlessModel())));
    const waiting = new AbortController();
    const behind = world.trials.take(waiting.signal, async () => 'never');
    const next = world.trials.take(signal, async () => 'next');
    waiting.abort(new Error('gave up'));
    await expect(behind).rejects.toThrow('gave up');
    await until(() => processes().length === 1);
    leaving.abort(new Error('the proposal was closed'));
    await expect(endless).rejects.toThrow('the proposal was closed');
    expect(await next).toBe('next');
    expect(processes()).toEqual([]);
  });

  test('ends by itself when the process that started it is killed, even in the middle of a run', async () => {
    const program = packageFile('test/plugins/serving/trials/fixtures/trial-parent.mjs');
    const path = join(world.folder, 'endless.onnx');
    const built = endlessModel();
    writeFileSync(path, built.bytes);
    const parent = spawn(process.execPath, [program, path, JSON.stringify(built.signature)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: parent.stdout! }), 'line')) as [string];
    const pid = Number(line);
    // Until it works on the model's endless run.
    await until(() => cpuOf(pid) > 1, { deadlineMs: 60_000 });
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await until(() => !isAlive(pid));
  });
});

describe('a model that', () => {
  test('runs for ever is ended and is a verdict', async () => {
    const endless = world.trials.take(signal, (bench) =>
      bench.open(versionOf(endlessModel()), { timeoutMs: 1500 }),
    );
    expect(await failureOf(endless)).toMatchObject({
      reason: 'TrialTimeout',
      where: expect.stringContaining('1.0.0'),
    });
    expect(processes()).toEqual([]);
  });

  test('takes more memory than it may is ended and is a verdict', async () => {
    const giant = world.trials.take(signal, (bench) =>
      bench.open(versionOf(giantModel()), { maxBytes: 512 * 1024 ** 2 }),
    );
    const { reason, message } = await failureOf(giant);
    expect(reason).toBe('TrialMemoryExceeded');
    expect(message).toContain('may take 512 MiB');
    expect(processes()).toEqual([]);
  });

  test('ends its process is a verdict, of that call and of those after it', async () => {
    await world.trials.take(signal, async (bench) => {
      const trial = await bench.open(versionOf(linearModel(2, 1)));
      const other = await bench.open(versionOf(linearModel(3, 0)));
      const [pid] = processes();
      const call = trial.measure(one, 10_000_000);
      await until(() => cpuOf(pid!) > 0.2);
      process.kill(pid!, 'SIGKILL');
      expect(await failureOf(call)).toMatchObject({
        reason: 'TrialCrashed',
        message: expect.stringContaining('SIGKILL'),
      });
      expect((await failureOf(trial.infer(one))).reason).toBe('TrialCrashed');
      expect((await other.infer(one)).outputs[0]?.data).toEqual([9]);
    });
  });

  test('answers with more than a message holds is a verdict', async () => {
    const built = identityModel('BYTES', ['N', 1]);
    const inputs = (size: number) => [
      { name: 'x', datatype: 'BYTES', shape: [1, 1], data: ['x'.repeat(size)] },
    ];
    const wide = linearModel(1, 0, 2_000_001);
    await world.trials.take(signal, async (bench) => {
      const trial = await bench.open(versionOf(built));
      expect((await trial.infer(inputs(1_000_000))).outputs[0]?.data[0]).toHaveLength(1_000_000);
      const other = await bench.open(versionOf(wide));
      const zeros = [
        { name: 'x', datatype: 'FP32', shape: [1, 2_000_001], data: new Array(2_000_001).fill(0) },
      ];
      expect((await failureOf(other.infer(zeros))).reason).toBe('TrialAnswerTooLarge');
    });
  });

  test('has another signature than its manifest says is a verdict that names the difference', async () => {
    const { signature } = linearModel(1, 0, 4);
    const wrong = world.trials.take(signal, (bench) =>
      bench.open(versionOf(linearModel(2, 1), { signature })),
    );
    expect(await failureOf(wrong)).toMatchObject({
      reason: 'SignatureMismatch',
      message: expect.stringContaining('input "x" is [-1,1] in the model, [-1,4] in the signature'),
    });
  });

  test.each([
    ['is cut short', () => linearModel(2, 1).bytes.subarray(0, 60), 'InvalidModel'],
    ['is no model at all', () => Buffer.from('<html>404</html>'), 'InvalidModel'],
    ['names a file of this machine', () => externalDataModel().bytes, 'ExternalData'],
  ])('%s is a verdict', async (_, bytes, reason) => {
    const version = { ...versionOf(linearModel(2, 1)), ...pick(world.version('1.0.0', bytes())) };
    const opened = world.trials.take(signal, (bench) => bench.open(version));
    expect((await failureOf(opened)).reason).toBe(reason);
  });

  test('comes with fewer bytes or another digest than declared is a verdict', async () => {
    const version = versionOf(linearModel(2, 1));
    const { artifact } = version;
    const open = (changed: Partial<typeof artifact>) =>
      failureOf(
        world.trials.take(signal, (bench) =>
          bench.open({ ...version, artifact: { ...artifact, ...changed } }),
        ),
      );
    expect((await open({ digest: `sha256:${'1'.repeat(64)}` })).reason).toBe('DigestMismatch');
    expect((await open({ size: artifact.size + 10 })).reason).toBe('ArtifactTruncated');
    expect((await open({ size: artifact.size - 10 })).reason).toBe('ArtifactTooLarge');
  });

  test('cannot be fetched now is no verdict on the version', async () => {
    const version = versionOf(linearModel(2, 1));
    const unreachable = {
      ...version,
      artifact: { ...version.artifact, uri: 'http://127.0.0.1:9/model.onnx' },
    };
    await expect(world.trials.take(signal, (bench) => bench.open(unreachable))).rejects.toMatchObject({
      code: 'ArtifactUnreachable',
    });
  });
});

test('a plugin host that only plans sets serving up, runs trials, and opens no socket', async () => {
  const { planned } = await import('./fixtures/planned-serving.ts');
  const { trials, close, folder } = await planned(world);
  expect(readdirSync(folder)).toEqual([]);
  const answer = await trials.take(signal, async (bench) =>
    (await bench.open(versionOf(linearModel(2, 1)))).infer(one),
  );
  expect(answer.outputs[0]?.data).toEqual([7]);
  expect(readdirSync(folder)).toEqual(['artifacts']);
  await close();
});

function pick({ resource, artifact }: VersionToServe) {
  return { resource, artifact };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Seconds of processor time that a process has used. */
function cpuOf(pid: number): number {
  const [minutes, seconds] = execFileSync('ps', ['-o', 'cputime=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(':')
    .slice(-2);
  return Number(minutes) * 60 + Number(seconds);
}
