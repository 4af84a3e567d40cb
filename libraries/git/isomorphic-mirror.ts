import fs from 'node:fs';
import { access as reach, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as git from 'isomorphic-git';
import { gitFailed, remoteInvalid, repositoryUnsupported } from './errors.ts';
import { FileReferences } from './file-references.ts';
import { GitError, messageOf } from './git-error.ts';
import { gitHttp } from './git-http.ts';
import { IsomorphicRepository } from './isomorphic-repository.ts';
import type { Mirror, MirrorOptions } from './mirror.ts';
import { provideMirrorFolder, remakeMirrorFolder } from './mirror-folder.ts';
import { matches } from './reference-name.ts';
import { explainRemote } from './remote-access.ts';
import type { ReferenceUpdate, Write } from './repository.ts';
import { Turns } from './turns.ts';

/** Opens the mirror of an HTTP remote without any git program. It can be read; a change of the remote needs native git. */
export async function openIsomorphicMirror(options: MirrorOptions): Promise<Mirror> {
  const { access } = options;
  if (access.transport !== 'http') {
    throw remoteInvalid(access.url, `${access.transport} needs git 2.38 or newer on this machine`);
  }
  const folder = join(options.folder, 'mirror-isomorphic.git');
  const clone = (draft: string) => cloneInto(draft, options);
  await provideMirrorFolder(folder, access.url, clone);
  if (await exists(join(folder, fetchingMark))) await remakeMirrorFolder(folder, access.url, clone);
  const repository = new FollowingRepository(folder, access.url);
  const turns = new Turns();
  return {
    repository,
    async fetch(signal) {
      await turns.take(() => fetchInto(folder, { ...options, signal }));
    },
    fetchReferences: (patterns) => turns.take(() => fetchNamed(folder, patterns, options)),
    close: () => repository.close(),
  };
}

/** There while a fetch runs. Found at a start, it says that one was killed and may have left half an index of a pack. */
const fetchingMark = 'switchyard-fetching';

/** Where a fetch puts what the remote has: isomorphic-git moves references before their objects are there. */
const staging = 'refs/staging';

async function cloneInto(draft: string, options: MirrorOptions): Promise<void> {
  await git.init({ fs, gitdir: draft, bare: true, defaultBranch: 'main' });
  await git.addRemote({ fs, gitdir: draft, remote: 'origin', url: options.access.url });
  const path = 'remote.origin.fetch';
  await git.setConfig({ fs, gitdir: draft, path, value: `+refs/heads/*:${staging}/heads/*` });
  await git.setConfig({ fs, gitdir: draft, path, value: `+refs/tags/*:${staging}/tags/*`, append: true });
  const branch = await fetchInto(draft, options);
  if (branch !== undefined) await writeFile(join(draft, 'HEAD'), `ref: ${branch}\n`);
}

/** Answers the branch that the remote's HEAD names. */
async function fetchInto(gitdir: string, options: MirrorOptions): Promise<string | undefined> {
  return marking(gitdir, async () => {
    const fetched = await asking(options, (access) =>
      git.fetch({ fs, gitdir, remote: 'origin', tags: true, prune: true, ...access }),
    );
    for (const sort of ['heads', 'tags']) {
      const wanted = new Map<string, string>();
      for (const [name, id] of await new FileReferences(gitdir).list(`${staging}/${sort}`)) {
        wanted.set(`refs/${sort}/${name.slice(staging.length + sort.length + 2)}`, id);
      }
      await adopt(gitdir, [`refs/${sort}/*`], wanted);
    }
    return fetched.defaultBranch ?? undefined;
  });
}

/** One conversation a reference: isomorphic-git asks for all branches and tags, or for one reference. */
async function fetchNamed(
  gitdir: string,
  patterns: readonly string[],
  options: MirrorOptions,
): Promise<void> {
  await marking(gitdir, async () => {
    const { url } = options.access;
    const wanted = new Map<string, string>();
    for (const pattern of patterns) {
      const prefix = pattern.replace(/\*$/, '');
      for (const { ref, oid } of await asking(options, (access) =>
        git.listServerRefs({ url, prefix, ...access }),
      )) {
        if (matches(pattern, ref)) wanted.set(ref, oid);
      }
    }
    const present = await referencesBelow(gitdir, patterns);
    for (const [remoteRef, id] of wanted) {
      if (present.get(remoteRef) === id) continue;
      await asking(options, (access) =>
        git.fetch({ fs, gitdir, url, ref: 'HEAD', remoteRef, singleBranch: true, ...access }),
      );
    }
    await adopt(gitdir, patterns, wanted);
  });
}

type Conversation = Pick<Parameters<typeof git.fetch>[0], 'http' | 'onAuth' | 'onAuthFailure'>;

/** Talks to the remote with the operator's credentials, and says what went wrong without them. */
async function asking<Result>(
  options: MirrorOptions,
  talk: (access: Conversation) => Promise<Result>,
): Promise<Result> {
  const { access, signal, idleTimeout } = options;
  const { credentials } = access;
  try {
    return await talk({
      http: gitHttp(signal, idleTimeout),
      onAuth: () => (credentials === undefined ? { cancel: true } : { ...credentials }),
      onAuthFailure: () => ({ cancel: true }),
    });
  } catch (error) {
    const isOfTheDisk = (error as NodeJS.ErrnoException).syscall !== undefined;
    if (isOfTheDisk) throw gitFailed('fetch', messageOf(error), error);
    throw explainRemote(access, complaintOf(error), new Error(access.redact(messageOf(error))));
  }
}

/** The mark stays where the disk failed, or this process died. */
async function marking<Result>(gitdir: string, work: () => Promise<Result>): Promise<Result> {
  const mark = join(gitdir, fetchingMark);
  await writeFile(mark, '');
  try {
    const result = await work();
    await rm(mark, { force: true });
    return result;
  } catch (error) {
    if (error instanceof GitError && error.code.startsWith('Remote')) await rm(mark, { force: true });
    throw error;
  }
}

/** Moves the references that the patterns name to what was fetched, now that its objects are there. */
async function adopt(
  gitdir: string,
  patterns: readonly string[],
  wanted: ReadonlyMap<string, string>,
): Promise<void> {
  const references = new FileReferences(gitdir);
  const author = { name: 'switchyard', email: 'switchyard@localhost', time: Math.floor(Date.now() / 1000) };
  const present = await referencesBelow(gitdir, patterns);
  for (const [reference, from] of present) {
    if (!wanted.has(reference))
      await references.move([{ reference, from, to: null }], { author, message: 'fetch: gone' });
  }
  for (const [reference, to] of wanted) {
    const from = present.get(reference) ?? null;
    if (from !== to) await references.move([{ reference, from, to }], { author, message: 'fetch' });
  }
}

async function referencesBelow(gitdir: string, patterns: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const pattern of patterns) {
    for (const [name, id] of await new FileReferences(gitdir).list(
      pattern.slice(0, pattern.lastIndexOf('/')),
    ))
      if (matches(pattern, name)) found.set(name, id);
  }
  return found;
}

function complaintOf(error: unknown): string {
  if (error instanceof git.Errors.HttpError) return `fatal: HTTP Error: ${error.data.statusCode}`;
  if (error instanceof git.Errors.UserCanceledError) return 'fatal: Authentication failed';
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `fatal: ${messageOf(error)}${cause}`;
}

class FollowingRepository extends IsomorphicRepository {
  readonly #url: string;

  constructor(folder: string, url: string) {
    super(folder);
    this.#url = url;
  }

  override async write(_change: Write): Promise<string> {
    throw this.#unsupported();
  }

  override async updateReferences(_updates: readonly ReferenceUpdate[]): Promise<void> {
    throw this.#unsupported();
  }

  #unsupported(): Error {
    return repositoryUnsupported(this.#url, 'a remote', 'Install git 2.38 or newer to write to a remote.');
  }
}

async function exists(file: string): Promise<boolean> {
  return reach(file).then(
    () => true,
    () => false,
  );
}
