import { defineCapability, SwitchyardError } from '../plugin.ts';
import type {
  Example,
  ExampleTensor,
  SessionSettings,
  Signature,
  VersionToServe,
} from './serving-runtime.ts';

/**
 * Runs versions apart from what serves: each in a process of its own, without credentials, with bounds of time and memory.
 * What a model does to that process, up to ending it, is a result (`TrialFailed`) and no failure of the platform.
 *
 * @example
 * await trials.take(signal, async (bench) => {
 *   const trial = await bench.open(version);
 *   return trial.examples();
 * });
 */
export interface ModelTrial {
  /**
   * Waits for its turn (few may run at once), and gives `work` a bench. Whatever was opened on the bench is ended when
   * `work` is over, however it is over. Rejects with the reason of `signal` when that is aborted, whatever runs then.
   */
  take<T>(signal: AbortSignal, work: (bench: TrialBench) => Promise<T>): Promise<T>;
}

/** One turn: versions that are compared stand on it side by side, so that both have the same conditions. */
export interface TrialBench {
  /**
   * Fetches the artifact (digest checked), loads it in a fresh process, compares its signature with the declared one and
   * runs it once. Throws `TrialFailed` for what is the version's fault, and `ArtifactUnreachable` and the like for what is
   * not. At most four on one bench.
   */
  open(version: VersionToServe, limits?: TrialLimits): Promise<Trial>;
  /** The same of a file on this disk that need not be of any registry; what is not said is as the file itself has it. */
  openFile(file: FileToTry, limits?: TrialLimits): Promise<Trial>;
}

export interface FileToTry {
  readonly path: string;
  /** Compared with the file's. */
  readonly digest?: string;
  readonly signature?: Signature;
  readonly examples?: readonly Example[];
  readonly session?: SessionSettings;
}

export interface TrialLimits {
  /** Milliseconds of one call; the download is not counted. Default 60,000. */
  readonly timeoutMs?: number;
  /** Resident bytes beyond which the process is ended. Default 2 GiB. */
  readonly maxBytes?: number;
}

/** A version in its process. Calls are answered one after the other. After a `TrialFailed` that ended it, all of them throw it. */
export interface Trial {
  readonly signature: Signature;
  /** Milliseconds from the start of loading to the first answer. */
  readonly loadMs: number;
  /** Whether requests may share a run. */
  readonly batchable: boolean;
  /** Where serving would run it if nobody says anything. */
  readonly placement: 'inline' | 'worker';
  /** Resident bytes that the version alone takes: what its process grew by, and at least the size of its file. */
  readonly memoryBytes: number;
  /** Answers each golden example of the version, and compares as serving does before it lets a version answer. */
  examples(): Promise<readonly ExampleResult[]>;
  /**
   * Answers one request. Inputs are matched by name. Throws `TrialFailed`: with the reason `InferenceFailed` the model
   * refused the request, and the trial goes on.
   */
  infer(inputs: readonly ExampleTensor[]): Promise<TrialAnswer>;
  /**
   * Runs one request again and again in the trial process, without transport. Without inputs it takes those of the first
   * golden example, or made-up ones.
   */
  measure(inputs: readonly ExampleTensor[] | undefined, runs: number): Promise<TrialTimes>;
  /** The same with so many rows in each run, all of them the first row of what `measure` takes. Throws where requests may not share a run. */
  measureRows(rows: number, runs: number): Promise<TrialTimes>;
  /** Resident bytes of the process now. */
  memory(): Promise<number>;
}

export interface TrialAnswer {
  /** In the order of the signature. A number that is not finite stays one; integers beyond 2^53 lose digits. */
  readonly outputs: readonly ExampleTensor[];
  /** Of the run alone. */
  readonly ms: number;
}

export interface ExampleResult {
  readonly name: string;
  /** Why it is not answered as it must be; undefined where it is. */
  readonly problem: string | undefined;
  /** The largest absolute difference of a number from the expected one; undefined where nothing was compared. */
  readonly difference: number | undefined;
  readonly ms: number;
}

/** Milliseconds a run. */
export interface TrialTimes {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly runs: number;
}

/** A version failed in its trial. */
export class TrialFailedError extends SwitchyardError {
  /**
   * Stable PascalCase: a `VersionState` reason (`DigestMismatch`, `InvalidModel`, `SignatureMismatch`, `WarmupFailed`, …),
   * or `TrialCrashed`, `TrialTimeout`, `TrialMemoryExceeded`, `TrialAnswerTooLarge`, `InferenceFailed`.
   */
  readonly reason: string;

  constructor(reason: string, message: string, where?: string) {
    super('TrialFailed', message, {
      status: 422,
      hint: 'The reason is about the version itself: correct its artifact or its manifest, and propose it anew.',
      ...(where === undefined ? {} : { where }),
    });
    this.reason = reason;
  }
}

/** Told by shape and not by class: a plugin may bring its own copy of the contract. */
export function isTrialFailed(thrown: unknown): thrown is TrialFailedError {
  return (
    thrown instanceof Error && (thrown as { code?: unknown }).code === 'TrialFailed' && 'reason' in thrown
  );
}

export const modelTrial = defineCapability<ModelTrial>('model-trial');
