import type { Repository } from '../../libraries/git/repository.ts';
import { LayeredMap } from '../../libraries/layered-map/index.ts';
import { type SetIndex, SetIndexEdit } from '../../libraries/layered-map/set-index.ts';
import type { KindDefinition, Ref, Resource } from '../plugin.ts';
import { isError } from './claim.ts';
import { compareIssues, type Issue, placedIssue, toIssue } from './issue.ts';
import type { Kinds } from './kind-set.ts';
import { loadSnapshot, type ParseCache } from './load-snapshot.ts';
import { Positions } from './positions.ts';
import {
  isPattern,
  type Known,
  patternsOf,
  referencesOf,
  rememberMembers,
  validateAmong,
} from './references.ts';
import type { Snapshot } from './snapshot.ts';
import { type SnapshotState, stateOf } from './snapshot-state.ts';

/** What to converge to, once broken documents are replaced by their last good version. */
export interface LastGood {
  readonly resources: ReadonlyMap<Ref, Resource>;
  /** Resources that are not as the commit has them but as they were applied, and why. */
  readonly kept: ReadonlyMap<Ref, readonly Issue[]>;
  /** Resources of the commit that stand on something broken, and have no earlier version to keep. */
  readonly refused: ReadonlyMap<Ref, readonly Issue[]>;
  /** Applied resources that the commit gives up. */
  readonly removed: readonly Ref[];
  /** `Snapshot.referrers`, with those of the kept versions. */
  readonly referrers: ReadonlyMap<Ref, ReadonlySet<Ref>>;
}

/**
 * A broken document keeps its applied version, and so does all that this version refers to. What refers to something
 * broken is judged against the version that stays; where none stays, it is broken itself. While any document cannot be
 * identified, nothing is removed: it could be the one. Pure.
 */
export function withLastGood(snapshot: Snapshot, applied: ReadonlyMap<Ref, Resource>): LastGood {
  const state = stateOf(snapshot);
  if (state === undefined) throw new TypeError('not a snapshot of loadSnapshot');
  const good = new Recovery(snapshot, state, applied);
  good.keepBroken();
  if (snapshot.unidentified.length > 0) good.keepAbsent();
  good.judgeReferrers();
  good.keepReferenced();
  return good.result();
}

class Recovery {
  readonly #snapshot: Snapshot;
  readonly #state: SnapshotState;
  readonly #applied: ReadonlyMap<Ref, Resource>;
  /** What differs from the snapshot's resources. */
  readonly #changes = new Map<Ref, Resource | undefined>();
  readonly #kept = new Map<Ref, Issue[]>();
  readonly #refused = new Map<Ref, Issue[]>();
  readonly #toJudge: Ref[] = [];

  constructor(snapshot: Snapshot, state: SnapshotState, applied: ReadonlyMap<Ref, Resource>) {
    this.#snapshot = snapshot;
    this.#state = state;
    this.#applied = applied;
  }

