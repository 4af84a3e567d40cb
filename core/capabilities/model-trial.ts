import { defineCapability } from '../plugin.ts';
import type { ExampleTensor, Signature, VersionToServe } from './serving-runtime.ts';

/**
 * Runs a version apart from what serves: in a process of its own, without credentials, with bounds of time and memory. What
 * a model does to it, up to ending it, is a result and no failure of the platform.
 */
export interface ModelTrial {
  /**
   * Fetches the artifact (digest checked), loads it in a fresh process and compares its signature with the declared one.
   * Throws `ArtifactUnreachable` and the like for what is not the version's fault, `TrialFailed` with the reason (a
   * `VersionState` reason: `DigestMismatch`, `InvalidModel`, `SignatureMismatch`, `TrialCrashed`, `TrialTimeout`) for what is.
   */
  open(version: VersionToServe, options: TrialOptions): Promise<Trial>;
}

export interface TrialOptions {
  readonly signal: AbortSignal;
  /** Of one call. Default 60,000. */
  readonly timeoutMs?: number;
  /** Resident bytes beyond which the process is ended. Default 2 GiB. */
  readonly maxBytes?: number;
}

export interface Trial {
  readonly signature: Signature;
  /** Milliseconds from the start of loading to the first answer. */
  readonly loadMs: number;
  /** Answers one request; tensors in the declared order. Throws `TrialFailed`. */
  infer(inputs: readonly ExampleTensor[]): Promise<TrialAnswer>;
  /** Runs one request again and again in the trial process, without transport. Milliseconds a run. */
  measure(
    inputs: readonly ExampleTensor[],
    runs: number,
  ): Promise<{ readonly p50: number; readonly p95: number; readonly p99: number; readonly runs: number }>;
  /** Resident bytes of the process now. */
  memory(): Promise<number>;
  close(): Promise<void>;
}

export interface TrialAnswer {
  readonly outputs: readonly ExampleTensor[];
  readonly ms: number;
}

export const modelTrial = defineCapability<ModelTrial>('model-trial');
