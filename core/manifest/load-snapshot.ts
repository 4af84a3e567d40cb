import type { KindDefinition, Ref, Reference, Resource } from '../plugin.ts';
import { findAttachments } from './attachments.ts';
import { breather } from './breathe.ts';
import { beginClaim, type Claim, formClaim, judgeClaim } from './claim.ts';
import { compareIssues, type Issue } from './issue.ts';
import { compileKinds, type KindSet, type Kinds } from './kind-set.ts';
import { LayeredMap } from './layered-map.ts';
import { type Entry, issuesOf, type ManifestFile, readManifestFiles } from './manifest-files.ts';
import type { ParseCache } from './parse-cache.ts';
import { type Known, patternsOf, referencesOf, rememberMembers, type Standing } from './references.ts';
import { emptyIndex, type SetIndex, SetIndexEdit } from './set-index.ts';
import type { Snapshot } from './snapshot.ts';
import { type Folder, type ManifestSource, readTree } from './tree.ts';

export type { ParseCache } from './parse-cache.ts';

export interface LoadOptions {
  readonly repository: ManifestSource;
  readonly commit: string;
  readonly kinds: Kinds;
  /** A snapshot of another commit of the same repository: what both share is not read, parsed or judged again. */
  readonly previous?: Snapshot | undefined;
  readonly cache?: ParseCache | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads all manifests of a commit. A pure function of the commit and of the kinds: `previous` and `cache` change what
 * it costs and nothing else, save that a resource which stands unchanged keeps its object, with the earlier
 * `origin.commit`. Throws only what the repository throws: whatever a file holds ends as an issue.
 */
export async function loadSnapshot(options: LoadOptions): Promise<Snapshot> {
  const { repository: source, commit, cache } = options;
  const kinds = compileKinds(options.kinds);
  const previous = options.previous;
  const before = startFrom(previous, kinds);
  const breathe = breather(options.signal);

  const { tree, committer } = await source.commit(commit);
  const { root, changes } = await readTree(source, tree, before.root);
  const changed = await readManifestFiles(changes, { source, kinds, cache, breathe });

  const claims = new ClaimEdit(before);
  claims.takeFiles(changed);
  claims.touchAttached(changes.keys());
  const begun = claims.begin();
  const requests = new Map(
    begun.filter((claim) => claim.requests.length > 0).map((claim) => [claim.ref, claim.requests]),
  );
  const attached = await findAttachments(requests, root, source, cache);
  for (const claim of begun)
    claims.form(formClaim(claim, attached.get(claim.ref), commit, before.claims.get(claim.ref)?.resource));
  for (const ref of claims.toJudge()) {
    claims.judge(ref);
    await breathe();
  }
  const state = claims.done(root, kinds, changed);
  cache?.whole?.();
  return makeSnapshot(commit, committer.time, state, previous);
}

/** What a snapshot remembers beside what it shows. */
export interface SnapshotState {
  readonly kinds: KindSet;
  readonly root: Folder | undefined;
  readonly files: LayeredMap<string, ManifestFile>;
  readonly claims: LayeredMap<Ref, Claim>;
  readonly resources: LayeredMap<Ref, Resource>;
  /** Claims that have issues or are not valid, and files with documents that could not be told. */
  readonly troubledClaims: LayeredMap<Ref, Claim>;
  readonly troubledFiles: LayeredMap<string, ManifestFile>;
  /** Target → those that refer to it, in whatever way. */
  readonly referrers: SetIndex;
  /** Target → those that are reconciled when it changes. */
  readonly wakers: SetIndex;
  /** `Kind/scope/*` → well-formed resources that it reaches. */
  readonly members: SetIndex;
  /** `Kind/scope/*` → those with a missing reference that could appear there. */
  readonly hopers: SetIndex;
  /** Path → those that stand on that file, whether or not it is there; folder with its slash → those that missed one in it. */
  readonly attachedBy: SetIndex;
}

/** The inside of a snapshot that `loadSnapshot` made. */
export function stateOf(snapshot: Snapshot): SnapshotState | undefined {
  return states.get(snapshot);
}

const states = new WeakMap<Snapshot, SnapshotState>();

/** The kind of a resource, as the snapshot was read with. */
export function kindIn(snapshot: Snapshot, resource: Resource): KindDefinition | undefined {
  return stateOf(snapshot)?.kinds.get(resource.kind)?.definition;
}

function startFrom(previous: Snapshot | undefined, kinds: KindSet): SnapshotState {
  const known = previous && stateOf(previous);
  if (known?.kinds.isSameAs(kinds)) return known;
  return {
    kinds,
    root: undefined,
    files: LayeredMap.of(new Map()),
    claims: LayeredMap.of(new Map()),
    resources: LayeredMap.of(new Map()),
    troubledClaims: LayeredMap.of(new Map()),
    troubledFiles: LayeredMap.of(new Map()),
    referrers: emptyIndex,
    wakers: emptyIndex,
    members: emptyIndex,
    hopers: emptyIndex,
    attachedBy: emptyIndex,
  };
}

/** Carries the claims of one commit over to another, touching only what differs and what refers to that. */
class ClaimEdit {
  readonly #before: SnapshotState;
  readonly #touched = new Set<Ref>();
  readonly #entries = new Map<Ref, Entry[]>();
  readonly #claims = new Map<Ref, Claim>();
  #changedFiles: ReadonlyMap<string, ManifestFile | undefined> = new Map();
  readonly #toJudge = new Set<Ref>();
  readonly #referrers: SetIndexEdit;
  readonly #wakers: SetIndexEdit;
  readonly #members: SetIndexEdit;
  readonly #hopers: SetIndexEdit;
  readonly #attachedBy: SetIndexEdit;
  readonly #known: Known & { standing(ref: Ref): Standing };

