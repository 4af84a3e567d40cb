import { defineCapability, type Ref, type Resource } from '../plugin.ts';

/** Serves model versions. It knows versions and weights; when to change them is the caller's business. */
export interface ServingRuntime {
  /**
   * Declares what one deployment should hold in memory and answer with, and says what is so now. Level-triggered and
   * idempotent: call it again whenever woken. Traffic moves to the given variants only once each of those with a
   * weight is ready in every live inference process; until then the last route goes on. What answers as stable already is not
   * waited for where a process has just begun and answers nothing. `owner` is woken when anything changes. Throws where an artifact store is missing.
   */
  serve(desired: DesiredServing, signal: AbortSignal): Promise<ServingStatus>;
  /** Takes a deployment away: requests under way are answered, then its versions are released. Idempotent. */
  stop(environment: string, name: string): Promise<{ readonly stopped: boolean }>;
  /**
   * What a deployment was last told to answer with, also by an earlier control process; undefined where nothing is known. It
   * brings back what answers when the caller's own memory was lost.
   */
  current(environment: string, name: string): CurrentServing | undefined;
}

export interface CurrentServing {
  readonly model: string;
  readonly commit: string;
  readonly variants: readonly Variant[];
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
  /** Which requests go where, beside what weights say. */
  readonly rules?: TrafficRules;
  readonly batching: { readonly maxBatchSize: number; readonly maxDelayMs: number };
  readonly limits: {
    readonly maxQueue: number;
    readonly timeoutMs: number;
    /** Each holds; absent: none does. */
    readonly rates?: readonly RateLimit[];
  };
  /** How many of its answers are kept for those who ask the same. Without it, none are. */
  readonly cache?: CacheRules;
  /** What of its predictions is kept. Without it, nothing is. */
  readonly logging?: LoggingRules;
}

export interface CacheRules {
  /** In each inference process. What was not asked for the longest goes first. */
  readonly bytes: number;
  /** How long an answer is given again. */
  readonly ttlMs: number;
}

/** What of the predictions of a deployment is kept. It is obeyed before anything leaves the inference process. */
export interface LoggingRules {
  /** The share that is kept, from 0 to 1: drawn by the prediction's id, so that all who saw a request are kept or none. */
  readonly sample: number;
  /** What is done to inputs and outputs, by their names; the others are kept as they are. */
  readonly redact: readonly Redaction[];
  /** Where a request says on whose behalf it asks; kept as it is. */
  readonly tenant?: KeySource;
  /** Where a request says whom it is about: a key of it, or an input. Kept as a pseudonym, by which it can be erased. */
  readonly subject?: KeySource | { readonly input: string };
  /** How outlying inputs are, column by column: written beside what is kept. */
  readonly outliers?: readonly OutlierRule[];
}

/** How far the values of an input are from what is usual: 0 is usual, from 1 on a value is an outlier. */
export type OutlierRule = {
  /** Of the input. */
  readonly name: string;
  /** The score of a value that is missing. */
  readonly missing: number;
} & (
  | {
      readonly type: 'number';
      readonly middle: number;
      /** From the middle down and up to where a value is an outlier; 0: any other value is one. */
      readonly below: number;
      readonly above: number;
    }
  | {
      readonly type: 'category';
      readonly levels: Readonly<Record<string, number>>;
      /** The score of all other texts. */
      readonly other: number;
    }
);

/** `drop`: not kept at all. `hash`: a pseudonym of the value. `bucket`: the number at which its bucket of that width begins. */
export type Redaction =
  | { readonly name: string; readonly by: 'drop' | 'hash' }
  | { readonly name: string; readonly by: 'bucket'; readonly width: number };

export interface VersionToServe {
  readonly version: string;
  /** The ModelVersion resource: artifact stores read its attachments. */
  readonly resource: Resource;
  readonly artifact: { readonly uri: string; readonly digest: string; readonly size: number };
  readonly signature: Signature;
  /** Whose signature its artifact must have before it is loaded. Without it, none is asked for. */
  readonly signed?: RequiredSignature;
  readonly examples: readonly Example[];
  /** How its session is made; the runtime's standard where it says nothing. */
  readonly session?: SessionSettings;
  /** Where its session runs; `auto` (the default) decides by the measured time of a run. */
  readonly placement?: 'auto' | 'inline' | 'worker';
  /** Worker threads that run it side by side in each inference process. Default 1. */
  readonly replicas?: number;
}

