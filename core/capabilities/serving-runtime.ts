import { defineCapability, type Ref, type Resource } from '../plugin.ts';

/** Serves model versions. It knows versions and weights; when to change them is the caller's business. */
export interface ServingRuntime {
  /**
   * Declares what one deployment should hold in memory and answer with, and says what is so now. Level-triggered and
   * idempotent: call it again whenever woken. Traffic moves to the given variants only once each of those with a
   * weight is ready in every live inference process; until then the last route goes on. `owner` is woken when
   * anything changes. Throws where an artifact store is missing.
   */
  serve(desired: DesiredServing, signal: AbortSignal): Promise<ServingStatus>;
  /** Takes a deployment away: requests under way are answered, then its versions are released. Idempotent. */
  stop(environment: string, name: string): Promise<{ readonly stopped: boolean }>;
}

export interface DesiredServing {
  /** The resource to wake when the status changes. */
  readonly owner: Ref;
  readonly environment: string;
  /** The name under which it is served: `/v2/models/<name>`. */
  readonly name: string;
  readonly model: string;
  /** The registry commit that answers are attributed to. */
  readonly commit: string;
  /** Whether this is the environment of a bare `/v2`. */
  readonly isDefaultEnvironment: boolean;
  /** Versions to hold, routed or warm. */
  readonly versions: readonly VersionToServe[];
  readonly variants: readonly Variant[];
  readonly batching: { readonly maxBatchSize: number; readonly maxDelayMs: number };
  readonly limits: { readonly maxQueue: number; readonly timeoutMs: number };
}

export interface VersionToServe {
  readonly version: string;
  /** The ModelVersion resource: artifact stores read its attachments. */
  readonly resource: Resource;
  readonly artifact: { readonly uri: string; readonly digest: string; readonly size: number };
  readonly signature: Signature;
  readonly examples: readonly Example[];
}

export interface Variant {
  readonly version: string;
  readonly role: 'stable' | 'candidate' | 'shadow' | 'arm';
  /** Whole percent of traffic. Those that answer sum to 100. */
  readonly weight: number;
}

export interface Signature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

export interface TensorSpec {
  readonly name: string;
  /** Open Inference Protocol: `FP32`, `INT64`, `BYTES`, … */
  readonly datatype: string;
  /** -1 is a dimension that varies. */
  readonly shape: readonly number[];
}

/** A golden example: these inputs must give these outputs, within the tolerance. */
export interface Example {
  readonly name: string;
  readonly inputs: readonly ExampleTensor[];
  readonly outputs: readonly ExampleTensor[];
  readonly tolerance?: { readonly absolute?: number; readonly relative?: number };
}

export interface ExampleTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}

export interface VersionState {
  readonly phase: 'fetching' | 'loading' | 'ready' | 'failed';
  /** Stable PascalCase: `DigestMismatch`, `InvalidModel`, `ExampleMismatch`, … */
  readonly reason: string;
  readonly message: string;
  /** Whether trying again can help (a download that broke) or not (a wrong digest). */
  readonly retryable: boolean;
}

export interface ServingStatus {
  readonly versions: Readonly<Record<string, VersionState>>;
  /** Whether every live inference process answers with the desired variants. */
  readonly routed: boolean;
  readonly processes: { readonly ready: number; readonly total: number };
}

export const servingRuntime = defineCapability<ServingRuntime>('serving-runtime');
