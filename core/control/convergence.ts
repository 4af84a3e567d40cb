import type { Commit, Repository } from '../../libraries/git/repository.ts';
import type { Admission } from '../capabilities/admission.ts';
import type { EventBus } from '../host/events.ts';
import { diff } from '../manifest/diff.ts';
import { compareIssues, type Issue } from '../manifest/issue.ts';
import { type LastGood, lastGoodFromHistory, withLastGood } from '../manifest/last-good.ts';
import { loadSnapshot, type ParseCache } from '../manifest/load-snapshot.ts';
import { massRemovalFrom } from '../manifest/mass-removal.ts';
import { relatedView } from '../manifest/references.ts';
import type { Snapshot } from '../manifest/snapshot.ts';
import {
  type Change,
  type Controller,
  codeOf,
  type KindDefinition,
  type Providers,
  type Ref,
  type Resource,
} from '../plugin.ts';
import type { SnapshotRecord, Store } from '../state/store.ts';
import type { Clock } from './clock.ts';
import { type Held, refusalOf } from './held.ts';
import { makePlan } from './plan.ts';
import { snapshotLoader } from './plan-between.ts';
import type { Goal, Reconciler } from './reconciler.ts';
import { lastSeen } from './suspension.ts';

export interface ConvergenceOptions {
  readonly repository: Repository;
  readonly store: Store;
  readonly reconciler: Reconciler;
  readonly events: EventBus;
  readonly clock: Clock;
  readonly cache: ParseCache;
  readonly kinds: ReadonlyMap<string, KindDefinition>;
  readonly controllers: ReadonlyMap<string, Controller>;
  /** Kind → plugin. */
  readonly owners: ReadonlyMap<string, string>;
  /** Who must admit a commit before it is applied. */
  readonly admissions: Providers<Admission>;
  /** Plans and stores the plan; touches nothing. */
  readonly dryRun: boolean;
}

/** Turns a commit into the reconciler's goal: snapshot, last good, hold, plan, record, pursue. */
export class Convergence {
  readonly #options: ConvergenceOptions;
  /** What was handed to controllers last, by this process or an earlier one. */
  #applied: ReadonlyMap<Ref, Resource> = new Map();
  #appliedCommit: string | null = null;
  /** The commit that was applied last, by this process or an earlier one. */
  #last: string | null = null;
  #snapshot: Snapshot | undefined;
  #issues: readonly Issue[] = [];
  #held: Held | null = null;
  #fresh = true;
  #stoodOn: string | null = null;

  constructor(options: ConvergenceOptions) {
    this.#options = options;
  }

  /** The newest snapshot that was read, applied or held. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** What is wrong in the newest snapshot, and what is kept in spite of it and why. */
  get issues(): readonly Issue[] {
    return this.#issues;
  }

  /** What is being converged to. */
  get applied(): ReadonlyMap<Ref, Resource> {
    return this.#applied;
  }

  get appliedCommit(): string | null {
    return this.#appliedCommit;
  }

  get held(): Held | null {
    return this.#held;
  }

  /** Takes over what an earlier run of the kernel applied. */
  async resume(): Promise<void> {
    const { store } = this.#options;
    this.#applied = new Map((await store.inventory()).map((resource) => [resource.ref, resource]));
    this.#last = (await store.journal({ type: 'snapshot.applied', limit: 1 }))[0]?.commit ?? null;
  }

