/**
 * What control and an inference process say to each other over the control socket: a line of JSON a message. The
 * process connects; control sends tables; the process says who it is, and reports what is so.
 */
import type { Ask } from './asks.ts';
import type { ProcessMetrics } from './process-metrics.ts';
import type { Placement, RoutingTable } from './routing-table.ts';

export type ToProcess = { readonly type: 'table'; readonly table: RoutingTable } | Told;

export type ToControl = Hello | Report | Ask;

/** What control knows of an `Ask`, which has the same number. */
export interface Told {
  readonly type: 'told';
  readonly number: number;
  /** As `Asks` has it; absent where control knows nothing of what was asked. */
  readonly answer?: unknown;
}

/** The first message of a connection. */
export interface Hello {
  readonly type: 'hello';
  readonly id: string;
  readonly pid: number;
  /** RFC 3339. */
  readonly startedAt: string;
}

/** Sent on every change, and each second. */
export interface Report {
  readonly type: 'report';
  readonly id: string;
  readonly pid: number;
  /** Revision of the table that is being followed; 0 while there is none. */
  readonly revision: number;
  /** By `environment/deployment/version`. */
  readonly versions: Readonly<Record<string, VersionReport>>;
  /** The generation that answers, by `environment/deployment`. */
  readonly routes: Readonly<Record<string, string>>;
  /** What each version that weights lead to has answered: see `ArmTally`. By `environment/deployment`, where there are several. */
  readonly arms?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Why it answers what is under way and ends. Whoever is killed or crashes says nothing. */
  readonly leaving?: Leaving;
  /** Bytes of resident memory beyond which it asks to be replaced; absent before it is known, and where there is no such limit. */
  readonly memoryLimit?: number;
  /** Processors that worker threads may run on now; absent where nothing keeps them off any. */
  readonly workerProcessors?: number;
  /** Whether `/v2/health/ready` says so. */
  readonly ready: boolean;
  /** Why the last table that came was refused. */
  readonly tableError?: string;
  /** RFC 3339. */
  readonly at: string;
  readonly metrics: ProcessMetrics;
}

/** `asked`: by whoever runs it. `stuck`: a run does not end. `memory`: it has grown beyond its limit. */
export type Leaving = 'asked' | 'stuck' | 'memory';

export interface VersionReport {
  readonly state: 'loading' | 'ready' | 'failed' | 'draining';
  readonly digest: string;
  /** Stable PascalCase: `DigestMismatch`, `ArtifactUnreadable`, `InvalidModel`, `SignatureMismatch`, … */
  readonly reason: string;
  readonly message: string;
  /** Runs that did not end, where there were any. */
  readonly stuckRuns?: number;
  readonly placement?: Placement;
  /** Whether it is loaded by its requests, and need not be in memory now; absent where it always is. */
  readonly onDemand?: boolean;
  /** Whether it is in memory; absent: it is, where it is ready. */
  readonly isLoaded?: boolean;
  /** Worker threads that run it now, where they are several. */
  readonly replicas?: number;
  /** Bytes that it takes, all replicas together: what was measured, or at least so much. */
  readonly memoryBytes?: number;
  /** How long loading and trying it took. */
  readonly loadMs?: number;
  /** Median milliseconds of a run of one row. */
  readonly runMs?: number;
  /** Whether its requests share runs. */
  readonly batchable?: boolean;
  /** RFC 3339. */
  readonly loadedAt?: string;
}
