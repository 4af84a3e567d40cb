import { SetIndexEdit } from '../../libraries/layered-map/set-index.ts';
import type { Ref, Reference, Resource } from '../plugin.ts';
import type { Attached } from './attachments.ts';
import { beginClaim, type Claim, formClaim, judgeClaim } from './claim.ts';
import type { KindSet } from './kind-set.ts';
import type { Entry, ManifestFile } from './manifest-files.ts';
import { type Known, patternsOf, referencesOf, type Standing } from './references.ts';
import type { SnapshotState } from './snapshot-state.ts';
import type { Folder } from './tree.ts';

/** Carries the claims of one commit over to another, touching only what differs and what refers to that. */
export class ClaimEdit {
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
      for (const { ref, guess } of this.#before.files.get(path)?.entries ?? []) this.touch(ref ?? guess);
      for (const entry of file?.entries ?? []) {
        const ref = entry.ref ?? entry.guess;
        if (ref === undefined) continue;
        this.touch(ref);
        const others = this.#entries.get(ref);
        if (others) others.push(entry);
        else this.#entries.set(ref, [entry]);
      }
    }
  }

  touchAttached(paths: Iterable<string>): void {
    for (const path of paths) {
      for (const ref of this.#before.attachedBy.get(path) ?? []) this.touch(ref);
      for (let slash = path.length; slash > 0; ) {
        slash = path.lastIndexOf('/', slash - 1);
        for (const ref of this.#before.attachedBy.get(path.slice(0, slash + 1)) ?? []) this.touch(ref);
      }
    }
  }

  /** Has a claim formed anew. */
  touch(ref: Ref | undefined): void {
    if (ref !== undefined) this.#touched.add(ref);
  }

  /** The claims to form anew. */
  *begin(): Iterable<Claim> {
    for (const ref of this.#touched) {
      const before = this.#before.claims.get(ref)?.entries ?? [];
      const staying = before.filter(({ path }) => !this.#changedFiles.has(path));
      yield beginClaim(ref, [...staying, ...(this.#entries.get(ref) ?? [])]);
    }
  }

  /** Forms a claim, with what others may see of it. */
  form(begun: Claim, attached: Attached | undefined, commit: string): void {
    const { ref } = begun;
    const before = this.#before.claims.get(ref);
    const claim = formClaim(begun, attached, commit, before?.resource);
    const { resource } = claim;
    this.#claims.set(ref, claim);
    this.#toJudge.add(ref);
    this.#attachedBy.move(ref, pathsOf(before), pathsOf(claim));
    if (before?.resource === resource && standingOf(before) === standingOf(claim)) return;

    this.#refer(before, claim);
    for (const referrer of this.#referrers.get(ref)) this.#toJudge.add(referrer);
    for (const pattern of patternsOf(ref)) {
      for (const referrer of this.#referrers.get(pattern)) this.#toJudge.add(referrer);
      for (const hoper of this.#hopers.get(pattern)) this.#toJudge.add(hoper);
    }
  }

  /** Takes over a claim that was formed and judged by an earlier process, over an empty state. */
  restore(claim: Claim): void {
    this.#claims.set(claim.ref, claim);
    const { ref, resource } = claim;
    this.#attachedBy.move(ref, nothing, pathsOf(claim));
    this.#hopers.move(ref, nothing, claim.hopes);
    if (resource === undefined) return;
    for (const reference of referencesIn(claim)) {
      this.#referrers.add(ref, reference.to);
      if (wakes(reference)) this.#wakers.add(ref, reference.to);
    }
    for (const pattern of patternsOf(ref)) this.#members.add(ref, pattern);
  }

  #refer(before: Claim | undefined, claim: Claim): void {
    const references = referencesIn(claim);
    const earlier = referencesIn(before);
    this.#referrers.move(claim.ref, targetsOf(earlier), targetsOf(references));
    this.#wakers.move(claim.ref, targetsOf(earlier.filter(wakes)), targetsOf(references.filter(wakes)));
    const patterns = patternsOf(claim.ref);
    this.#members.move(claim.ref, before?.resource ? patterns : nothing, claim.resource ? patterns : nothing);
  }

  /** What changed, and what refers to that. */
  toJudge(): readonly Ref[] {
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
