import { referenceMissing } from './errors.ts';
import type { Logger } from './logger.ts';
import type { Mirror, MirrorOptions } from './mirror.ts';
import { moveReferences } from './move-references.ts';
import { openNativeMirror } from './native-mirror.ts';
import { hasNativeGit, type OpenOptions, openRepository } from './open-repository.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { checkPatterns } from './reference-name.ts';
import { referencesMatching } from './references-matching.ts';
import { followRemote } from './remote.ts';
import { remoteAccess } from './remote-access.ts';
import { parseRemote, type RemoteUrl, redactUrl } from './remote-url.ts';
import type { ReferenceUpdate, Repository } from './repository.ts';
import { watchReference } from './watch.ts';

export interface SourceOptions {
  /** The registry: a path of this machine, or a URL (`https://`, `ssh://`, `git@host:path`, `file://`). */
  readonly location: string;
  /** A branch (`main`), or the full name of a reference. Default: the branch that HEAD names. */
  readonly reference?: string;
  /** For the mirror of a remote; made where it is not there. */
  readonly folder: string;
  /** Says "look": the reference may have moved, or the remote has failed. Comes at least once an interval. */
  readonly onLook: () => void;
  readonly log: Logger;
  /** The operator's: credentials, PATH, proxies. Default: this process's. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Forces one implementation. Default: native where there is a git 2.38 or newer. */
  readonly implementation?: OpenOptions['implementation'];
  /** Milliseconds between two fetches of a remote. Default 30,000. A local repository is looked at each second. */
  readonly interval?: number;
  /** Milliseconds without a sign of life after which a conversation with a remote is cut. Default 60,000. */
  readonly idleTimeout?: number;
}

