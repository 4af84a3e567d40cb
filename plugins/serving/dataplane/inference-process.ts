/**
 * An inference process: it follows the routing table that control published last, holds the versions that the table
 * names, and answers predictions. It goes on doing so when control is busy, restarting or dead.
 */
import type { JobPlace } from '../../../core/capabilities/prediction-jobs.ts';
import { messageOf } from '../../../core/plugin.ts';
import { Access } from './access/access.ts';
import { AccessLog } from './access/access-log.ts';
import { Paces } from './ask/pace.ts';
import { RequestLog } from './ask/request-log.ts';
import { ControlLink } from './control/control-link.ts';
import { makeReport } from './control/report.ts';
import { readTableFile } from './control/table-file.ts';
import { Metrics } from './counters/metrics.ts';
import type { GrpcServer } from './grpc/grpc-server.ts';
import { BodyBudget } from './http/body-budget.ts';
import { dressed } from './http/dressed-exchange.ts';
import { InferenceServer } from './http/inference-server.ts';
import type { Listening } from './http/listening.ts';
import { ReadingTurns } from './http/reading-turns.ts';
import { Idempotence } from './idempotence/idempotence.ts';
import { checkRoutingTable } from './interface/check-routing-table.ts';
import type { Leaving, Report } from './interface/messages.ts';
import type { RoutingTable } from './interface/routing-table.ts';
import { collectorOfVersions } from './load/collector-of-versions.ts';
import { type LoadMarks, noLoadMarks } from './load/load-marks.ts';
import type { OnDemand, TriedNotes } from './load/on-demand.ts';
import { noTriedNotes } from './load/tried-notes.ts';
import { tryApart } from './load/try-apart.ts';
import { VersionPool } from './load/version-pool.ts';
import type { Log } from './log.ts';
import { PredictionLog } from './logging/prediction-log.ts';
import type { ProcessOptions } from './options.ts';
import { type HandlerContext, requestHandler } from './rest/request-handler.ts';
import { Router } from './route/router.ts';
import { EventLoopProcessors } from './run/event-loop-processors.ts';
import { type HangWatch, noHangWatch } from './run/hang-watch.ts';
import type { StartWorker } from './run/version-thread.ts';
import type { Tracing } from './tracing/tracing.ts';

export interface InferenceProcessOptions extends ProcessOptions {
  readonly serverVersion: string;
  readonly startWorker: StartWorker;
  readonly log: Log;
  readonly hangWatch?: HangWatch;
  readonly loadMarks?: LoadMarks;
  /** Remembers what trials found; without it, each process tries anew. */
  readonly triedNotes?: TriedNotes;
  /** Absent where no traces are sent. */
  readonly tracing?: Tracing;
  /** Milliseconds by which a client must have sent its whole request; a minute where nothing is said. */
  readonly requestTimeoutMs?: number;
  /** A run does not end, and takes a processor until the process ends. */
  readonly onStuck?: () => void;
}

const aMinute = 60_000;
/** Traces that wait are worth so many milliseconds of an end, and no more. */
const longestFlushMs = 2_000;
const standardOutput = 1;

export class InferenceProcess {
  readonly #options: InferenceProcessOptions;
  readonly #metrics = new Metrics();
  readonly #predictionLog: PredictionLog;
  #jobs: JobPlace | undefined;
  readonly #processors: EventLoopProcessors;
  readonly #pool: VersionPool;
  readonly #router: Router;
  readonly #context: HandlerContext;
  readonly #server: InferenceServer;
  #accessLog: AccessLog | undefined;
  readonly #idempotence: Idempotence;
  #grpc: GrpcServer | undefined;
  readonly #control: ControlLink | undefined;
  #tableError: string | undefined;
  #leaving: Leaving | undefined;
  #memoryLimit: number | undefined;
  #isChangeDue = false;

