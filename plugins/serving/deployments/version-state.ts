import type { VersionState } from '../../../core/capabilities/serving-runtime.ts';
import type { FetchState } from '../artifacts/artifact-fetcher.ts';
import type { VersionReport } from '../dataplane/interface/messages.ts';

/** What one live process says of a version; undefined while it has not heard of it. */
export interface ProcessVersion {
  readonly process: string;
  readonly report: VersionReport | undefined;
}

/** How far a version has come, over all live inference processes. Pure. */
export function versionState(
  fetch: FetchState | undefined,
  processes: readonly ProcessVersion[],
): VersionState {
  if (fetch === undefined || fetch.phase === 'fetching') {
    const { reason, message } = fetch ?? { reason: 'Fetching', message: 'the artifact is being fetched' };
    return { phase: 'fetching', reason, message, retryable: true };
  }
  if (fetch.phase === 'failed') {
    const { reason, message, retryable } = fetch;
    return { phase: 'failed', reason, message, retryable };
  }
  if (processes.length === 0) {
    const message = 'no inference process is connected';
    return { phase: 'loading', reason: 'NoInferenceProcess', message, retryable: true };
  }
  const failed = processes.filter(({ report }) => report?.state === 'failed');
  const [first] = failed;
  if (first?.report !== undefined) {
    const { reason, message } = first.report;
    const where = failed.length === processes.length ? '' : ` (in process ${first.process})`;
    return { phase: 'failed', reason, message: `${message}${where}`, retryable: temporary.has(reason) };
  }
  const ready = processes.filter(({ report }) => report?.state === 'ready').length;
  const stuck = processes.reduce((sum, { report }) => sum + (report?.stuckRuns ?? 0), 0);
  if (stuck > 0 && ready > 0) {
    const runs = stuck === 1 ? 'a run of it does not end' : `${stuck} runs of it do not end`;
    const phase = ready === processes.length ? 'ready' : 'loading';
    return { phase, reason: 'RunStuck', message: runs, retryable: phase === 'loading' };
  }
  // Which of them has it in memory now changes with every request, and is told by metrics.
  if (ready === processes.length && processes.every(({ report }) => report?.onDemand === true)) {
    const where = `${ready} of ${processes.length} inference processes`;
    const message = `tried in ${where}, loaded when it is asked`;
    return { phase: 'ready', reason: 'LoadedOnDemand', message, retryable: false };
  }
  const message = `ready in ${ready} of ${processes.length} inference processes`;
  return ready === processes.length
    ? { phase: 'ready', reason: 'Loaded', message, retryable: false }
    : { phase: 'loading', reason: 'Loading', message, retryable: true };
}

/** What a process may overcome by itself. */
const temporary = new Set(['ArtifactUnreadable', 'WorkerLost']);