/** The registry, wherever it lies: what the kernel reads commits from. */
export interface Source {
  readonly repository: Repository;
  /** In full: `refs/heads/main`, or `HEAD` where that names no branch. */
  readonly reference: string;
  /** The location without credentials, for people. */
  readonly description: string;
  /** Asks to look now: fetches a remote, re-reads a local repository; then `onLook` is called. */
  look(): void;
  /** The commit that the reference names now, or undefined where it names none. */
  head(): Promise<string | undefined>;
  /**
   * Brings references from the remote into the repository under their own names, as they are there now: a full name
   * (`refs/pull/7/head`) or a folder (`refs/proposals/*`). What is gone there goes here. Answers what the patterns then
   * name, with the commits; for a local registry that is what it has. Throws as `openSource` does, and `ReferenceInvalid`.
   */
  fetchReferences(patterns: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Moves references where the registry lives: at the remote, all or none where it can, and then here; for a local registry,
   * here. As `updateReferences`, but one that is already at `to` counts as moved, so that a push whose answer was lost
   * (`RemoteUnreachable`) may be tried again. Throws `ReferenceMoved` where another was first, `RemoteRefused` where the
   * remote says no, and `RepositoryUnsupported` for a remote without native git.
   */
  push(updates: readonly ReferenceUpdate[]): Promise<void>;
  /** Why the last look failed, if it did. */
  readonly lastError: Error | undefined;
  close(): Promise<void>;
}

/**
 * Opens the registry and keeps an eye on it. The first clone of a remote must succeed; after that the source lives with
 * a remote that is away and shows it in `lastError`.
 * Throws `NotARepository`, `ReferenceMissing`, `RemoteUnreachable`, `RemoteRefused` and the like.
 */
export async function openSource(options: SourceOptions): Promise<Source> {
  const remote = parseRemote(options.location);
  return remote === undefined ? openLocal(options) : openRemote(remote, options);
}

async function openLocal(options: SourceOptions): Promise<Source> {
  const { location, environment, implementation, onLook, log } = options;
  const repository = await openRepository(location, { environment, implementation });
  return closingOnFailure(repository, async () => {
    const reference = await chooseReference(repository, options);
    const watch = await watchReference({ repository, reference, onLook, log });
    return makeSource(repository, reference, location, {
      look: watch.look,
      fetchReferences: async () => undefined,
      lastError: () => undefined,
      close: watch.close,
    });
  });
}

async function openRemote(remote: RemoteUrl, options: SourceOptions): Promise<Source> {
  const { folder, onLook, log, environment = process.env, interval = 30_000, idleTimeout = 60_000 } = options;
  const access = remoteAccess(remote, environment);
  const ending = new AbortController();
  const { signal } = ending;
  if (access.credentials !== undefined && access.url.startsWith('http:')) {
    log.warn({ url: access.url }, 'credentials travel unencrypted: use https');
  }
  const mirror = await openMirror({ access, folder, idleTimeout, signal }, options);
  return closingOnFailure(mirror, async () => {
    const reference = await chooseReference(mirror.repository, options).catch(async () => {
      // A mirror of an earlier run may be older than the branch.
      await mirror.fetch(signal);
      return chooseReference(mirror.repository, options);
    });
    const following = followRemote({ mirror, url: access.url, interval, onFetched: onLook, log, signal });
    return makeSource(mirror.repository, reference, access.url, {
      look: following.wake,
      fetchReferences: (patterns) => mirror.fetchReferences(patterns),
      lastError: () => following.lastError,
      async close() {
        ending.abort();
        await following.close();
      },
    });
  });
}

async function openMirror(options: MirrorOptions, source: SourceOptions): Promise<Mirror> {
  const { environment = process.env, implementation } = source;
  const isNative = implementation ? implementation === 'native' : await hasNativeGit(environment);
  if (isNative) return openNativeMirror(options);
  const { openIsomorphicMirror } = await import('./isomorphic-mirror.ts');
  return openIsomorphicMirror(options);
}

interface Eye {
  readonly look: () => void;
  readonly fetchReferences: (patterns: readonly string[]) => Promise<void>;
  readonly lastError: () => Error | undefined;
  readonly close: () => Promise<void>;
}

function makeSource(repository: OpenedRepository, reference: string, description: string, eye: Eye): Source {
  let readError: Error | undefined;
  let wasThere = false;
  return {
    repository,
    reference,
    description,
    look: eye.look,
    async head() {
      try {
        const commit = await repository.resolve(reference);
        const isGone = commit === undefined && wasThere;
        readError = isGone ? await missing(repository, reference, description) : undefined;
        wasThere ||= commit !== undefined;
        return commit;
      } catch (error) {
        readError = error as Error;
        throw error;
      }
    },
    async fetchReferences(patterns) {
      checkPatterns(patterns);
      await eye.fetchReferences(patterns);
      return referencesMatching(repository, patterns);
    },
    push: (updates) =>
      moveReferences(repository, updates, () =>
        eye.fetchReferences(updates.map(({ reference }) => reference)),
      ),
    get lastError() {
      return readError ?? eye.lastError();
    },
    async close() {
      await eye.close();
      await repository.close();
    },
  };
}

/** The full name of the reference to follow. It may be missing only where there is no reference at all yet. */
async function chooseReference(repository: OpenedRepository, options: SourceOptions): Promise<string> {
  const { reference: wanted = 'HEAD', location } = options;
  if (wanted === 'HEAD') {
    const head = await repository.headReference();
    return demand(repository, [head], location);
  }
  const names = wanted.startsWith('refs/') ? [wanted] : [`refs/heads/${wanted}`, `refs/tags/${wanted}`];
  return demand(repository, names, location);
}

async function demand(repository: Repository, names: readonly string[], location: string): Promise<string> {
  for (const name of names) if ((await repository.resolve(name)) !== undefined) return name;
  const first = names[0]!;
  const isEmpty = (await repository.references()).size === 0;
  if (isEmpty) return first;
  throw await missing(repository, first, redactUrl(location));
}

async function missing(repository: Repository, reference: string, location: string): Promise<Error> {
  const branches = await repository.references('refs/heads/');
  return referenceMissing(reference, location, [...branches.keys()]);
}

async function closingOnFailure<Result>(
  opened: { close(): Promise<void> },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await opened.close();
    throw error;
  }
}
