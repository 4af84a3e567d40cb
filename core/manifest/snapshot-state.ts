import { LayeredMap } from '../../libraries/layered-map/index.ts';
import { emptyIndex, type SetIndex } from '../../libraries/layered-map/set-index.ts';
import type { Ref, Resource } from '../plugin.ts';
import type { Claim } from './claim.ts';
import type { KindSet } from './kind-set.ts';
import type { ManifestFile } from './manifest-files.ts';
import type { Snapshot } from './snapshot.ts';
import type { Folder } from './tree.ts';

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

/** Keeps the inside of a snapshot, for as long as somebody has the snapshot. */
export function rememberState(snapshot: Snapshot, state: SnapshotState): void {
  states.set(snapshot, state);
}

const states = new WeakMap<Snapshot, SnapshotState>();

/** The state to start from: that of another snapshot read with the same kinds, or nothing. */
export function startFrom(previous: Snapshot | undefined, kinds: KindSet): SnapshotState {
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
