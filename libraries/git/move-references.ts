import { GitError } from './git-error.ts';
import type { ReferenceUpdate, Repository } from './repository.ts';

/**
 * Moves references as `updateReferences` does, but takes one that is already at its `to` for moved: what was cut short, or
 * whose answer was lost, may be tried again. `refresh` brings a copy of a remote up to date before that is looked at.
 */
export async function moveReferences(
  repository: Repository,
  updates: readonly ReferenceUpdate[],
  refresh: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  try {
    await repository.updateReferences(updates);
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== 'ReferenceMoved') throw error;
    await refresh();
    const open = await notYetMoved(repository, updates);
    if (open.length === updates.length) throw error;
    await repository.updateReferences(open);
  }
}

async function notYetMoved(
  repository: Repository,
  updates: readonly ReferenceUpdate[],
): Promise<ReferenceUpdate[]> {
  const open: ReferenceUpdate[] = [];
  for (const update of updates) {
    const actual = (await repository.resolve(update.reference)) ?? null;
    if (actual !== update.to) open.push(update);
  }
  return open;
}
