import type { Repository } from '../../libraries/git/repository.ts';
import { pathFromManifest } from '../../libraries/manifest-path/index.ts';
import { readSpec, registrationOf } from './version-facts.ts';

/** The card of a model as it stood for one of its versions. */
export interface CardOfVersion {
  /** The commit that was looked at. */
  readonly commit: string;
  readonly path: string;
  /** Undefined where there was none. */
  readonly text: string | undefined;
}

const largest = 1024 * 1024;

/**
 * The last word of the card on a version: as it stood before the next version was registered; of the newest, as it stands
 * now. So what was written soon after a version came counts for it, and what was written for a later one does not.
 */
export async function cardOfVersion(
  repository: Repository,
  head: string,
  model: string,
  version: string,
): Promise<CardOfVersion> {
  const commit = await lastWordOn(repository, head, model, version);
  const manifest = `models/${model}/model.yaml`;
  const { card = 'card.md' } = ((await readSpec(repository, commit, manifest)) ?? {}) as { card?: string };
  const path = pathFromManifest({ origin: { path: manifest } }, card) ?? card;
  const bytes = await repository.readFile(commit, path, largest);
  return { commit, path, text: bytes === undefined ? undefined : new TextDecoder().decode(bytes) };
}

async function lastWordOn(
  repository: Repository,
  head: string,
  model: string,
  version: string,
): Promise<string> {
  const registered = (await registrationOf(repository, head, model, version))?.commit;
  if (registered === undefined) return head;
  const folder = `models/${model}/versions`;
  for (let limit = 32; ; limit *= 8) {
    const commits = await repository.log(head, { path: folder, limit });
    const at = commits.findIndex(({ id }) => id === registered);
    if (at < 0 && commits.length === limit) continue;
    // From the next after the registration on to the newest.
    for (const { id, parents } of commits.slice(0, Math.max(0, at)).reverse()) {
      const [parent] = parents;
      if (parent === undefined) continue;
      const changed = await repository.changedPaths(parent, id);
      const isNext = changed.some(({ path, before }) => before === null && path.startsWith(`${folder}/`));
      if (isNext) return parent;
    }
    return head;
  }
}
