import { breather } from '../../libraries/breather/index.ts';
import { findAttachments } from './attachments.ts';
import type { Claim } from './claim.ts';
import { ClaimEdit } from './claim-edit.ts';
import { keepSnapshot, restoreSnapshot } from './kept-snapshot.ts';
import { compileKinds, type Kinds } from './kind-set.ts';
import { readManifestFiles } from './manifest-files.ts';
import type { ParseCache } from './parse-cache.ts';
import type { Snapshot } from './snapshot.ts';
import { startFrom } from './snapshot-state.ts';
import { type ManifestSource, readTree } from './tree.ts';
import { snapshotFrom } from './trouble.ts';

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
  const breathe = breather(options.signal);
  const [{ tree, committer }, kept] = await Promise.all([
    source.commit(commit),
    options.previous ? undefined : restoreSnapshot({ source, kinds, cache, breathe }),
  ]);
  const previous = options.previous ?? kept?.snapshot;
  const before = startFrom(previous, kinds);

  const { root, changes } = await readTree(source, tree, before.root);
  const changed = await readManifestFiles(changes, { source, kinds, cache, breathe });

  const edit = new ClaimEdit(before);
  edit.takeFiles(changed);
  edit.touchAttached(changes.keys());
  for (const ref of kept?.unproven ?? []) edit.touch(ref);
  const begun: Claim[] = [];
  for (const claim of edit.begin()) {
    begun.push(claim);
    await breathe();
  }
  const asked = begun.filter(({ requests }) => requests.length > 0);
  const attached = await findAttachments(
    new Map(asked.map(({ ref, requests }) => [ref, requests])),
    root,
    source,
    cache,
  );
  for (const claim of begun) {
    edit.form(claim, attached.get(claim.ref), commit);
    await breathe();
  }
  for (const ref of edit.toJudge()) {
    edit.judge(ref);
    await breathe();
  }
  const state = edit.done(root, kinds, changed);
  const snapshot = snapshotFrom(state, { commit, time: committer.time }, previous);
  const code = kept?.snapshot.commit === commit && kept.unproven.length === 0 ? undefined : cache?.code;
  cache?.whole?.(code === undefined ? undefined : () => keepSnapshot(snapshot, code));
  return snapshot;
}
