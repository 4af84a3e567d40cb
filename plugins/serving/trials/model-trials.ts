import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  type ExampleResult,
  type FileToTry,
  type ModelTrial,
  type Trial,
  type TrialAnswer,
  type TrialBench,
  TrialFailedError,
  type TrialLimits,
  type TrialTimes,
} from '../../../core/capabilities/model-trial.ts';
import type { ExampleTensor, Signature, VersionToServe } from '../../../core/capabilities/serving-runtime.ts';
import { isCodedError, type Logger, messageOf } from '../../../core/plugin.ts';
import { OnnxError, readSignature } from '../../../libraries/onnx/index.ts';
import { type ArtifactFetcher, fetchFailure } from '../artifacts/artifact-fetcher.ts';
import {
  packTensors,
  type TrialAnswers,
  type TrialVersion,
  unpackTensors,
} from '../dataplane/interface/trial-messages.ts';
import { artifactNotFetched, tooManyTrials } from '../errors.ts';
import { Turns } from '../turns.ts';
import { TrialProcess } from './trial-process.ts';

export interface ModelTrialsOptions {
  readonly fetcher: ArtifactFetcher;
  /** Turns that may be taken at once. */
  readonly atOnce: number;
  /** The compiled program of a trial process. */
  readonly program: string;
  readonly log: Logger;
}

const standardTimeoutMs = 60_000;
const standardMaxBytes = 2 * 1024 ** 3;
const mostOnABench = 4;

/** Runs versions in processes of their own, few at a time, and leaves none behind. */
export class ModelTrials implements ModelTrial {
  readonly #options: ModelTrialsOptions;
  readonly #turns: Turns;
  readonly #running = new Set<TrialProcess>();
  /** Digest → how many are about to read it. */
  readonly #needed = new Map<string, number>();

  constructor(options: ModelTrialsOptions) {
    this.#options = options;
    this.#turns = new Turns(options.atOnce);
  }

