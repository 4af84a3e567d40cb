/** What the routing table should say of one deployment next. Pure. */
import { createHash } from 'node:crypto';
import type { DesiredServing, VersionToServe } from '../../../core/capabilities/serving-runtime.ts';
import { checkRoutingTable } from '../dataplane/interface/check-routing-table.ts';
import {
  isRouted,
  type PinnedVersion,
  type ServedDeployment,
  type TrafficRules,
} from '../dataplane/interface/routing-table.ts';
import { invalidRoutingTable } from '../dataplane/interface/table-values.ts';

export interface EntrySources {
  readonly desired: DesiredServing;
  /** What is published now; undefined the first time. */
  readonly last: ServedDeployment | undefined;
  /** Where the artifact of a version is on this disk; undefined while it is not. */
  readonly pathOf: (version: VersionToServe) => string | undefined;
  /** Whether a version, as it is published, is ready in every live inference process. */
  readonly isReady: (pinned: PinnedVersion) => boolean;
}

export interface NextEntry {
  readonly entry: ServedDeployment;
  /** Whether it answers with the desired variants, rather than with those before. */
  readonly isDesired: boolean;
}

/**
 * The gate of a change: traffic moves to the desired variants only once each of them with a weight is ready; until then
 * the last route goes on, with the new versions beside it to be loaded. Undefined while there is nothing to answer with.
 */
export function nextEntry({ desired, last, pathOf, isReady }: EntrySources): NextEntry | undefined {
  const pinned = new Map<string, PinnedVersion>();
  for (const version of desired.versions) {
    const path = pathOf(version);
    const next = path === undefined ? pinnedAlready(version, last) : pin(version, path);
    if (next !== undefined) pinned.set(version.version, next);
  }
  const weighty = desired.variants.filter((one) => one.weight > 0 || isRouted(one, desired.rules));
  const goal = weighty.every(({ version }) => pinned.has(version)) ? entryOf(desired, pinned) : undefined;
  if (last === undefined) return goal && { entry: goal, isDesired: true };

  const carried = routedBy(last);
  // A version whose content changed under its name cannot be pinned twice. Each process answers with the old content
  // until it has loaded the new one, so nothing is lost but the common moment.
  const isReplaced = carried.some((old) => isOther(old, pinned.get(old.version)));
  if (goal !== undefined && (isReplaced || weighty.every(({ version }) => isReady(pinned.get(version)!)))) {
    return { entry: goal, isDesired: true };
  }
  for (const old of carried) if (isReplaced || !pinned.has(old.version)) pinned.set(old.version, old);
  for (const old of aliasedBy(last)) if (!pinned.has(old.version)) pinned.set(old.version, old);
  const entry = withGeneration({ ...last, versions: [...pinned.values()] });
  return { entry, isDesired: entry.generation === goal?.generation };
}

/** A version whose file is being fetched anew stays pinned as it was: processes that hold it need no file. */
function pinnedAlready(
  version: VersionToServe,
  last: ServedDeployment | undefined,
): PinnedVersion | undefined {
  const old = last?.versions.find((one) => one.version === version.version);
  return old !== undefined && contentOf(old) === contentOf(pin(version, old.path)) ? old : undefined;
}

/**
 * Checks a declaration before it is accepted. A table is used whole or not at all, so one bad entry would keep every
 * inference process from following any. Throws `InvalidRoutingTable`.
 */
export function checkDesired(desired: DesiredServing): void {
  const pinned = new Map(
    desired.versions.map((version) => [version.version, pin(version, 'not fetched yet')]),
  );
  const missing = desired.variants.find(({ version }) => !pinned.has(version));
  if (missing !== undefined) {
    throw invalidRoutingTable(
      '/variants',
      `names ${missing.version}, which is not among the versions to hold`,
    );
  }
  const table = { format: 1, revision: 0, publishedAt: 'never', deployments: [entryOf(desired, pinned)] };
  checkRoutingTable(table);
}

/** What a version is, apart from where it lies. */
export function contentOf(pinned: PinnedVersion): string {
  const { digest, signature, examples, session, placement, replicas } = pinned;
  return JSON.stringify([digest, signature, examples, session, placement, replicas]);
}

function pin(version: VersionToServe, path: string): PinnedVersion {
  const { artifact, signature, examples, session, placement, replicas } = version;
  return {
    version: version.version,
    digest: artifact.digest,
    path,
    size: artifact.size,
    signature,
    examples,
    ...(session === undefined ? {} : { session }),
    ...(placement === undefined ? {} : { placement }),
    ...(replicas === undefined ? {} : { replicas }),
  };
}

/** The versions that an entry's variants name. */
function routedBy(entry: ServedDeployment): PinnedVersion[] {
  const routed = new Set(entry.variants.map(({ version }) => version));
  return entry.versions.filter(({ version }) => routed.has(version));
}

/** The versions that an entry has another name for. */
function aliasedBy(entry: ServedDeployment): PinnedVersion[] {
  const named = new Set(Object.values(entry.rules?.aliases ?? {}));
  return entry.versions.filter(({ version }) => named.has(version));
}

function isOther(old: PinnedVersion, next: PinnedVersion | undefined): boolean {
  return next !== undefined && contentOf(old) !== contentOf(next);
}

function entryOf(desired: DesiredServing, pinned: ReadonlyMap<string, PinnedVersion>): ServedDeployment {
  const { environment, name, model, commit, batching, limits, cache, logging } = desired;
  const rules = desired.rules && rulesAmong(desired.rules, pinned);
  const variants = desired.variants.filter(({ version }) => pinned.has(version));
  return withGeneration({
    environment,
    name,
    model,
    commit,
    versions: [...pinned.values()],
    variants,
    ...(rules === undefined ? {} : { rules }),
    batching,
    limits,
    ...(cache === undefined ? {} : { cache }),
    ...(logging === undefined ? {} : { logging }),
  });
}

/** Without what leads to a version that is not here yet. */
function rulesAmong(rules: TrafficRules, pinned: ReadonlyMap<string, PinnedVersion>): TrafficRules {
  const { matches, aliases } = rules;
  return {
    ...rules,
    ...(matches && { matches: matches.filter(({ version }) => pinned.has(version)) }),
    ...(aliases && {
      aliases: Object.fromEntries(Object.entries(aliases).filter(([, version]) => pinned.has(version))),
    }),
  };
}

function withGeneration(entry: Omit<ServedDeployment, 'generation'>): ServedDeployment {
  const { environment, name, model, commit, versions, variants, rules, batching, limits, cache, logging } =
    entry;
  const ruled = rules === undefined ? {} : { rules };
  const cached = cache === undefined ? {} : { cache };
  const logged = logging === undefined ? {} : { logging };
  const content = {
    environment,
    name,
    model,
    commit,
    versions,
    variants,
    ...ruled,
    batching,
    limits,
    ...cached,
    ...logged,
  };
  const generation = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
  return { ...content, generation };
}
