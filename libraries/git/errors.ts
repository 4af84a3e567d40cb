import { GitError } from './git-error.ts';

/** There is no repository at this place, or it cannot be read. */
export function notARepository(location: string, reason: string, hint?: string): GitError {
  return new GitError('NotARepository', `${location} is not a Git repository: ${reason}.`, {
    where: location,
    hint:
      hint ?? 'Name the root of a work tree, a bare repository, or a URL. `switchyard init DIR` makes one.',
    status: 404,
  });
}

/** The repository uses something that isomorphic-git cannot read. */
export function repositoryUnsupported(location: string, feature: string, hint: string): GitError {
  return new GitError('RepositoryUnsupported', `This repository uses ${feature}, which needs native git.`, {
    where: location,
    hint,
    status: 501,
  });
}

/** Git does not trust the folder, because another user owns it. */
export function repositoryNotTrusted(location: string): GitError {
  return new GitError(
    'RepositoryNotTrusted',
    `${location} belongs to another user, so Git refuses to read it.`,
    {
      where: location,
      hint: `Run as its owner, or trust it: git config --global --add safe.directory '${location}'`,
      status: 403,
    },
  );
}

/** Native git was asked for and is not there, or is too old. */
export function gitMissing(found: string | undefined): GitError {
  const message = found === undefined ? 'There is no git on the PATH.' : `git ${found} is too old.`;
  return new GitError('GitMissing', message, {
    hint: 'Install git 2.38 or newer, or choose the isomorphic implementation.',
  });
}

/** A git command failed in a way that has no error of its own. */
export function gitFailed(command: string, reason: string, cause?: unknown): GitError {
  return new GitError('GitFailed', `git ${command} failed: ${reason || 'it said nothing'}`, {
    hint: 'Look at the disk (space, permissions) and run `git fsck` in the repository.',
    cause,
  });
}

/** The repository was closed while something was asked of it. */
export function repositoryClosed(): GitError {
  return new GitError('RepositoryClosed', 'The repository was closed.', { status: 503 });
}

/** A name that Git does not allow for a reference, or that is not written in full. */
export function referenceInvalid(reference: string): GitError {
  return new GitError(
    'ReferenceInvalid',
    `${JSON.stringify(reference)} is not the full name of a reference.`,
    {
      where: reference,
      hint: 'Write it in full and as Git allows: refs/heads/main.',
      status: 400,
    },
  );
}

/** The reference is not there. */
export function referenceMissing(reference: string, location: string, branches: readonly string[]): GitError {
  const known =
    branches.length === 0 ? 'It has no branch yet.' : `It has ${branches.slice(0, 10).join(', ')}.`;
  return new GitError('ReferenceMissing', `${location} has no ${reference}.`, {
    where: location,
    hint: `${known} Name one with --reference, or push the branch.`,
    status: 404,
  });
}

/** Another writer was first. Nothing changed: read the reference again and decide anew. */
export function referenceMoved(
  reference: string,
  expected: string | null,
  actual: string | undefined,
): GitError {
  return new GitError(
    'ReferenceMoved',
    `${reference} is at ${actual ?? 'nothing'}, not at ${expected ?? 'nothing'}: another writer was first.`,
    { where: reference, hint: 'Read it again and make the change on top of what is there now.', status: 409 },
  );
}

/** Somebody holds the reference's lock file and does not let go. */
export function referenceLocked(reference: string, detail: string): GitError {
  return new GitError('ReferenceLocked', `${reference} is locked by another writer: ${detail}`, {
    where: reference,
    hint: 'Wait for the other writer. If none is running, a crash left the lock file: remove it.',
    status: 423,
  });
}

/** An object is not in the repository, or is not of that type. */
export function objectMissing(id: string, type: string): GitError {
  return new GitError('ObjectMissing', `There is no ${type} ${id} in the repository.`, {
    where: id,
    hint: 'It may have been collected after a force push; look at the reference again. `git fsck` tells more.',
    status: 404,
  });
}

/** An object is there and damaged. */
export function objectUnreadable(id: string, reason: string, cause?: unknown): GitError {
  return new GitError('ObjectUnreadable', `The object ${id} cannot be read: ${reason}`, {
    where: id,
    hint: 'Run `git fsck`; restore the object from another clone (`git fetch --refetch`).',
    cause,
  });
}

/** A path that cannot be written. */
export function pathRefused(path: string, reason: string): GitError {
  return new GitError('PathRefused', `${JSON.stringify(path)} cannot be written: ${reason}.`, {
    where: path,
    hint: 'Name a file by its path from the root, with single slashes and without `.` or `..`.',
    status: 400,
  });
}

/** A commit that cannot be made as asked. */
export function commitRefused(reason: string): GitError {
  return new GitError('CommitRefused', `The commit cannot be made: ${reason}.`, { status: 400 });
}

/** Moves of references that cannot be made as asked, whatever the references are at. */
export function updateRefused(reference: string, reason: string): GitError {
  return new GitError('UpdateRefused', `${JSON.stringify(reference)} cannot be moved: ${reason}.`, {
    where: reference,
    hint: 'Name each reference once, in full, with the ids of the commits before and after.',
    status: 400,
  });
}

/** A file is larger than its reader takes. */
export function blobTooLarge(path: string, size: number, maxBytes: number): GitError {
  const message = `${JSON.stringify(path)} has ${size} bytes; at most ${maxBytes} are read.`;
  return new GitError('BlobTooLarge', message, {
    where: path,
    hint: 'Make the file smaller, or split it.',
    status: 413,
  });
}

/** A URL that is none of the remotes that are understood. */
export function remoteInvalid(url: string, reason: string): GitError {
  return new GitError('RemoteInvalid', `${url} is not a remote that can be followed: ${reason}.`, {
    where: url,
    hint: 'Use https://, http://, ssh://, git@host:path or file://.',
    status: 400,
  });
}

/** The remote does not answer, or answers nonsense. It is tried again with growing pauses. */
export function remoteUnreachable(url: string, reason: string, cause?: unknown): GitError {
  return new GitError('RemoteUnreachable', `${url} cannot be reached: ${reason}`, {
    where: url,
    hint: 'Look at the network, the proxy and the name. It is tried again by itself.',
    status: 502,
    cause,
  });
}

/** The remote answers and says no: credentials, rights, host key, a protected branch. */
export function remoteRefused(url: string, reason: string, cause?: unknown): GitError {
  return new GitError('RemoteRefused', `${url} refused: ${reason}`, {
    where: url,
    hint: 'Set SWITCHYARD_GIT_USERNAME and SWITCHYARD_GIT_TOKEN (HTTP), or SWITCHYARD_GIT_SSH_KEY or an agent (SSH), and look at what that account may do.',
    status: 502,
    cause,
  });
}

/** The remote answers and has no such repository (some hosts say so where credentials are missing). */
export function remoteMissing(url: string, reason: string, cause?: unknown): GitError {
  return new GitError('RemoteMissing', `${url} has no such repository: ${reason}`, {
    where: url,
    hint: 'Look at the URL. Some hosts answer this where credentials are missing or may not read it.',
    status: 502,
    cause,
  });
}