  /**
   * Converges to a commit. Idempotent: the same commit again does nothing, unless it was acknowledged or admitted since.
   * A commit that is not admitted is not even read; what was admitted last goes on.
   */
  async to(commit: string): Promise<void> {
    if (this.#snapshot?.commit === commit && this.#held === null) return;
    const last = this.#last;
    const refusal = last === commit ? null : await refusalOf(commit, last, this.#options.admissions);
    if (refusal === null) return this.#converge(commit);
    const { held } = refusal;
    await this.#standOn(refusal.lastAdmitted ?? last);
    if (this.#held?.commit === commit && this.#held.message === held.message) return;
    this.#held = held;
    await Promise.all([
      this.#options.store.putSnapshot({
        commit,
        time: this.#time(),
        state: 'held',
        message: held.message,
        resources: 0,
        issues: [],
      }),
      this.#journalHeld(held),
    ]);
    this.#options.events.emit('snapshot.held', held);
  }

  /** What may be applied goes on, or is caught up with, under a commit that may not. */
  async #standOn(commit: string | null): Promise<void> {
    if (commit === null || commit === this.#stoodOn) return;
    try {
      if (this.#fresh || commit !== this.#appliedCommit) await this.#converge(commit);
    } catch (thrown) {
      // Somebody rewrote the branch and collected what was there: what runs goes on, and is not looked up again.
      if (codeOf(thrown) !== 'ObjectMissing') throw thrown;
    }
    this.#stoodOn = commit;
  }

  async #converge(commit: string): Promise<void> {
    const { repository, store, reconciler, events, kinds, cache } = this.#options;
    const again = this.#snapshot?.commit === commit && this.#held?.commit === commit;
    if (again && !(await this.#isAcknowledged(commit))) return;
    const about = repository.commit(commit);
    about.catch(() => {}); // told by loadSnapshot, which reads it too
    const snapshot = await loadSnapshot({ repository, commit, kinds, cache, previous: this.#snapshot });
    const found = await this.#recoverLastGood(snapshot);
    const good = withLastGood(snapshot, found);
    const removed = good.removed.flatMap((ref) => this.#applied.get(ref) ?? []);
    const { resources } = good;
    const changes = diff(this.#applied, resources, good.referrers);
    const load = snapshotLoader({ repository, kinds, cache: () => cache }, () => snapshot);
    const seen = await lastSeen(changes, (ref) => reconciler.status(ref), load);
    const from = this.#last;
    const plan = makePlan({ from, to: commit, changes, resources, seen }, this.#options);
    const held = await this.#reasonToHold(commit, good);
    const issues = issuesOf(snapshot, good);
    const isNew = from !== commit; // else it is read again after a restart, and the plan that led to it stays
    // Asked for in one turn, and so written in one transaction.
    await Promise.all([
      ...(isNew ? [store.putPlan({ from, to: commit, time: this.#time(), plan })] : []),
      store.putSnapshot(this.#recordOf(snapshot, issues, held)),
      ...(held
        ? [this.#journalHeld(held)]
        : [store.putInventory(touchedBy(changes)), this.#journalApplied(await about, issues, changes)]),
    ]);
    const steps = plan.changes.reduce((sum, change) => sum + change.steps.length, 0);
    if (isNew) events.emit('plan.made', { from, to: commit, steps });
    this.#snapshot = snapshot;
    this.#issues = issues;
    this.#held = held;
    if (held) events.emit('snapshot.held', held);
    else this.#apply(snapshot, good, changes, removed);
  }

  #apply(
    snapshot: Snapshot,
    { resources, referrers }: LastGood,
    changes: readonly Change[],
    removed: readonly Resource[],
  ): void {
    const { reconciler, events, kinds } = this.#options;
    const { commit } = snapshot;
    const goal: Goal = {
      commit,
      resources,
      invalid: invalidOf(this.#issues),
      referrers,
      related: (resource) => relatedView(resource, kinds.get(resource.kind), resources),
    };
    const changed = changes.flatMap((change) => (change.type === 'removed' ? [] : [change.next.ref]));
    const first = this.#fresh ? resources.keys() : [];
    this.#applied = resources;
    this.#appliedCommit = commit;
    this.#last = commit;
    this.#fresh = false;
    reconciler.pursue(goal, [...new Set([...changed, ...first])], removed);
    events.emit('snapshot.applied', {
      commit,
      resources: resources.size,
      issues: this.#issues.length,
    });
  }

  /** With nothing applied yet, the last good version of a broken document comes from Git's own history. */
  async #recoverLastGood(snapshot: Snapshot): Promise<ReadonlyMap<Ref, Resource>> {
    const { repository, kinds, cache } = this.#options;
    const unknown = [...snapshot.broken].filter(([ref]) => !this.#applied.has(ref));
    const isWhole = unknown.length === 0 && snapshot.unidentified.length === 0;
    if (isWhole || !this.#fresh) return this.#applied;
    const broken = new Map(unknown);
    const recovered = await lastGoodFromHistory({ repository, snapshot, kinds, cache, broken });
    return new Map([...recovered, ...this.#applied]);
  }

  async #reasonToHold(commit: string, good: LastGood): Promise<Held | null> {
    if (this.#options.dryRun) {
      return { commit, reason: 'DryRun', message: 'dry run: planned, not applied' };
    }
    const verdict = massRemovalFrom(this.#applied, good);
    if (verdict === undefined || (await this.#isAcknowledged(commit))) return null;
    return { commit, ...verdict };
  }

  #isAcknowledged(commit: string): Promise<boolean> {
    return this.#options.store.note(acknowledgementOf(commit)).then((note) => note !== undefined);
  }

  #recordOf(snapshot: Snapshot, issues: readonly Issue[], held: Held | null): SnapshotRecord {
    return {
      commit: snapshot.commit,
      time: this.#time(),
      state: held ? 'held' : 'applied',
      message: held?.message ?? '',
      resources: snapshot.resources.size,
      issues,
    };
  }

  async #journalHeld({ commit, reason, message, cause }: Held): Promise<void> {
    const { store, reconciler } = this.#options;
    const [last] = await store.journal({ type: 'snapshot.held', limit: 1 });
    if (last?.commit === commit && last.message === message) return;
    const data = cause === undefined ? { reason } : { reason, cause };
    await reconciler.record({ type: 'snapshot.held', ref: null, commit, message, data });
  }

  /** One entry a commit, also when a crash made the kernel apply it twice. */
  async #journalApplied(info: Commit, issues: readonly Issue[], changes: readonly Change[]): Promise<void> {
    const { reconciler } = this.#options;
    const previous = this.#last;
    if (previous === info.id) return;
    const counts = { added: 0, changed: 0, removed: 0, affected: 0 };
    for (const { type } of changes) counts[type] += 1;
    await reconciler.record({
      type: 'snapshot.applied',
      ref: null,
      commit: info.id,
      message: subjectOf(info),
      data: {
        ...counts,
        author: info.author.name,
        committer: info.committer.name,
        previous,
        issues: issues.length,
        ...((await this.#isRewrite(info, previous)) ? { historyRewritten: true } : {}),
      },
    });
  }

  /** Whether what was applied before is no longer in the history: a force push. */
  async #isRewrite(commit: Commit, previous: string | null): Promise<boolean> {
    if (previous === null || commit.parents.includes(previous)) return false;
    try {
      return !(await this.#options.repository.isAncestor(previous, commit.id));
    } catch {
      return true; // the previous commit is gone from the object store altogether
    }
  }

  #time(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

/** What controllers are about to be handed, as the inventory keeps it. */
function touchedBy(changes: readonly Change[]): Resource[] {
  return changes.flatMap((change) =>
    change.type === 'added' || change.type === 'changed' ? [change.next] : [],
  );
}

/** The store's key of a human's word that a held commit may be applied. */
export function acknowledgementOf(commit: string): string {
  return `acknowledged:${commit}`;
}

function subjectOf(commit: Commit): string {
  return commit.message.split('\n', 1)[0] ?? '';
}

/** The issues of the snapshot, and those that came up when last good versions took their places. */
function issuesOf(snapshot: Snapshot, good: LastGood): readonly Issue[] {
  if (good.kept.size === 0 && good.refused.size === 0) return snapshot.issues;
  const all = new Set(snapshot.issues);
  for (const issues of [...good.kept.values(), ...good.refused.values()]) {
    for (const issue of issues) all.add(issue);
  }
  return [...all].sort(compareIssues);
}

/** What Ready says about documents whose newest version is not valid. */
function invalidOf(issues: readonly Issue[]): Map<Ref, { reason: string; message: string }> {
  const errors = new Map<Ref, Issue[]>();
  for (const issue of issues) {
    if (issue.ref === undefined || issue.severity !== 'error') continue;
    const others = errors.get(issue.ref);
    if (others) others.push(issue);
    else errors.set(issue.ref, [issue]);
  }
  const invalid = new Map<Ref, { reason: string; message: string }>();
  for (const [ref, [first, ...more]] of errors) {
    if (first === undefined) continue;
    const place = `${first.path}:${first.line}:${first.column}`;
    const rest = more.length > 0 ? ` (and ${more.length} more)` : '';
    invalid.set(ref, { reason: 'InvalidManifest', message: `${place}: ${first.message}${rest}` });
  }
  return invalid;
}
