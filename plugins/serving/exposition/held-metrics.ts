/** What versions take of a process: memory, loads, unloads, swaps. */
import type { Report } from '../dataplane/interface/messages.ts';
import type { Roles } from '../table/roles.ts';
import type { ExpositionPage, Labels } from './exposition-page.ts';

/** Only versions that the routing table holds are exposed, as elsewhere. */
export function describeHeld(
  page: ExpositionPage,
  { versions, metrics }: Pick<Report, 'versions' | 'metrics'>,
  roles: Roles,
  process: Labels,
): void {
  for (const [key, version] of Object.entries(versions)) {
    const role = roles.get(key);
    if (role === undefined) continue;
    const [environment = '', deployment = '', name = ''] = key.split('/');
    const labels = { environment, deployment, version: name, role, ...process };
    const { state, isLoaded = state === 'ready', memoryBytes, loadMs, replicas = 1 } = version;
    const loaded = 'Whether the version is in memory and can answer.';
    page.sample('switchyard_model_loaded', 'gauge', loaded, labels, isLoaded ? 1 : 0);
    if (!isLoaded) continue;
    if (memoryBytes !== undefined) {
      const help = 'Memory that the version takes, all replicas together: measured, or at least so much.';
      page.sample('switchyard_model_memory_bytes', 'gauge', help, labels, memoryBytes);
    }
    if (loadMs !== undefined) {
      const help = 'How long it took to load it last.';
      page.sample('switchyard_model_last_load_seconds', 'gauge', help, labels, loadMs / 1000);
    }
    const help = 'Threads that run it, or 1 on the event loop.';
    page.sample('switchyard_model_replicas', 'gauge', help, labels, replicas);
  }
  const { unloads, loadSeconds, swapSeconds, versionMemory = {} } = metrics;
  if (unloads !== undefined) {
    const help = 'Versions that gave way to others.';
    page.sample('switchyard_model_unloads_total', 'counter', help, process, unloads);
  }
  if (loadSeconds !== undefined) {
    page.histogram('switchyard_model_load_seconds', 'Of versions made ready.', process, loadSeconds);
  }
  if (swapSeconds !== undefined) {
    const help = 'From a change of what answers for a deployment until it does.';
    page.histogram('switchyard_model_swap_seconds', help, process, swapSeconds);
  }
  const { taken, budget } = versionMemory;
  if (taken !== undefined) {
    const help = 'What loaded versions take of the memory budget.';
    page.sample('switchyard_model_memory_taken_bytes', 'gauge', help, process, taken);
  }
  if (budget !== undefined) {
    const help = 'Memory that loaded versions may take.';
    page.sample('switchyard_model_memory_budget_bytes', 'gauge', help, process, budget);
  }
}
