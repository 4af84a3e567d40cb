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

/** Git is not told who the person is. */
export function identityMissing(what: 'name' | 'email'): GitError {
  const word = what === 'name' ? 'name' : 'e-mail address';
  const example = what === 'name' ? '"Ada Lovelace"' : 'ada@example.org';
  return new GitError('IdentityMissing', `Git does not know your ${word}.`, {
    hint: `git config --global user.${what} ${example}`,
    status: 400,
  });
}

/** The person has no key to sign with, as far as Git's settings say. */
export function noSigningKey(format: 'ssh' | 'openpgp', cause?: unknown): GitError {
  const message =
    format === 'ssh'
      ? 'No SSH key is configured for signing.'
      : 'No key is configured for signing, and GnuPG has none of your name.';
  return new GitError('NoSigningKey', message, {
    hint: 'Sign with the SSH key that you push with: git config --global gpg.format ssh && git config --global user.signingKey ~/.ssh/id_ed25519.pub (`ssh-keygen -t ed25519` makes one).',
    status: 400,
    cause,
  });
}

/** A key is configured and is not there, or is none. */
export function signingKeyMissing(key: string, reason: string): GitError {
  return new GitError('SigningKeyMissing', `The signing key ${key} cannot be used: ${reason}.`, {
    where: key,
    hint: 'Correct it: git config --show-origin user.signingKey says where it stands.',
    status: 400,
  });
}

/** The key needs a passphrase, and nobody can be asked for it. */
export function signingKeyLocked(key: string, hint: string): GitError {
  return new GitError(
    'SigningKeyLocked',
    `The signing key ${key} needs its passphrase, and it was not given.`,
    {
      where: key,
      hint,
      status: 400,
    },
  );
}

/** The private key is in an SSH agent, and there is none. */
export function signingAgentMissing(key: string): GitError {
  const message = `The private key of ${key} should be in an SSH agent, and none answers.`;
  return new GitError('SigningAgentMissing', message, {
    where: key,
    hint: 'Start one and load the key: eval "$(ssh-agent)" && ssh-add FILE. Over SSH, forward yours (ssh -A).',
    status: 400,
  });
}

/** The program that signs cannot be started. */
export function signingProgramMissing(program: string, cause?: unknown): GitError {
  return new GitError('SigningProgramMissing', `${program}, which signs, cannot be started.`, {
    where: program,
    hint: 'Install it (OpenSSH 8.2 or newer, GnuPG), or name another: gpg.ssh.program, gpg.program.',
    status: 400,
    cause,
  });
}

/** The program that signs failed in a way that has no error of its own. */
export function signingFailed(program: string, reason: string): GitError {
  return new GitError('SigningFailed', `${program} did not sign: ${reason}`, {
    where: program,
    hint: 'Try the same by git: git commit -S --allow-empty',
    status: 400,
  });
}

/** A way of signing that Git has and we do not. */
export function signingFormatUnsupported(format: string): GitError {
  return new GitError(
    'SigningFormatUnsupported',
    `Signatures of the format ${JSON.stringify(format)} are not made here.`,
    {
      where: 'gpg.format',
      hint: 'git config gpg.format ssh, or openpgp',
      status: 400,
    },
  );
}