/** What is left out is as the schema of ModelVersion says. */
export interface SessionSettings {
  readonly provider?: ExecutionProvider;
  readonly intraOpThreads?: number;
  readonly interOpThreads?: number;
  readonly graphOptimization?: 'disabled' | 'basic' | 'extended' | 'layout' | 'all';
  readonly executionMode?: 'sequential' | 'parallel';
}

export type ExecutionProvider = 'cpu' | 'cuda' | 'tensorrt' | 'dml' | 'coreml' | 'webgpu';

export interface RequiredSignature {
  /** The environment that asks for it, for people. */
  readonly by: string;
  /** In PEM. */
  readonly keys: readonly { readonly name: string; readonly publicKey: string }[];
  readonly authorities: readonly { readonly certificate: string; readonly signers?: readonly string[] }[];
  /** Where the bundle is, and which file of it the artifact is; undefined where the version has none. */
  readonly bundle: { readonly uri: string; readonly path?: string } | undefined;
}

export interface Variant {
  readonly version: string;
  readonly role: 'stable' | 'candidate' | 'shadow' | 'arm';
  /** Whole percent of traffic. Those that answer sum to 100. */
  readonly weight: number;
}

/**
 * Which variant a request goes to. A version that its path names comes first, then the first match, then the sticky
 * assignment of its key; what is left is shared out by weight.
 */
export interface TrafficRules {
  /** In order: the first that fits decides. */
  readonly matches?: readonly MatchRule[];
  /** Requests with the same key go to the same variant, by weights: in every process, also after a restart. */
  readonly sticky?: { readonly by: KeySource; readonly salt: string };
  /** Names that a path may use in the place of a version: `/versions/preview`. Name → version. */
  readonly aliases?: Readonly<Record<string, string>>;
}

export interface MatchRule {
  /** All of them must hold. */
  readonly all: readonly MatchCondition[];
  /** A variant that is no shadow; its weight may be 0. */
  readonly version: string;
}

/** Exactly one place, and exactly one test of the text there. A regular expression is one of RE2, found anywhere in the text. */
export interface MatchCondition {
  readonly header?: string;
  readonly query?: string;
  readonly equals?: string;
  readonly regex?: string;
}

/** Where the key of a request is: exactly one of these, by name. */
/** How many requests of one key each inference process takes. */
export interface RateLimit {
  /** Absent: all requests share it. */
  readonly key?: KeySource;
  readonly perSecond: number;
  /** How many may come at once. */
  readonly burst: number;
}

export interface KeySource {
  readonly header?: string;
  readonly cookie?: string;
  readonly query?: string;
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
  /** Of an input with several values a row: what rows by name call them, in order. */
  readonly columns?: readonly string[];
  /** Of an output: the classes that it counts from 0, or has a value for, in order. */
  readonly classes?: readonly string[];
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

/** An inference process that ended without being asked to, and that another has taken the place of. */
export interface ProcessLoss {
  /** When the other one was there, in milliseconds since 1970. */
  readonly at: number;
  /** Which one, and how it ended. */
  readonly message: string;
}

export interface ServingStatus {
  readonly versions: Readonly<Record<string, VersionState>>;
  /** Whether every live inference process answers with the desired variants. */
  readonly routed: boolean;
  readonly processes: { readonly ready: number; readonly total: number };
  /**
   * Requests that each version answered or, as a shadow, saw, as far as live processes remember: it may fall when one of
   * them ends. It wakes nobody.
   */
  readonly requests: Readonly<Record<string, number>>;
  /**
   * What each version that weights lead to has answered since weights and rules are as they are, as far as live processes
   * remember: keys where they stay on one version, each counted once, else requests. Requests that a rule or their
   * caller led are not among them. It wakes nobody.
   */
  readonly arms?: Readonly<Record<string, number>>;
  /**
   * Losses while the process held a version, the latest last, by version; without those that lost none. A process cannot say
   * which of its versions ended it, so one loss may stand with several. Forgotten when control ends.
   */
  readonly losses: Readonly<Record<string, readonly ProcessLoss[]>>;
}

export const servingRuntime = defineCapability<ServingRuntime>('serving-runtime');