  constructor(before: SnapshotState) {
    this.#before = before;
    this.#referrers = new SetIndexEdit(before.referrers);
    this.#wakers = new SetIndexEdit(before.wakers);
    this.#members = new SetIndexEdit(before.members);
    this.#hopers = new SetIndexEdit(before.hopers);
    this.#attachedBy = new SetIndexEdit(before.attachedBy);
    this.#known = {
      get: (ref) => this.#claim(ref)?.resource,
      members: (pattern) => this.#members.get(pattern),
      standing: (ref) => standingOf(this.#claim(ref)),
    };
  }

  takeFiles(changed: ReadonlyMap<string, ManifestFile | undefined>): void {
    this.#changedFiles = changed;
    for (const [path, file] of changed) {
      for (const { ref, guess } of this.#before.files.get(path)?.entries ?? []) this.#touch(ref ?? guess);
      for (const entry of file?.entries ?? []) {
        const ref = entry.ref ?? entry.guess;
        if (ref === undefined) continue;
        this.#touch(ref);
        const others = this.#entries.get(ref);
        if (others) others.push(entry);
        else this.#entries.set(ref, [entry]);
      }
    }
  }

  touchAttached(paths: Iterable<string>): void {
    for (const path of paths) {
      for (const ref of this.#before.attachedBy.get(path) ?? []) this.#touch(ref);
      for (let slash = path.length; slash > 0; ) {
        slash = path.lastIndexOf('/', slash - 1);
        for (const ref of this.#before.attachedBy.get(path.slice(0, slash + 1)) ?? []) this.#touch(ref);
      }
    }
  }

  #touch(ref: Ref | undefined): void {
    if (ref !== undefined) this.#touched.add(ref);
  }

  begin(): Claim[] {
    return [...this.#touched].map((ref) => {
      const before = this.#before.claims.get(ref)?.entries ?? [];
      const staying = before.filter(({ path }) => !this.#changedFiles.has(path));
      return beginClaim(ref, [...staying, ...(this.#entries.get(ref) ?? [])]);
    });
  }

  /** Takes a formed claim over, and what others may see of it. */
  form(claim: Claim): void {
    const { ref, resource } = claim;
    const before = this.#before.claims.get(ref);
    this.#claims.set(ref, claim);
    this.#toJudge.add(ref);
    this.#attachedBy.move(ref, pathsOf(before), pathsOf(claim));
    if (before?.resource === resource && standingOf(before) === standingOf(claim)) return;

    const references = referencesIn(claim);
    const earlier = referencesIn(before);
    this.#referrers.move(ref, targetsOf(earlier), targetsOf(references));
    this.#wakers.move(ref, targetsOf(earlier.filter(wakes)), targetsOf(references.filter(wakes)));
    const patterns = patternsOf(ref);
    this.#members.move(ref, before?.resource ? patterns : nothing, resource ? patterns : nothing);

    for (const referrer of this.#referrers.get(ref)) this.#toJudge.add(referrer);
    for (const pattern of patterns) {
      for (const referrer of this.#referrers.get(pattern)) this.#toJudge.add(referrer);
      for (const hoper of this.#hopers.get(pattern)) this.#toJudge.add(hoper);
    }
  }

  toJudge(): Ref[] {
    return [...this.#toJudge];
  }

  judge(ref: Ref): void {
    const claim = this.#claim(ref);
    if (claim === undefined) return;
    const judged = judgeClaim(claim, this.#known);
    this.#hopers.move(ref, this.#before.claims.get(ref)?.hopes ?? nothing, judged.hopes);
    this.#claims.set(ref, judged);
  }

  done(root: Folder, kinds: KindSet, changed: ReadonlyMap<string, ManifestFile | undefined>): SnapshotState {
    const claims = new Map<Ref, Claim | undefined>();
    const resources = new Map<Ref, Resource | undefined>();
    const troubled = new Map<Ref, Claim | undefined>();
    for (const [ref, claim] of this.#claims) {
      const exists = claim.entries.length > 0;
      const resource = claim.isValid ? claim.resource : undefined;
      claims.set(ref, exists ? claim : undefined);
      if (this.#before.resources.get(ref) !== resource) resources.set(ref, resource);
      const isTroubled = exists && (!claim.isValid || claim.issues.length > 0);
      if (isTroubled || this.#before.troubledClaims.has(ref))
        troubled.set(ref, isTroubled ? claim : undefined);
    }
    const troubledFiles = new Map<string, ManifestFile | undefined>();
    for (const [path, file] of changed) {
      const isTroubled = file?.entries.some(({ ref }) => ref === undefined) === true;
      if (isTroubled || this.#before.troubledFiles.has(path))
        troubledFiles.set(path, isTroubled ? file : undefined);
    }
    return {
      kinds,
      root,
      files: this.#before.files.with(changed),
      claims: this.#before.claims.with(claims),
      resources: this.#before.resources.with(resources),
      troubledClaims: this.#before.troubledClaims.with(troubled),
      troubledFiles: this.#before.troubledFiles.with(troubledFiles),
      referrers: this.#referrers.done(),
      wakers: this.#wakers.done(),
      members: this.#members.done(),
      hopers: this.#hopers.done(),
      attachedBy: this.#attachedBy.done(),
    };
  }

  #claim(ref: Ref): Claim | undefined {
    return this.#claims.get(ref) ?? this.#before.claims.get(ref);
  }
}

function makeSnapshot(
  commit: string,
  time: number,
  state: SnapshotState,
  previous: Snapshot | undefined,
): Snapshot {
  rememberMembers(state.resources, state.members);
  const trouble = troubleStayed(state, previous) ?? findTrouble(state);
  const snapshot: Snapshot = Object.freeze({
    commit,
    time,
    resources: state.resources,
    referrers: state.wakers,
    issues: trouble.issues,
    broken: trouble.broken,
    unidentified: trouble.unidentified,
  });
  states.set(snapshot, state);
  return snapshot;
}

type Trouble = Pick<Snapshot, 'issues' | 'broken' | 'unidentified'>;

/** What was wrong before, where nothing of it changed: a registry may have many warnings. */
function troubleStayed(state: SnapshotState, previous: Snapshot | undefined): Trouble | undefined {
  const before = previous && stateOf(previous);
  const isSame =
    before?.troubledClaims === state.troubledClaims &&
    before.troubledFiles === state.troubledFiles &&
    (before.attachedBy === state.attachedBy || state.troubledFiles.size === 0);
  return isSame ? previous : undefined;
}

function findTrouble(state: SnapshotState): Trouble {
  const issues: Issue[] = [];
  const broken = new Map<Ref, string>();
  for (const ref of [...state.troubledClaims.keys()].sort()) {
    const claim = state.troubledClaims.get(ref);
    if (claim === undefined) continue;
    issues.push(...claim.issues);
    if (!claim.isValid) broken.set(ref, claim.entries[0]?.path ?? '');
  }
  const unidentified: string[] = [];
  for (const [path, file] of state.troubledFiles) {
    if (isAttachmentOnly(file, state)) continue;
    const lost = file.entries.filter((entry) => entry.ref === undefined);
    const found = lost.flatMap((entry) => issuesOf(entry));
    if (found.some(({ severity }) => severity === 'error')) unidentified.push(path);
    // Those that seem to be a resource are told with it.
    issues.push(...lost.filter((entry) => entry.guess === undefined).flatMap((entry) => issuesOf(entry)));
  }
  issues.sort(compareIssues);
  unidentified.sort();
  return { issues: Object.freeze(issues), broken, unidentified: Object.freeze(unidentified) };
}

/** A YAML file that a resource stands on need not be a manifest, even among manifests. */
function isAttachmentOnly({ path, entries }: ManifestFile, state: SnapshotState): boolean {
  return (
    state.attachedBy.has(path) && entries.every(({ ref, guess }) => ref === undefined && guess === undefined)
  );
}

function standingOf(claim: Claim | undefined): Standing {
  if (claim === undefined || claim.entries.length === 0) return 'absent';
  return claim.resource === undefined ? 'broken' : 'there';
}

function referencesIn(claim: Claim | undefined): readonly Reference[] {
  if (claim?.resource === undefined) return [];
  return referencesOf(claim.resource, claim.kind?.definition).references;
}

function pathsOf(claim: Claim | undefined): readonly string[] {
  if (claim === undefined || claim.requests.length === 0) return nothing;
  return [...claim.requests.map(({ path }) => path), ...claim.searched];
}

function wakes(reference: { readonly wakes?: boolean }): boolean {
  return reference.wakes !== false;
}

function targetsOf(references: readonly Reference[]): readonly Ref[] {
  return references.map(({ to }) => to);
}

const nothing: readonly string[] = [];