  keepBroken(): void {
    for (const ref of this.#snapshot.broken.keys()) {
      const claim = this.#state.claims.get(ref);
      const issues = claim?.issues.filter(({ severity }) => severity === 'error') ?? [];
      this.#fallBack(ref, issues);
      // Those that refer to it were judged against what the commit says of it, if they could be.
      if (claim?.resource === undefined || this.#resource(ref) !== claim.resource) this.#askReferrers(ref);
    }
  }

  keepAbsent(): void {
    const [path = ''] = this.#snapshot.unidentified;
    for (const ref of LayeredMap.differing(this.#applied, this.#snapshot.resources)) {
      const resource = this.#applied.get(ref);
      if (resource === undefined || this.#resource(ref) !== undefined || this.#state.claims.has(ref))
        continue;
      const message = `it is no longer declared, and is kept while ${path} cannot be read: it could be there`;
      this.#keep(resource, [keptIssue('RemovalHeld', message, `Repair ${path}.`, resource)]);
      this.#askReferrers(ref);
    }
  }

  /** A resource may lose its footing, and then those that refer to it are asked in turn. */
  judgeReferrers(): void {
    for (let ref = this.#toJudge.pop(); ref !== undefined; ref = this.#toJudge.pop()) {
      const claim = this.#state.claims.get(ref);
      if (claim?.resource === undefined || this.#resource(ref) !== claim.resource) continue;
      if (!this.#snapshot.resources.has(ref)) continue; // kept, and as it was
      const issues = this.#judge(claim.resource);
      if (issues.length === 0) continue;
      this.#fallBack(ref, issues);
      if (this.#resource(ref) !== claim.resource) this.#askReferrers(ref);
    }
  }

  /** A kept version goes on with what it refers to, also with what the commit gave up. */
  keepReferenced(): void {
    const open = [...this.#kept.keys()];
    for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
      const resource = this.#resource(ref);
      if (resource === undefined) continue;
      for (const { to } of referencesOf(resource, this.#kindOf(resource)).references) {
        const target = isPattern(to) ? undefined : this.#applied.get(to);
        if (target === undefined || this.#resource(to) !== undefined) continue;
        const message = `it is no longer declared, and is kept because ${ref} still refers to it`;
        this.#keep(target, [keptIssue('KeptForReference', message, `Repair ${ref} first.`, target)]);
        open.push(to);
      }
    }
  }

  result(): LastGood {
    const { resources, wakers, members } = this.#state;
    const effective = resources.with(this.#changes);
    const removed: Ref[] = [];
    for (const ref of LayeredMap.differing(this.#applied, effective)) {
      const resource = this.#applied.get(ref);
      if (resource === undefined || effective.has(ref)) continue;
      referencesOf(resource, this.#kindOf(resource)); // remembered: the order of removal follows it
      removed.push(ref);
    }
    if (effective !== resources)
      rememberMembers(
        effective,
        this.#withKept(members, (ref) => patternsOf(ref)),
      );
    return {
      resources: effective,
      kept: this.#kept,
      refused: this.#refused,
      removed: removed.sort(),
      referrers: this.#withReferencesOfKept(wakers),
    };
  }

  #resource(ref: Ref): Resource | undefined {
    return this.#changes.has(ref) ? this.#changes.get(ref) : this.#snapshot.resources.get(ref);
  }

  #kindOf(resource: Resource): KindDefinition | undefined {
    return this.#state.kinds.get(resource.kind)?.definition;
  }

  #fallBack(ref: Ref, issues: readonly Issue[]): void {
    const applied = this.#applied.get(ref);
    if (applied) {
      this.#keep(applied, issues);
    } else {
      this.#changes.set(ref, undefined);
      this.#refused.set(ref, [...issues]);
    }
  }

  #keep(resource: Resource, issues: readonly Issue[]): void {
    this.#changes.set(resource.ref, resource);
    this.#kept.set(resource.ref, [...issues].sort(compareIssues));
  }

  #askReferrers(ref: Ref): void {
    for (const target of [ref, ...patternsOf(ref)])
      this.#toJudge.push(...(this.#state.referrers.get(target) ?? []));
  }

  #judge(resource: Resource): Issue[] {
    const kind = this.#kindOf(resource);
    const entry = this.#state.claims.get(resource.ref)?.entries.find(({ ref }) => ref !== undefined);
    if (kind === undefined || entry === undefined) return [];
    const { path, document } = entry;
    const positions = new Positions(document.value ?? null, document.positions, document);
    const { references } = referencesOf(resource, kind);
    const issues: Issue[] = [];
    for (const { to, pointer, optional } of references) {
      if (isPattern(to) || optional === true || this.#resource(to) !== undefined) continue;
      const finding = {
        code: 'BrokenReference',
        pointer,
        message: `${to} is broken, and has no earlier version that is valid`,
        hint: `Repair ${this.#snapshot.broken.get(to) ?? 'it'} first.`,
      };
      issues.push(toIssue(finding, { path, ref: resource.ref, positions }));
    }
    if (issues.length > 0) return issues;
    const known: Known = {
      get: (ref) => this.#resource(ref),
      members: (pattern) => this.#membersWithKept(pattern),
    };
    const findings = validateAmong(resource, kind, known).filter(isError);
    return findings.map((finding) => toIssue(finding, { path, ref: resource.ref, positions }));
  }

  #membersWithKept(pattern: Ref): Iterable<Ref> {
    const members = new Set(this.#state.members.get(pattern));
    for (const ref of this.#kept.keys()) if (patternsOf(ref).includes(pattern)) members.add(ref);
    return members;
  }

  #withReferencesOfKept(wakers: SetIndex): SetIndex {
    return this.#withKept(wakers, (ref) => {
      const resource = this.#resource(ref);
      const { references } = resource ? referencesOf(resource, this.#kindOf(resource)) : { references: [] };
      return references.filter(({ wakes }) => wakes !== false).map(({ to }) => to);
    });
  }

  #withKept(index: SetIndex, keysOf: (ref: Ref) => readonly Ref[]): SetIndex {
    if (this.#kept.size === 0) return index;
    const edit = new SetIndexEdit(index);
    for (const ref of this.#kept.keys()) edit.move(ref, [], keysOf(ref));
    return edit.done();
  }
}

function keptIssue(code: string, message: string, hint: string, { ref, origin }: Resource): Issue {
  return placedIssue({ code, pointer: '', message, hint, severity: 'warning' }, origin.path, ref, origin);
}

export interface HistoryOptions {
  readonly repository: Repository;
  readonly snapshot: Snapshot;
  readonly kinds: Kinds;
  /** Broken refs without a version that was applied, each with its path. */
  readonly broken: ReadonlyMap<Ref, string>;
  readonly cache?: ParseCache;
  /** How many commits of a path are looked at. Default 50. */
  readonly limit?: number;
}

/**
 * The newest version of each broken resource that was valid in its commit, from first-parent history, with all that it
 * refers to and that is gone since: what would be applied, had the store not been lost. Files that cannot be told are
 * looked up by their path as well.
 */
export async function lastGoodFromHistory(options: HistoryOptions): Promise<Map<Ref, Resource>> {
  const { snapshot, broken } = options;
  const history = new History(options);
  const found = new Map<Ref, Resource>();
  for (const [ref, path] of broken) {
    if (found.has(ref)) continue;
    for await (const then of history.before(path)) {
      const resource = then.get(ref);
      if (resource === undefined) continue;
      history.take(resource, then, found);
      break;
    }
  }
  for (const path of snapshot.unidentified) {
    for await (const then of history.before(path)) {
      const lost = [...then.values()].filter(({ origin }) => origin.path === path);
      if (lost.length === 0) continue;
      for (const resource of lost) history.take(resource, then, found);
      break;
    }
  }
  return found;
}

/** Snapshots of the past, each read once and as a difference to the present. */
class History {
  readonly #options: HistoryOptions;
  readonly #snapshots = new Map<string, Promise<ReadonlyMap<Ref, Resource> | undefined>>();

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** What was good at the commits that touched a path and just before each of them, newest first. */
  async *before(path: string): AsyncIterable<ReadonlyMap<Ref, Resource>> {
    const { repository, snapshot, limit = 50 } = this.#options;
    for (const { id, parents } of await repository.log(snapshot.commit, { path, limit })) {
      for (const commit of [id, parents[0]]) {
        if (commit === undefined || commit === snapshot.commit) continue;
        const good = await this.#goodAt(commit);
        if (good === undefined) return;
        yield good;
      }
    }
  }

  take(resource: Resource, then: ReadonlyMap<Ref, Resource>, found: Map<Ref, Resource>): void {
    const { snapshot } = this.#options;
    const open = [resource];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next.ref) || snapshot.resources.has(next.ref)) continue;
      found.set(next.ref, next);
      const kind = stateOf(snapshot)?.kinds.get(next.kind)?.definition;
      for (const { to } of referencesOf(next, kind).references) {
        const target = then.get(to);
        if (target) open.push(target);
      }
    }
  }

  /** Undefined where the commit cannot be read: history ends early in a shallow clone. */
  #goodAt(commit: string): Promise<ReadonlyMap<Ref, Resource> | undefined> {
    const known = this.#snapshots.get(commit);
    if (known) return known;
    const { repository, kinds, snapshot, cache } = this.#options;
    const good = loadSnapshot({ repository, commit, kinds, previous: snapshot, cache }).then(
      (then) => withLastGood(then, new Map()).resources,
      () => undefined,
    );
    this.#snapshots.set(commit, good);
    return good;
  }
}
