import type { Repository } from '../../libraries/git/repository.ts';
import { openFolderTree, workTree } from './folder-tree.ts';
import type { Issue } from './issue.ts';
import type { Kinds } from './kind-set.ts';
import { loadSnapshot } from './load-snapshot.ts';
import type { Snapshot } from './snapshot.ts';

export interface Checked {
  readonly snapshot: Snapshot;
  /** Errors and warnings, by place. */
  readonly issues: readonly Issue[];
}

/** Checks all manifests of a commit: the same reading and judging as the kernel's. */
export async function checkCommit(repository: Repository, commit: string, kinds: Kinds): Promise<Checked> {
  const snapshot = await loadSnapshot({ repository, commit, kinds });
  return { snapshot, issues: snapshot.issues };
}

/**
 * Checks the manifests of a folder on disk as if they were committed: in a work tree what Git tracks or would add, else
 * every file. Offline. Throws `FolderNotFound`.
 */
export async function checkFolder(path: string, kinds: Kinds): Promise<Checked> {
  const repository = await openFolderTree(path);
  const snapshot = await loadSnapshot({ repository, commit: workTree, kinds });
  return { snapshot, issues: snapshot.issues };
}
