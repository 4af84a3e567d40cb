/** What an inference process tells control: versions, routes, counters. */
import type { ExporterCounts } from '../../../../libraries/otlp/index.ts';
import type { Metrics } from '../counters/metrics.ts';
import type { Leaving, Report, VersionReport } from '../interface/messages.ts';
import type { AccessCounts, CacheCounts, PredictionLogCounts } from '../interface/process-metrics.ts';
import { deploymentKey, versionKey } from '../interface/routing-table.ts';
import type { HeldVersion } from '../load/held-version.ts';
import type { VersionPool } from '../load/version-pool.ts';
import type { DeploymentRoute } from '../route/deployment-route.ts';
import type { Router } from '../route/router.ts';

export interface ReportSources {
  readonly id: string;
  readonly router: Router;
  readonly pool: VersionPool;
  readonly metrics: Metrics;
  readonly predictionLog: PredictionLogCounts;
  readonly spans: ExporterCounts | undefined;
  readonly accessLog: AccessCounts | undefined;
  readonly keyed: Readonly<Record<string, number>>;
  readonly tableError: string | undefined;
  readonly leaving: Leaving | undefined;
  readonly memoryLimit: number | undefined;
  readonly workerProcessors: number | undefined;
  readonly connections: number;
}

/** Describes the process as it is now. */
export function makeReport(sources: ReportSources): Report {
  const { router, pool, metrics } = sources;
  const versions: Record<string, VersionReport> = {};
  const routes: Record<string, string> = {};
  const arms: Record<string, Readonly<Record<string, number>>> = {};
  const waiting: Record<string, number> = {};
  const caches: Record<string, CacheCounts> = {};
  for (const route of router.routes()) {
    describeDraining(route, versions);
    for (const [version, held] of route.held()) versions[versionKey(route, version)] = describe(held);
    for (const [version, { lane }] of route.applied?.versions ?? []) {
      if (lane.waiting > 0) waiting[versionKey(route, version)] = lane.waiting;
    }
    if (route.applied === undefined) continue;
    const key = deploymentKey(route);
    routes[key] = route.applied.entry.generation;
    if (route.cache !== undefined) caches[key] = route.cache.counts();
    if (route.applied.arms !== undefined) arms[key] = route.applied.arms;
  }
  for (const route of router.leaving) describeDraining(route, versions);
  const cpu = process.cpuUsage();
  return {
    type: 'report',
    id: sources.id,
    pid: process.pid,
    revision: router.table?.revision ?? 0,
    versions,
    routes,
    arms,
    leaving: sources.leaving,
    memoryLimit: sources.memoryLimit,
    workerProcessors: sources.workerProcessors,
    ready: router.isReady,
    tableError: sources.tableError,
    at: new Date().toISOString(),
    metrics: {
      ...metrics.snapshot(),
      waiting,
      loads: pool.counts.loads,
      loadFailures: pool.counts.failures,
      workerRestarts: pool.counts.restarts,
      unloads: pool.counts.unloads,
      loadSeconds: pool.loadSeconds.snapshot(),
      versionMemory: { taken: pool.takenBytes, budget: pool.memoryBudget },
      predictionLog: sources.predictionLog,
      spans: sources.spans,
      ...(Object.keys(caches).length === 0 ? {} : { caches }),
      accessLog: sources.accessLog,
      keyed: sources.keyed,
      connections: sources.connections,
      rssBytes: process.memoryUsage.rss(),
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
    },
  };
}

function describeDraining(route: DeploymentRoute, versions: Record<string, VersionReport>): void {
  for (const [lane, version] of route.draining) {
    versions[versionKey(route, version)] ??= {
      state: 'draining',
      digest: lane.held.pinned.digest,
      reason: 'Draining',
      message: 'the version answers its last requests',
    };
  }
}

function describe(held: HeldVersion): VersionReport {
  const { status, stuckRuns } = held;
  const { digest } = held.pinned;
  const stuck = stuckRuns === 0 ? {} : { stuckRuns };
  const onDemand = held.isOnDemand ? { onDemand: true } : {};
  if (status.state === 'asleep') {
    const message = status.isWaking
      ? 'is being loaded, as it was asked'
      : 'was tried, and is loaded when asked';
    return { state: 'ready', digest, reason: 'NotLoaded', message, ...onDemand, isLoaded: false, ...stuck };
  }
  if (status.state !== 'ready') return { digest, ...status, ...onDemand, ...stuck };
  const { executor, placement, runMs, loadedAt, loadMs, memoryBytes } = status;
  const { width = 1 } = executor;
  const threads = width === 1 ? 'a worker thread' : `${width} worker threads`;
  return {
    state: 'ready',
    digest,
    reason: 'Loaded',
    message: placement === 'inline' ? 'runs on the event loop' : `runs in ${threads}`,
    placement,
    ...onDemand,
    ...(held.isOnDemand ? { isLoaded: true } : {}),
    ...(width === 1 ? {} : { replicas: width }),
    memoryBytes,
    loadMs: Math.round(loadMs),
    runMs: Math.round(runMs * 1000) / 1000,
    batchable: held.model?.batchable,
    loadedAt,
    ...stuck,
  };
}
