/**
 * The worker thread of a trial process: here the model is loaded and run, whatever it does, while the process's own thread
 * stays free to see that control is gone.
 */
import { parentPort } from 'node:worker_threads';
import type { ExampleResult, TrialAnswer, TrialTimes } from '../../../../core/capabilities/model-trial.ts';
import type { ExampleTensor } from '../../../../core/capabilities/serving-runtime.ts';
import { codeOf, messageOf, SwitchyardError } from '../../../../core/plugin.ts';
import { inferenceFailed } from '../errors/run-errors.ts';
import { choosePlacement } from '../interface/placement.ts';
import {
  type FromTrial,
  packTensors,
  type TrialAnswers,
  type TrialCall,
  type TrialVersion,
  unpackTensors,
} from '../interface/trial-messages.ts';
import { checkExample, checkExamples, readInputs, valueAt } from '../load/examples.ts';
import { type OpenedVersion, openVersion } from '../load/open-version.ts';
import { wakeRuntime } from '../load/wake-runtime.ts';
import { warmUp } from '../load/warm-up.ts';
import { joinRows, rowsOf, splitRows } from '../run/batch.ts';
import { runtimeMessage } from '../run/session.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Elements of an answer: more would not fit a message. */
const largestAnswer = 2_000_000;

const port = parentPort!;
let version: TrialVersion;
let opened: OpenedVersion;
/** What `measure` runs where it is given nothing. */
let usual: readonly Tensor[];
let isBatchable = false;
let work: Promise<void> = Promise.resolve();

port.on('message', (call: TrialCall) => {
  work = work.then(() => answer(call));
});

async function answer(call: TrialCall): Promise<void> {
  try {
    send({ type: 'answer', value: await answers[call.call](call as never) });
  } catch (error) {
    const isFinal = call.call === 'load';
    send({ type: 'failed', reason: codeOf(error), message: messageOf(error), isFinal });
  }
}

const answers: {
  readonly [Call in keyof TrialAnswers]: (
    call: Extract<TrialCall, { call: Call }>,
  ) => Promise<TrialAnswers[Call]>;
} = {
  async load(call) {
    version = call.version;
    await wakeRuntime(version.session);
    const started = performance.now();
    opened = await openVersion(version);
    if (call.checksExamples === true) await checkExamples(opened.model, version.examples);
    const { inputs: tried, batchable, runMs } = await warmUp(opened.model, version.examples);
    usual = tried;
    const loadMs = performance.now() - started;
    const { sides, bytes } = opened;
    const { inputs, outputs } = sides;
    const memoryBytes = opened.memoryBytes();
    isBatchable = batchable;
    const placement = choosePlacement('auto', { runMs, size: bytes.length, session: version.session });
    return { signature: { inputs, outputs }, loadMs, batchable, placement, runMs, memoryBytes };
  },

  async examples() {
    const results: ExampleResult[] = [];
    for (const example of version.examples) {
      const { name } = example;
      const started = performance.now();
      let problem: string | undefined;
      let difference: number | undefined;
      try {
        difference = await checkExample(opened.model, example);
      } catch (error) {
        problem = messageOf(error);
      }
      results.push({ name, problem, difference, ms: performance.now() - started });
    }
    return results;
  },

  async infer({ inputs }): Promise<TrialAnswer> {
    const tensors = read(inputs);
    const started = performance.now();
    const outputs = await run(tensors);
    const ms = performance.now() - started;
    const elements = outputs.reduce((sum, { data }) => sum + data.length, 0);
    if (elements > largestAnswer) {
      const message = `an answer of ${elements} elements is more than a trial passes on (${largestAnswer})`;
      throw new SwitchyardError('TrialAnswerTooLarge', message);
    }
    return { outputs: packTensors(outputs.map(written)), ms };
  },

  async measure({ inputs, runs, rows }): Promise<TrialTimes> {
    const given = inputs === undefined ? usual : read(inputs);
    const tensors = rows === undefined ? given : repeated(given, rows);
    const times = new Float64Array(Math.max(1, runs));
    for (let index = 0; index < times.length; index++) {
      const started = performance.now();
      await run(tensors);
      times[index] = performance.now() - started;
    }
    times.sort();
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]!;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99), runs: times.length };
  },
};

function read(inputs: readonly ExampleTensor[]): Tensor[] {
  return readInputs(unpackTensors(inputs), opened.model.inputs, (message) => inferenceFailed(message));
}

/** The first row, again and again. */
function repeated(inputs: readonly Tensor[], rows: number): readonly Tensor[] {
  const count = rowsOf(inputs);
  if (!isBatchable || count === undefined || count === 0)
    throw inferenceFailed('requests of this model may not share a run');
  const [first] = splitRows(inputs, [1, count - 1]) ?? [inputs];
  return joinRows(Array.from({ length: rows }, () => first!)).inputs;
}

async function run(inputs: readonly Tensor[]): Promise<Tensor[]> {
  try {
    return await opened.model.run(inputs);
  } catch (error) {
    throw inferenceFailed(runtimeMessage(error));
  }
}

function written(tensor: Tensor, index: number): ExampleTensor {
  const data: (number | string | boolean)[] = [];
  for (let element = 0; element < tensor.data.length; element++) {
    const value = valueAt(tensor, element);
    data.push(typeof value === 'bigint' ? Number(value) : value);
  }
  const { datatype, shape } = tensor;
  return { name: opened.model.outputs[index]!.name, datatype, shape, data };
}

function send(message: FromTrial): void {
  port.postMessage(message);
}
