/** The routing table: all that an inference process knows of the world. Control publishes it, the data plane obeys it. */
import type { JobPlace } from '../../../../core/capabilities/prediction-jobs.ts';
import type {
  CacheRules,
  Example,
  ExampleTensor,
  LoggingRules,
  RateLimit,
  SessionSettings,
  Signature,
  TensorSpec,
  TrafficRules,
  Variant,
} from '../../../../core/capabilities/serving-runtime.ts';

export type {
  CacheRules,
  Example,
  ExampleTensor,
  LoggingRules,
  SessionSettings,
  Signature,
  TensorSpec,
  TrafficRules,
  Variant,
};

export interface RoutingTable {
  readonly format: 1;
  /** Counts up with every table that control publishes. */
  readonly revision: number;
  /** RFC 3339. */
  readonly publishedAt: string;
  /** The environment that a bare `/v2` means. */
  readonly defaultEnvironment?: string;
  /** Where predictions are handed in. Without it, none is logged. */
  readonly predictionLog?: LogPlace;
  /** Where jobs are handed in. Without it, none is taken. */
  readonly jobs?: JobPlace;
  readonly deployments: readonly ServedDeployment[];
}

export interface LogPlace {
  /** The folder that batches are written into. */
  readonly inbox: string;
  /** The file with the key that pseudonyms are made with. */
  readonly keyFile: string;
}

export interface ServedDeployment {
  readonly environment: string;
  /** What clients call it: `/v2/models/<name>`. */
  readonly name: string;
  readonly model: string;
  /** The registry commit that its answers are attributed to. */
  readonly commit: string;
  /** Digest of this entry: another generation is another route. */
  readonly generation: string;
  /** All versions to hold in memory: those that answer and those kept warm. */
  readonly versions: readonly PinnedVersion[];
  /** What answers. Weights of all but shadows sum to 100; a shadow's weight is the percentage that it sees. */
  readonly variants: readonly Variant[];
  /** Which requests go where, beside what weights say. */
  readonly rules?: TrafficRules;
  readonly batching: {
    /** Rows in one run at most. 1 turns batching off. */
    readonly maxBatchSize: number;
    /** How long a request may wait for company. 0: only what arrived in the same turn of the event loop. */
    readonly maxDelayMs: number;
  };
  readonly limits: {
    /** Requests that may wait per version; one more is refused with 429. */
    readonly maxQueue: number;
    /** From the whole body read to the answer. */
    readonly timeoutMs: number;
    /** How many requests of one key each process takes. */
    readonly rates?: readonly RateLimit[];
  };
  /** How many of its answers are kept for those who ask the same. Without it, none are. */
  readonly cache?: CacheRules;
  /** What of its predictions is logged. Without it, nothing is. */
  readonly logging?: LoggingRules;
}

export interface PinnedVersion {
  readonly version: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** The artifact in the content-addressed cache. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly signature: Signature;
  readonly examples: readonly Example[];
  /** Where its session runs; `auto` (the default) decides by the measured time of a run. */
  readonly placement?: Placement | 'auto';
  /** Worker threads that run it side by side; absent: one, or none where it runs inline. */
  readonly replicas?: number;
  /** How its session is made; absent: as the runtime does where nobody says anything. */
  readonly session?: SessionSettings;
}

/** On the process's own event loop, or in a worker thread of its own. */
export type Placement = 'inline' | 'worker';

/** The name of a deployment across environments: `production/bird-strike`. Keys `routes` of a report. */
export function deploymentKey(deployment: { readonly environment: string; readonly name: string }): string {
  return `${deployment.environment}/${deployment.name}`;
}

/** The name of a version in a deployment: `production/bird-strike/1.3.0`. Keys `versions` of a report. */
export function versionKey(
  deployment: { readonly environment: string; readonly name: string },
  version: string,
): string {
  return `${deployment.environment}/${deployment.name}/${version}`;
}

/** Whether the variant answers requests (a shadow only watches). */
export function answers(variant: Variant): boolean {
  return variant.role !== 'shadow' && variant.weight > 0;
}

/** Whether requests can reach the variant without naming its version: by weight, or because a rule leads to it. */
export function isRouted(variant: Variant, rules: TrafficRules | undefined): boolean {
  return answers(variant) || (rules?.matches ?? []).some(({ version }) => version === variant.version);
}
