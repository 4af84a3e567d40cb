import { rm } from 'node:fs/promises';
import { answerCounts } from '../../core/capabilities/answer-counts.ts';
import type { ArtifactStore } from '../../core/capabilities/artifact-store.ts';
import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import { modelPreview } from '../../core/capabilities/model-preview.ts';
import { modelTrial } from '../../core/capabilities/model-trial.ts';
import type { PredictionJobs } from '../../core/capabilities/prediction-jobs.ts';
import type { PredictionSink } from '../../core/capabilities/prediction-sink.ts';
import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { servingRuntime } from '../../core/capabilities/serving-runtime.ts';
import { type Host, type Logger, messageOf, type Providers } from '../../core/plugin.ts';
import { type ContentCache, openContentCache } from '../../libraries/content-cache/index.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { isRunning } from '../../libraries/running-process/index.ts';
import { steadyClock } from '../../libraries/steady-clock/index.ts';
import { ArtifactFetcher } from './artifacts/artifact-fetcher.ts';
import { SignatureGate } from './artifacts/signature-gate.ts';
import { Claims } from './dataplane/interface/claims.ts';
import type { RoutingTable } from './dataplane/interface/routing-table.ts';
import type { OthersCounts } from './dataplane/interface/version-counts.ts';
import { countsOf } from './dataplane/interface/version-counts.ts';
import { Settlement } from './deployments/settlement.ts';
import { exposition } from './exposition/exposition.ts';
import { AnswerReports } from './measuring/answer-reports.ts';
import { builtinSource } from './measuring/builtin-source.ts';
import { withLabels } from './measuring/label-source.ts';
import { TrafficHistory } from './measuring/traffic-history.ts';
import { memoryBudgetCheck } from './memory/memory-check.ts';
import { servingPaths } from './paths.ts';
import { ModelPreviews } from './previews/model-previews.ts';
import { type Connection, openControlSocket } from './processes/control-socket.ts';
import { Gathering, gatheringGraceMs } from './processes/gathering.ts';
import { InferenceProcesses } from './processes/inference-processes.ts';
import { servingRoutes } from './routes.ts';
import { Runtime } from './runtime.ts';
import { servingSettings } from './settings/settings.ts';
import { rolesIn } from './table/roles.ts';
import { readTable, setAside } from './table/table-file.ts';
import { TablePublisher } from './table/table-publisher.ts';
import { ModelTrials } from './trials/model-trials.ts';

