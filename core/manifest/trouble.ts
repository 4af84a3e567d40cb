import type { Ref } from '../plugin.ts';
import { compareIssues, type Issue } from './issue.ts';
import { issuesOf, type ManifestFile } from './manifest-files.ts';
import { rememberMembers } from './references.ts';
import type { Snapshot } from './snapshot.ts';
import { rememberState, type SnapshotState, stateOf } from './snapshot-state.ts';

type Trouble = Pick<Snapshot, 'issues' | 'broken' | 'unidentified'>;

/** What a snapshot shows of its state, with all that is wrong in it, in order. */
export function snapshotFrom(
  state: SnapshotState,
  { commit, time }: Pick<Snapshot, 'commit' | 'time'>,
  previous?: Snapshot,
): Snapshot {
  const { issues, broken, unidentified } = troubleStayed(state, previous) ?? findTrouble(state);
  const { resources, wakers: referrers, members } = state;
  rememberMembers(resources, members);
  const snapshot = Object.freeze({ commit, time, resources, issues, broken, unidentified, referrers });
  rememberState(snapshot, state);
  return snapshot;
}

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