  constructor(options: InferenceProcessOptions) {
    this.#options = options;
    this.#predictionLog = new PredictionLog({ process: options.id, log: options.log });
    this.#processors = new EventLoopProcessors({ count: options.eventLoopProcessors, log: options.log });
    const bodyBudget = new BodyBudget(options.bodyBudget);
    this.#pool = new VersionPool({
      startWorker: options.startWorker,
      parallelLoads: options.parallelLoads,
      loadTimeoutMs: options.loadTimeoutMs,
      hangWatch: this.#processors.noting(options.hangWatch ?? noHangWatch),
      loadMarks: options.loadMarks ?? noLoadMarks,
      onDemand: onDemandOf(options),
      onStuck: () => options.onStuck?.(),
      onLetGo: collectorOfVersions(),
      isAtWork: () => bodyBudget.held > 0,
      onChange: () => this.#advanceSoon(),
    });
    this.#router = new Router({
      pool: this.#pool,
      observe: ({ environment, name }, version) => this.#metrics.version(environment, name, version),
      onSwap: (seconds) => this.#metrics.swapped(seconds),
      onChange: () => this.#control?.changed(),
    });
    if (options.controlPath !== undefined) {
      this.#control = new ControlLink({
        path: options.controlPath,
        hello: { type: 'hello', id: options.id, pid: process.pid, startedAt: new Date().toISOString() },
        report: () => this.report(),
        onTable: (table) => this.#receiveTable(table),
        log: options.log,
      });
    }
    const { bodyLimit, serverVersion, requestTimeoutMs = aMinute } = options;
    const readingTurns = new ReadingTurns();
    this.#idempotence = new Idempotence(this.#control);
    const { accessRules, accessFile } = options;
    if (accessRules !== undefined && accessRules !== 'none') {
      const to = accessFile ?? standardOutput;
      this.#accessLog = new AccessLog({ rules: accessRules, to, process: options.id, log: options.log });
    }
    this.#context = {
      router: this.#router,
      metrics: this.#metrics,
      predictionLog: this.#predictionLog,
      jobs: () => this.#jobs,
      requestLog: new RequestLog({ requests: options.logRequests, slowMs: options.slowMs }, options.log),
      paces: new Paces(() => readingTurns.waiting),
      tracing: options.tracing,
      bodyLimit,
      bodyBudget,
      serverVersion,
      control: this.#control,
      idempotence: this.#idempotence,
      access: this.#accessLog && new Access(this.#accessLog, this.#router, this.#predictionLog),
      isDraining: () => this.#leaving !== undefined,
    };
    this.#server = new InferenceServer({
      handler: dressed(requestHandler(this.#context), options),
      readingTurns,
      headersTimeoutMs: Math.min(15_000, requestTimeoutMs),
      requestTimeoutMs,
      keepAliveTimeoutMs: 75_000,
      onRefused: (refused) => {
        this.#metrics.countRefused(refused.error.status);
        this.#context.access?.refused(refused);
      },
      lingerMs: options.lingerMs,
    });
  }

  /**
   * Loads what the last good table names and connects to control. Resolves when the process may take requests: each
   * version of the table is ready or failed. Without a table, or with a broken one, that is at once.
   */
  async prepare(): Promise<void> {
    const { tablePath } = this.#options;
    try {
      const table = tablePath === undefined ? undefined : await readTableFile(tablePath);
      if (table !== undefined) this.apply(table);
    } catch (error) {
      this.#tableError = messageOf(error);
      this.#options.log('the last routing table cannot be used', { error: this.#tableError });
    }
    this.#control?.start();
    await this.#router.settled();
    this.#router.advance();
  }

  /** Begins to accept connections; gives the port. */
  listen(where: Listening): Promise<number> {
    return this.#server.listen(where);
  }

  /** Begins to accept gRPC; gives the port. What it takes is loaded now. */
  async listenGrpc(where: Listening): Promise<number> {
    const { GrpcServer } = await import('./grpc/grpc-server.ts');
    this.#grpc = new GrpcServer({
      context: this.#context,
      graceMs: Math.max(0, this.#options.drainTimeoutMs - 1_000),
      requestTimeoutMs: this.#options.requestTimeoutMs ?? aMinute,
    });
    return this.#grpc.listen(where);
  }

  /** Follows a table from now on. */
  apply(table: RoutingTable): void {
    if (this.#leaving !== undefined) return;
    this.#tableError = undefined;
    this.#predictionLog.follow(table.predictionLog);
    this.#jobs = table.jobs;
    this.#router.apply(table);
  }

  /** Has control told what this process may grow to. */
  boundedBy(bytes: number): void {
    this.#memoryLimit = bytes;
  }

  /** What control is told. */
  report(): Report {
    return makeReport({
      id: this.#options.id,
      router: this.#router,
      pool: this.#pool,
      metrics: this.#metrics,
      predictionLog: this.#predictionLog.counts(),
      spans: this.#options.tracing?.counts(),
      accessLog: this.#accessLog?.counts(),
      keyed: this.#idempotence.counts(),
      tableError: this.#tableError,
      leaving: this.#leaving,
      memoryLimit: this.#memoryLimit,
      workerProcessors: this.#processors.ofWorkers,
      connections: this.#server.connections + (this.#grpc?.connections ?? 0),
    });
  }

  /**
   * Stops accepting, answers all that is under way, frees every version. Gives false where something was, or is left to be,
   * cut off: that took longer than the drain timeout, or a thread works on for ever.
   */
  async stop(why: Leaving = 'asked'): Promise<boolean> {
    this.#leaving = why;
    this.#options.loadMarks?.leave();
    this.#control?.leave();
    const drained = Promise.all([this.#server.drain(), this.#grpc?.drain()]).then(
      async ([, isClean = true]) => {
        this.#router.close();
        await this.#router.drained();
        await this.#predictionLog.close();
        await this.#accessLog?.close();
        await this.#options.tracing?.close(longestFlushMs);
        await this.#pool.idle();
        this.#processors.close();
        await this.#control?.close();
        return isClean && !this.#pool.hasStuckThread;
      },
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), this.#options.drainTimeoutMs);
    });
    const outcome = await Promise.race([drained, late]);
    clearTimeout(timer);
    if (outcome === 'late') {
      this.#server.destroy();
      this.#grpc?.destroy();
      await this.#predictionLog.close();
    }
    return outcome === true;
  }

  #receiveTable(value: unknown): void {
    try {
      this.apply(checkRoutingTable(value));
    } catch (error) {
      this.#tableError = messageOf(error);
      this.#options.log('control sent a routing table that cannot be used', { error: this.#tableError });
      this.#control?.changed();
    }
  }

  /** Statuses change in the middle of other work, and several at once. */
  #advanceSoon(): void {
    if (this.#isChangeDue) return;
    this.#isChangeDue = true;
    queueMicrotask(() => {
      this.#isChangeDue = false;
      this.#router.advance();
    });
  }
}

/** Undefined where every version is in memory for as long as it is held. */
function onDemandOf(options: InferenceProcessOptions): OnDemand | undefined {
  const { loading, whileLoading, memoryBudget, triedNotes = noTriedNotes } = options;
  if (loading === 'eager' && memoryBudget === undefined) return undefined;
  return { loading, whileLoading, budget: memoryBudget, notes: triedNotes, tryApart };
}