/** What runs of this plugin: apart from its declaration, so that reading manifests loads no runtime. */
export async function setUpServing(
  host: Host,
  stores: Providers<ArtifactStore>,
  sinks: Providers<PredictionSink>,
  workers: Providers<PredictionJobs>,
): Promise<void> {
  const [worker] = workers.names();
  const [sinkName] = sinks.names();
  const sink = sinkName === undefined ? undefined : sinks.get(sinkName);
  const { log } = host;
  const settings = servingSettings(host.machine.settings);
  const paths = servingPaths(host.machine.folder);
  const now = steadyClock();
  const { restored, broken } = await restore(paths.table);

  const processes = new InferenceProcesses({
    livenessMs: settings.livenessMs,
    now,
    isRunning,
    onChange: (deployments) => runtime.processesChanged(deployments),
  });
  const history = new TrafficHistory(now);
  const answers = new AnswerReports();
  let cache: Promise<ContentCache> | undefined;
  const fetcher = new ArtifactFetcher({
    cache: () => {
      cache ??= openContentCache(paths.artifacts);
      return cache;
    },
    stores,
    cacheSize: settings.cacheSize,
    downloads: settings.downloads,
    needed: () =>
      new Set([...runtime.neededDigests(), ...trials.neededDigests(), ...previews.neededDigests()]),
    log,
    onChange: (digest) => runtime.artifactChanged(digest),
    now,
  });
  const signatures = new SignatureGate({
    stores,
    log,
    onChange: (digest) => runtime.artifactChanged(digest),
  });
  host.onStop(() => signatures.close());
  const trials = new ModelTrials({
    fetcher,
    atOnce: settings.trials,
    program: packageFile('dist/plugins/serving/dataplane/trial-main.js'),
    log,
  });
  const previews = new ModelPreviews({
    fetcher,
    folder: paths.previews,
    program: packageFile('dist/plugins/serving/dataplane/main.js'),
  });
  host.onStop(() => trials.close());
  host.onStop(() => previews.close());
  const publisher = new TablePublisher({
    path: paths.table,
    log,
    onPublished(table, line) {
      published = { table, line };
      for (const connection of processes.connections()) bringUpToDate(connection);
    },
  });
  const gathering = new Gathering({
    hasEarlierTable: restored !== undefined || broken !== undefined,
    expected: settings.processes,
    graceMs: gatheringGraceMs,
    now,
  });
  const runtime = new Runtime({
    fetcher,
    signatures,
    processes,
    gathering,
    memoryBudget: settings.memoryBudget,
    expected: settings.processes,
    restored,
    predictionLog: sink?.place,
    jobs: worker === undefined ? undefined : workers.get(worker).place,
    publish: (table) => publisher.publish(table),
    wake: host.wake,
    log,
  });

  const claims = new Claims();
  const othersCounts = (connection: Connection): OthersCounts => {
    const own = processes.reportOf(connection);
    const others = processes.live().filter((report) => report !== own);
    return {
      processes: others.length,
      versions: others.flatMap(({ metrics }) => metrics.versions.map(countsOf)),
    };
  };
  let published = restored && { table: restored, line: lineOf(restored) };
  const sent = new WeakMap<Connection, number>();
  const bringUpToDate = (connection: Connection): void => {
    const report = processes.reportOf(connection);
    if (published === undefined || report === undefined) return;
    const { table, line } = published;
    if (sent.get(connection) === table.revision || !runtime.mayFollow(report, table)) return;
    // A process that began from the same file knows it already.
    if (sent.has(connection) || report.revision !== table.revision) {
      processes.sentTo(connection, table);
      connection.send(line);
    }
    sent.set(connection, table.revision);
  };

  host.onStart(async () => {
    if (broken !== undefined) await putAside(paths.table, broken, log);
    // What a process that was killed left.
    await rm(paths.previews, { recursive: true, force: true });
    const socket = await openControlSocket({
      path: paths.socket,
      log,
      onHello(connection, hello) {
        log.info({ process: hello.id, pid: hello.pid }, 'inference process connected');
        processes.hello(connection, hello);
      },
      onReport(connection, report) {
        processes.report(connection, report);
        history.add(report.id, report.pid, report.metrics);
        const { startedAt } = processes.list().find(({ id }) => id === report.id) ?? {};
        if (startedAt !== undefined)
          answers.report(report, startedAt, () => rolesIn(runtime.table.deployments));
        bringUpToDate(connection);
      },
      answerers: {
        statistics: othersCounts,
        claim: (connection, { key, fingerprint }) => claims.claim(key, fingerprint, connection),
        settle: (connection, { key, answer }) => claims.settle(key, connection, answer),
      },
      onGone(connection) {
        claims.gone(connection);
        const { id, pid, metrics } = processes.reportOf(connection) ?? {};
        const taken = metrics?.predictionLog?.taken ?? 0;
        if (id !== undefined && pid !== undefined && taken > 0) sink?.ended({ process: id, pid, taken });
        processes.gone(connection);
      },
    });
    const liveness = setInterval(() => processes.checkLiveness(), 1_000).unref();
    // Whoever waits for processes that never came back is told when nobody waits for them any longer.
    const gathered = setTimeout(() => runtime.processesChanged('all'), gatheringGraceMs + 10).unref();
    host.onStop(async () => {
      clearInterval(liveness);
      clearTimeout(gathered);
      fetcher.close();
      await socket.close();
      await publisher.close();
    });
  });

  const settlement = new Settlement(() =>
    runtime.settle((environment, name) => settlement.hasSeen(environment, name)),
  );
  host.on('snapshot.applied', (event) => settlement.applied(event));
  host.on('resource.status', ({ ref }) => settlement.status(ref));
  host.on('resource.removed', ({ ref }) => settlement.removed(ref));

  const { memoryBudget } = settings;
  if (memoryBudget !== undefined) {
    const runs = (environment: string) => host.machine.runs(environment);
    host.provide(proposalCheck, 'memory-budget', memoryBudgetCheck(memoryBudget, runs));
  }
  host.provide(servingRuntime, 'onnxruntime', runtime);
  host.provide(modelTrial, 'onnxruntime', trials);
  host.provide(answerCounts, 'onnxruntime', answers);
  host.provide(modelPreview, 'onnxruntime', previews);
  const isHeard = () => processes.live().length > 0;
  const traffic = builtinSource({ history, isHeard, now: Date.now });
  host.provide(metricsSource, 'builtin', withLabels({ traffic, sink, now: Date.now }));
  const sources = {
    processes: () => processes.list(),
    expected: settings.processes,
    table: () => runtime.table,
    isTablePersisted: () => publisher.isPersisted,
  };
  host.routes(servingRoutes(sources));
  host.metrics(async () =>
    exposition({
      processes: processes.list(),
      losses: (id) => processes.lossesBy(id),
      expected: settings.processes,
      table: runtime.table,
      isTablePersisted: publisher.isPersisted,
      artifacts: fetcher.counts,
    }),
  );
}

/** Where an earlier control process stopped; or what is wrong with the table that it left. */
async function restore(
  path: string,
): Promise<{ readonly restored: RoutingTable | undefined; readonly broken: unknown }> {
  try {
    return { restored: await readTable(path), broken: undefined };
  } catch (error) {
    return { restored: undefined, broken: error };
  }
}

async function putAside(path: string, error: unknown, log: Logger): Promise<void> {
  const aside = await setAside(path).catch(() => path);
  log.error({ error: messageOf(error), aside }, 'the last routing table cannot be used; it is made anew');
}

function lineOf(table: RoutingTable): string {
  return `${JSON.stringify({ type: 'table', table })}\n`;
}