  async take<T>(signal: AbortSignal, work: (bench: TrialBench) => Promise<T>): Promise<T> {
    const giveBack = await this.#turns.take(signal);
    if (signal.aborted) giveBack();
    signal.throwIfAborted();
    const bench = new Bench({
      version: (version, limits) => this.#start(version, limits, signal),
      file: async (file, limits) => this.#load(await versionOfFile(file), file.path, limits, signal),
    });
    let leave = (): void => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => {
        reject(signal.reason);
        void bench.clear(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      const result = work(bench);
      // Who left does not hear of what comes of it afterwards.
      result.catch(() => {});
      return await Promise.race([result, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      await bench.clear();
      giveBack();
    }
  }

  /** Digests that the cache must keep for now. */
  neededDigests(): readonly string[] {
    return [...this.#needed.keys()];
  }

  /** Processes that run now. */
  processes(): readonly number[] {
    return [...this.#running].flatMap(({ pid }) => pid ?? []);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((one) => one.kill()));
  }

  async #start(version: VersionToServe, limits: TrialLimits, signal: AbortSignal): Promise<StartedTrial> {
    const { digest } = version.artifact;
    this.#needed.set(digest, (this.#needed.get(digest) ?? 0) + 1);
    try {
      const path = await this.#fetch(version, signal);
      try {
        return await this.#load(toTry(version), path, limits, signal);
      } catch (error) {
        if (!isBadFile(error)) throw error;
        // The file in the cache may have gone bad: what the store has decides.
        await this.#options.fetcher.evict(digest);
        return await this.#load(toTry(version), await this.#fetch(version, signal), limits, signal);
      }
    } finally {
      const left = (this.#needed.get(digest) ?? 1) - 1;
      if (left > 0) this.#needed.set(digest, left);
      else this.#needed.delete(digest);
    }
  }

  async #fetch(version: VersionToServe, signal: AbortSignal): Promise<string> {
    try {
      return await this.#options.fetcher.obtain(version, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { reason, retryable } = fetchFailure(error);
      const where = version.resource.origin.path;
      // A source that ends too early and says that this is all is as much the version's fault as another digest.
      if (!retryable || reason === 'ArtifactTruncated')
        throw new TrialFailedError(reason, messageOf(error), where);
      throw isCodedError(error) ? error : artifactNotFetched(reason, where, error);
    }
  }

  async #load(
    { version, where, ref }: ToTry,
    path: string,
    { timeoutMs = standardTimeoutMs, maxBytes = standardMaxBytes }: TrialLimits,
    signal: AbortSignal,
  ): Promise<StartedTrial> {
    signal.throwIfAborted();
    const { program, log } = this.#options;
    const child = new TrialProcess({ program, timeoutMs, maxBytes, where });
    this.#running.add(child);
    void child.ended.then(() => this.#running.delete(child));
    const leave = () => void child.kill(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    try {
      const loaded = await child.call({ call: 'load', version: { path, ...version } });
      return new StartedTrial(child, loaded);
    } catch (error) {
      log.info({ ref, error: messageOf(error) }, 'a version failed in its trial');
      await child.kill();
      throw error;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }
}

/** What the program of a trial is told of a version, and how messages call it. */
interface ToTry {
  readonly version: Omit<TrialVersion, 'path'>;
  readonly where: string;
  readonly ref: string;
}

function toTry({ artifact, signature, examples, session, resource }: VersionToServe): ToTry {
  const { digest } = artifact;
  const { ref, origin } = resource;
  return { version: { digest, signature, examples, session }, where: origin.path, ref };
}

interface Starts {
  readonly version: (version: VersionToServe, limits: TrialLimits) => Promise<StartedTrial>;
  readonly file: (file: FileToTry, limits: TrialLimits) => Promise<StartedTrial>;
}

class Bench implements TrialBench {
  readonly #starts: Starts;
  readonly #trials: Promise<StartedTrial>[] = [];

  constructor(starts: Starts) {
    this.#starts = starts;
  }

  open(version: VersionToServe, limits: TrialLimits = {}): Promise<Trial> {
    return this.#add(() => this.#starts.version(version, limits));
  }

  openFile(file: FileToTry, limits: TrialLimits = {}): Promise<Trial> {
    return this.#add(() => this.#starts.file(file, limits));
  }

  #add(start: () => Promise<StartedTrial>): Promise<Trial> {
    if (this.#trials.length >= mostOnABench) return Promise.reject(tooManyTrials(mostOnABench));
    const trial = start();
    this.#trials.push(trial);
    return trial;
  }

  /** Ends all that was opened; resolves when nothing of it is left. */
  async clear(reason?: Error): Promise<void> {
    const ending = this.#trials.map((trial) =>
      trial.then(
        (started) => started.process.kill(reason),
        () => {},
      ),
    );
    await Promise.all(ending);
  }
}

class StartedTrial implements Trial {
  readonly process: TrialProcess;
  readonly signature: Signature;
  readonly loadMs: number;
  readonly batchable: boolean;
  readonly placement: 'inline' | 'worker';
  readonly memoryBytes: number;

  constructor(process: TrialProcess, loaded: TrialAnswers['load']) {
    this.process = process;
    this.signature = loaded.signature;
    this.loadMs = loaded.loadMs;
    this.batchable = loaded.batchable;
    this.placement = loaded.placement;
    this.memoryBytes = loaded.memoryBytes;
  }

  examples(): Promise<readonly ExampleResult[]> {
    return this.process.call({ call: 'examples' });
  }

  async infer(inputs: readonly ExampleTensor[]): Promise<TrialAnswer> {
    const { outputs, ms } = await this.process.call({ call: 'infer', inputs: packTensors(inputs) });
    return { outputs: unpackTensors(outputs), ms };
  }

  measure(inputs: readonly ExampleTensor[] | undefined, runs: number): Promise<TrialTimes> {
    const packed = inputs === undefined ? undefined : packTensors(inputs);
    return this.process.call({ call: 'measure', inputs: packed, runs });
  }

  measureRows(rows: number, runs: number): Promise<TrialTimes> {
    return this.process.call({ call: 'measure', inputs: undefined, runs, rows });
  }

  memory(): Promise<number> {
    return this.process.memory();
  }
}

function isBadFile(error: unknown): boolean {
  return error instanceof TrialFailedError && ['DigestMismatch', 'ArtifactUnreadable'].includes(error.reason);
}

/** A file as it is on this disk, with the signature that it has where nobody says another. Throws `TrialFailed`. */
async function versionOfFile(file: FileToTry): Promise<ToTry> {
  const { path, examples = [], session } = file;
  try {
    const bytes = await readFile(path);
    const digest = file.digest ?? `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const signature = file.signature ?? signatureOf(bytes);
    return { version: { digest, signature, examples, session }, where: path, ref: path };
  } catch (error) {
    const reason = error instanceof OnnxError ? 'InvalidModel' : 'ArtifactUnreadable';
    throw new TrialFailedError(reason, messageOf(error), path);
  }
}

function signatureOf(bytes: Uint8Array): Signature {
  const { inputs, outputs } = readSignature(bytes);
  const tensors = (side: typeof inputs) =>
    side.map(({ name, datatype, shape }) => ({
      name,
      datatype,
      shape: (shape ?? []).map((size) => size ?? -1),
    }));
  return { inputs: tensors(inputs), outputs: tensors(outputs) };
}
