import { parseAllDocuments } from 'yaml';
import type { Examined, Registry } from '../../core/capabilities/registry.ts';
import type { JournalEntry, Resource } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';

/** Where a version has served, as far as is known. Times are milliseconds since 1970. */
export interface Served {
  /** Newest first; the first may be under way (`until: null`). */
  readonly periods: readonly { readonly since: number; readonly until: number | null }[];
  /**
   * `journal`: when the platform itself moved the traffic. `history`: when the base branch began to declare the version,
   * by the clocks of those who committed. `record`: what a recorded case says.
   */
  readonly source: 'journal' | 'history' | 'record';
}

/** When a model's version served in an environment. */
export type ServingHistory = (environment: string, model: string, version: string) => Promise<Served>;

type Deployment = Resource<DeploymentSpec>;
type Period = Served['periods'][number];

/** Moves of one deployment that are looked back at. */
const maxMoves = 500;
const maxFileBytes = 256 * 1024;

/**
 * Answers from the journal where it knows the deployment, because there nobody but the platform writes; else from the
 * first-parent history of the base. Whoever may commit can write an earlier date: a date counts as no earlier than that of
 * the commit before, and as no later than now.
 */
export function servingHistory(
  registry: Pick<Registry, 'journal' | 'repository'>,
  base: Examined,
  now: number,
): ServingHistory {
  const moves = new Map<string, Promise<Moves>>();
  return async (environment, model, version) => {
    const found: Served[] = [];
    for (const deployment of deploymentsIn(base, environment)) {
      const known = moves.get(deployment.ref) ?? movesOf(deployment, registry, base.commit, now);
      moves.set(deployment.ref, known);
      const { source, list } = await known;
      const periods = periodsOf(list, `${model} ${version}`);
      if (periods.length > 0 || deployment.spec.model === model) found.push({ periods, source });
    }
    const periods = found.flatMap((one) => one.periods).sort((a, b) => b.since - a.since);
    const isRecorded = found.length > 0 && found.every(({ source }) => source === 'journal');
    return { periods, source: isRecorded ? 'journal' : 'history' };
  };
}

/** What a deployment answered with from a time on; null for nothing. */
interface Move {
  readonly at: number;
  readonly served: string | null;
}

interface Moves {
  readonly source: 'journal' | 'history';
  /** Oldest first. */
  readonly list: readonly Move[];
}

async function movesOf(
  deployment: Deployment,
  registry: Pick<Registry, 'journal' | 'repository'>,
  commit: string,
  now: number,
): Promise<Moves> {
  const { ref } = deployment;
  const query = { ref, limit: maxMoves };
  const entries = await registry.journal({ ...query, type: 'deployment.switched' });
  if (entries.length > 0) {
    const stops = await registry.journal({ ...query, type: 'deployment.stopped' });
    return { source: 'journal', list: movesInJournal([...entries, ...stops]) };
  }
  return { source: 'history', list: await movesInHistory(deployment, registry.repository, commit, now) };
}

function movesInJournal(entries: readonly JournalEntry[]): readonly Move[] {
  const inOrder = [...entries].sort((a, b) => a.sequence - b.sequence);
  return inOrder.map(({ time, type, data }) => ({
    at: Date.parse(time),
    served: type === 'deployment.switched' ? `${String(data.model)} ${String(data.to)}` : null,
  }));
}

async function movesInHistory(
  deployment: Deployment,
  repository: Registry['repository'],
  commit: string,
  now: number,
): Promise<readonly Move[]> {
  const { path } = deployment.origin;
  const commits = await repository.log(commit, { path, limit: maxMoves });
  const list: Move[] = [];
  let latest = 0;
  for (const { id, committer } of [...commits].reverse()) {
    latest = Math.min(now, Math.max(latest, committer.time * 1000));
    const bytes = await repository.readFile(id, path, maxFileBytes);
    list.push({ at: latest, served: bytes === undefined ? null : declaredIn(bytes, deployment) });
  }
  return list;
}

/** The model and version that a file declares for the deployment; null where it does not, or cannot be read. */
function declaredIn(bytes: Uint8Array, { metadata }: Deployment): string | null {
  for (const document of parseAllDocuments(new TextDecoder().decode(bytes), { uniqueKeys: false })) {
    if (!('errors' in document) || document.errors.length > 0) continue;
    let value: { kind?: unknown; metadata?: Record<string, unknown>; spec?: Record<string, unknown> } | null;
    try {
      value = document.toJS({ maxAliasCount: 0 });
    } catch {
      continue;
    }
    if (value?.kind !== 'Deployment' || value.metadata?.name !== metadata.name) continue;
    if (value.metadata?.environment !== metadata.environment) continue;
    const { model, version } = value.spec ?? {};
    if (typeof model === 'string' && typeof version === 'string') return `${model} ${version}`;
  }
  return null;
}

function periodsOf(moves: readonly Move[], wanted: string): Period[] {
  const periods: Period[] = [];
  for (const [index, { at, served }] of moves.entries()) {
    if (served !== wanted) continue;
    const before = periods.at(-1);
    const until = moves[index + 1]?.at ?? null;
    // Declared again without a break, as when another line of the file changed: one period.
    if (before !== undefined && moves[index - 1]?.served === wanted) {
      periods[periods.length - 1] = { since: before.since, until };
    } else periods.push({ since: at, until });
  }
  return periods;
}

function deploymentsIn({ resources }: Examined, environment: string): readonly Deployment[] {
  const found: Deployment[] = [];
  for (const resource of resources.values()) {
    if (resource.kind === 'Deployment' && resource.metadata.environment === environment) {
      found.push(resource as Deployment);
    }
  }
  return found;
}
