import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { Registry } from '../../core/capabilities/registry.ts';
import { parseConfig } from '../../libraries/git/git-config.ts';
import { endpointOfRemote } from '../../libraries/git-lfs/index.ts';
import type { ArtifactSettings } from './settings.ts';

/** Where the content of LFS pointers may be. */
export interface LfsPlaces {
  /** Folders of objects on this machine, as Git LFS keeps them. */
  readonly folders: readonly string[];
  readonly server: LfsServer | undefined;
}

export interface LfsServer {
  readonly url: string;
  /** Whether the operator chose it, by a setting or by the remote, and not somebody who writes the registry. */
  readonly isTrusted: boolean;
  /** The registry's remote, for which Git may know credentials; undefined where the server is another. */
  readonly remote: URL | undefined;
}

const largestConfig = 64 * 1024;

/**
 * Looks where the content of pointers may be: beside the repository, and at a server. The first of these names it: the
 * operator's setting, the configuration of the repository on this machine, `.lfsconfig` of the commit, the remote.
 */
export async function lfsPlaces(
  registry: Pick<Registry, 'location' | 'repository'>,
  commit: string,
  { lfs }: Pick<ArtifactSettings, 'lfs'>,
): Promise<LfsPlaces> {
  const gitFolder = await gitFolderOf(registry.location);
  const own = gitFolder === undefined ? [] : parseConfig(await textOf(join(gitFolder, 'config')));
  const setting = (entries: typeof own, key: string) => entries.findLast((one) => one.key === key)?.value;
  const remote = gitFolder === undefined ? registry.location : setting(own, 'remote.origin.url');
  const storage = setting(own, 'lfs.storage');
  const folders = lfs.folder === undefined ? [] : [lfs.folder];
  if (gitFolder !== undefined) {
    folders.push(
      join(storage === undefined ? join(gitFolder, 'lfs') : resolve(gitFolder, storage), 'objects'),
    );
  }
  const beside = await gitFolderOf(remote?.replace(/^file:\/\//, '') ?? '');
  if (beside !== undefined && beside !== gitFolder) folders.push(join(beside, 'lfs', 'objects'));
  const ofRemote = remote === undefined ? undefined : endpointOfRemote(remote);
  const chosen = lfs.url ?? setting(own, 'lfs.url') ?? setting(own, 'remote.origin.lfsurl');
  const declared = chosen === undefined ? await declaredUrl(registry, commit) : undefined;
  const url = chosen ?? declared ?? ofRemote;
  if (url === undefined || !URL.canParse(url)) return { folders, server: undefined };
  const isOfRemote = ofRemote !== undefined && new URL(url).origin === new URL(ofRemote).origin;
  return {
    folders,
    server: {
      url,
      isTrusted: chosen !== undefined || isOfRemote,
      remote: isOfRemote && remote !== undefined && /^https?:/.test(remote) ? new URL(remote) : undefined,
    },
  };
}

/** What the commit says: it is written by many hands, so that it never leads credentials of Git elsewhere. */
async function declaredUrl(
  { repository }: Pick<Registry, 'repository'>,
  commit: string,
): Promise<string | undefined> {
  const bytes = await repository.readFile(commit, '.lfsconfig', largestConfig).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const entries = parseConfig(Buffer.from(bytes).toString('utf8'));
  return (['lfs.url', 'remote.origin.lfsurl'] as const)
    .map((key) => entries.findLast((one) => one.key === key)?.value)
    .find((value) => value !== undefined);
}

/** The folder of Git's data of a repository on this machine; undefined for any other location. */
async function gitFolderOf(location: string): Promise<string | undefined> {
  if (!isAbsolute(location)) return undefined;
  const below = join(location, '.git');
  const facts = await stat(below).catch(() => undefined);
  if (facts?.isDirectory()) return below;
  if (facts?.isFile()) {
    const target = /^gitdir: (.+)$/m.exec(await textOf(below))?.[1]?.trim();
    if (target === undefined) return undefined;
    const own = resolve(location, target);
    // A linked work tree shares the objects of the repository that it belongs to.
    const common = (await textOf(join(own, 'commondir'))).trim();
    return common === '' ? own : resolve(own, common);
  }
  const isBare = await stat(join(location, 'objects')).catch(() => undefined);
  return isBare?.isDirectory() ? location : undefined;
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
