/** The one place that speaks to the model runtime. */
import { InferenceSession, listSupportedBackends, Tensor as RuntimeTensor } from 'onnxruntime-node';
import { messageOf } from '../../../../core/plugin.ts';
import { invalidModel, providerUnavailable } from '../errors/load-errors.ts';
import type { SessionSettings } from '../interface/routing-table.ts';
import { type Datatype, datatypeOf, factsOf, type TensorData } from '../tensor/datatypes.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { LateInputs, lateFeeds } from './late-feeds.ts';

export interface RuntimeValue {
  readonly name: string;
  /** Undefined where the runtime gives none of the protocol's datatypes. */
  readonly datatype: Datatype | undefined;
  /** -1 varies. Undefined where the model declares no shape. */
  readonly shape: readonly number[] | undefined;
  /** What it is instead, where it has no datatype. */
  readonly type: string;
}

export interface Session {
  readonly inputs: readonly RuntimeValue[];
  readonly outputs: readonly RuntimeValue[];
  /** Runs the model on inputs in the order of `inputNames`, and gives the outputs in the order of `outputNames`. */
  run(
    inputNames: readonly string[],
    inputs: readonly Tensor[],
    outputNames: readonly string[],
  ): Promise<Tensor[]>;
  /**
   * What does as `run` on inputs that are taken when the runtime reads them: see `Executor.runLate`. It reads them in a turn of its own,
   * one after the other in the order of the model.
   */
  runLate(
    inputNames: readonly string[],
    outputNames: readonly string[],
  ): (take: () => readonly Tensor[]) => Promise<Tensor[]>;
  /** Frees its memory. Without it the memory is lost until the process ends. */
  release(): Promise<void>;
}

/**
 * Makes a session of a model's bytes. It blocks the thread that it is called on. Throws `InvalidModel`, or
 * `ProviderUnavailable` where this machine lacks what the settings ask for.
 */
export async function openSession(bytes: Uint8Array, settings: SessionSettings = {}): Promise<Session> {
  const { provider = 'cpu' } = settings;
  if (!isBuiltIn(provider))
    throw providerUnavailable(provider, 'ONNX Runtime for Node has none here', builtIn());
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(bytes, optionsOf(settings));
  } catch (error) {
    if (provider !== 'cpu' && (await runsOnCpu(bytes, settings)))
      throw providerUnavailable(provider, runtimeMessage(error), builtIn(), error);
    throw invalidModel(runtimeMessage(error), error);
  }
  return {
    inputs: session.inputMetadata.map(describe),
    outputs: session.outputMetadata.map(describe),
    run: (inputNames, inputs, outputNames) => run(session, inputNames, inputs, outputNames),
    runLate(inputNames, outputNames) {
      const first = inputNames.indexOf(session.inputNames[0]!);
      const feed = lateFeeds(inputNames, toRuntime);
      return async (take) => {
        const inputs = new LateInputs(first, take);
        const results = await session.run(feed(inputs), outputNames);
        if (!inputs.areOfOneMoment) throw new Error('the inputs were read at different times');
        return outputsOf(results, outputNames);
      };
    },
    release: () => session.release(),
  };
}

function optionsOf(settings: SessionSettings): InferenceSession.SessionOptions {
  const { provider = 'cpu', graphOptimization = 'all', executionMode = 'sequential' } = settings;
  return {
    executionProviders: [provider],
    intraOpNumThreads: settings.intraOpThreads ?? 1,
    interOpNumThreads: settings.interOpThreads ?? 1,
    graphOptimizationLevel: graphOptimization,
    executionMode,
    logSeverityLevel: 4,
    // Threads that wait for work by spinning take the processors from all other models.
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  };
}

function isBuiltIn(provider: string): boolean {
  return builtIn().includes(provider);
}

function builtIn(): readonly string[] {
  return listSupportedBackends().map(({ name }) => name);
}

/** Tells whether the provider is at fault or the model. */
async function runsOnCpu(bytes: Uint8Array, settings: SessionSettings): Promise<boolean> {
  try {
    const session = await InferenceSession.create(bytes, optionsOf({ ...settings, provider: 'cpu' }));
    await session.release();
    return true;
  } catch {
    return false;
  }
}

/** The runtime's own words in one line, without the paths of its sources. */
export function runtimeMessage(error: unknown): string {
  const message = messageOf(error);
  return message
    .replace(/\S*\/(?:onnxruntime|include|src)\/\S*/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 400);
}

async function run(
  session: InferenceSession,
  inputNames: readonly string[],
  inputs: readonly Tensor[],
  outputNames: readonly string[],
): Promise<Tensor[]> {
  const feeds: Record<string, RuntimeTensor> = {};
  for (let index = 0; index < inputNames.length; index++)
    feeds[inputNames[index]!] = toRuntime(inputs[index]!);
  return outputsOf(await session.run(feeds, outputNames), outputNames);
}

function outputsOf(results: InferenceSession.OnnxValueMapType, outputNames: readonly string[]): Tensor[] {
  const outputs: Tensor[] = new Array(outputNames.length);
  for (let index = 0; index < outputNames.length; index++)
    outputs[index] = fromRuntime(results[outputNames[index]!]!);
  return outputs;
}

function toRuntime(tensor: Tensor): RuntimeTensor {
  const { runtimeType } = factsOf(tensor.datatype);
  return new RuntimeTensor(runtimeType, tensor.data as Float32Array, tensor.shape) as RuntimeTensor;
}

function fromRuntime(tensor: InferenceSession.OnnxValueMapType[string]): Tensor {
  const datatype = datatypeOf(tensor.type);
  if (datatype === undefined) throw new Error(`an output of type ${tensor.type} cannot be served`);
  let data = tensor.data as TensorData;
  if (datatype === 'FP16' && !Array.isArray(data)) {
    data = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  }
  return { datatype, shape: tensor.dims, data };
}

function describe(value: InferenceSession.ValueMetadata): RuntimeValue {
  if (!value.isTensor) return { name: value.name, datatype: undefined, shape: undefined, type: 'no tensor' };
  const shape = value.shape.map((dimension) => (typeof dimension === 'number' ? dimension : -1));
  return {
    name: value.name,
    datatype: datatypeOf(value.type),
    shape: shape.length === 0 ? undefined : shape,
    type: value.type,
  };
}
