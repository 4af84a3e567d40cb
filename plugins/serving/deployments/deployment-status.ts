import type {
  DesiredServing,
  ServingStatus,
  VersionState,
  VersionToServe,
} from '../../../core/capabilities/serving-runtime.ts';
import type { ArtifactFetcher } from '../artifacts/artifact-fetcher.ts';
import type { SignatureGate } from '../artifacts/signature-gate.ts';
import { deploymentKey, versionKey } from '../dataplane/interface/routing-table.ts';
import { noRoomFor } from '../memory/memory-room.ts';
import type { Gathering } from '../processes/gathering.ts';
import type { InferenceProcesses } from '../processes/inference-processes.ts';
import type { PublishedDeployment } from './published-deployment.ts';
import { type ProcessVersion, versionState } from './version-state.ts';

export interface StatusSources {
  readonly fetcher: ArtifactFetcher;
  readonly signatures: SignatureGate;
  /** Bytes that the versions of an inference process may take; undefined: as many as there are. */
  readonly memoryBudget?: number | undefined;
  readonly processes: InferenceProcesses;
  /** Until it is over, nothing is said to be so in every process. */
  readonly gathering: Gathering;
  /** Inference processes that there should be. */
  readonly expected: number | undefined;
}

/** What the owner of a deployment is told: how far it has come, over all live inference processes. */
export function deploymentStatus(
  deployment: PublishedDeployment,
  desired: DesiredServing,
  sources: StatusSources,
): ServingStatus {
  const { fetcher, signatures, memoryBudget, processes, gathering, expected } = sources;
  const live = processes.live();
  const versions: Record<string, VersionState> = {};
  for (const version of desired.versions) {
    const refusal = noRoomFor(version, memoryBudget) ?? signatures.refusal(version);
    const fetched = refusal ?? fetcher.state(version.artifact);
    versions[version.version] = versionState(fetched, reportsOf(deployment, desired, version, processes));
  }
  const { entry } = deployment;
  const key = deploymentKey(desired);
  const routed =
    deployment.isDesired &&
    entry !== undefined &&
    live.length > 0 &&
    gathering.isOver(live.length) &&
    live.every(({ routes }) => routes[key] === entry.generation);
  const ready = live.filter(({ routes }) => key in routes).length;
  return {
    versions,
    routed,
    processes: { ready, total: Math.max(expected ?? 0, live.length) },
    requests: requestsOf(desired, processes),
    losses: lossesOf(desired, processes),
    ...armsOf(desired, entry?.generation, processes),
  };
}

/** Of processes that answer with the generation. A key that several of them saw counts as one. */
function armsOf(
  desired: DesiredServing,
  generation: string | undefined,
  processes: InferenceProcesses,
): { readonly arms?: Readonly<Record<string, number>> } {
  const key = deploymentKey(desired);
  const told = processes
    .live()
    .flatMap(({ routes, arms = {} }) => (routes[key] === generation && arms[key] ? [arms[key]] : []));
  if (told.length === 0) return {};
  const sum: Record<string, number> = {};
  for (const arms of told) {
    for (const [version, count] of Object.entries(arms)) sum[version] = (sum[version] ?? 0) + count;
  }
  if (desired.rules?.sticky === undefined) return { arms: sum };
  // Each saw a key once at most: so the parts are never larger than the keys that were seen.
  const keys = Object.entries(sum).map(([version, count]) => [version, Math.floor(count / told.length)]);
  return { arms: Object.fromEntries(keys) };
}

function lossesOf(desired: DesiredServing, processes: InferenceProcesses): ServingStatus['losses'] {
  const losses = desired.versions.map(
    ({ version }) => [version, processes.lossesOf(versionKey(desired, version))] as const,
  );
  return Object.fromEntries(losses.filter(([, { length }]) => length > 0));
}

function requestsOf(
  { environment, name, versions }: DesiredServing,
  processes: InferenceProcesses,
): Readonly<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const { version } of versions) counted[version] = 0;
  for (const { metrics } of processes.live()) {
    for (const one of metrics.versions) {
      if (one.environment !== environment || one.deployment !== name) continue;
      if (counted[one.version] === undefined) continue;
      for (const count of Object.values(one.requests)) counted[one.version]! += count;
    }
  }
  return counted;
}

/** What each live process says of a version as it is published now. */
export function reportsOf(
  deployment: PublishedDeployment,
  desired: DesiredServing,
  version: VersionToServe,
  processes: InferenceProcesses,
): readonly ProcessVersion[] {
  const pinned = deployment.entry?.versions.find(
    (one) => one.version === version.version && one.digest === version.artifact.digest,
  );
  const since = pinned === undefined ? undefined : deployment.publishedSince(pinned);
  return processes.live().map((process) => {
    const report = process.versions[versionKey(desired, version.version)];
    const isCurrent =
      since !== undefined && process.revision >= since && report?.digest === version.artifact.digest;
    return { process: process.id, report: isCurrent ? report : undefined };
  });
}

/** What an owner is woken for: counters grow all the time. */
export function worthTelling({ versions, routed, processes, losses }: ServingStatus): string {
  return JSON.stringify([versions, routed, processes, losses]);
}
