/** Why nothing is proposed or said of a proposal. */
import { SwitchyardError } from '../../core/errors.ts';
import { usageError } from '../errors.ts';

/** The registry does not name the plugin that proposals need. */
export function proposalsNotHere(root: string): SwitchyardError {
  return new SwitchyardError(
    'ProposalsNotHere',
    'the platform.yaml of the base branch names no plugin `proposals`',
    {
      where: root,
      hint: 'Add `- name: proposals`, `- name: forge-git` and `- name: policies` to its plugins.',
    },
  );
}

/** There is no such branch in the clone. */
export function referenceUnknown(reference: string, root: string): SwitchyardError {
  return new SwitchyardError('ReferenceUnknown', `there is no branch ${reference}`, {
    where: root,
    hint: 'Name the branch that the platform runs from with --reference, or fetch it first.',
    status: 404,
  });
}

/** A clone without a remote has nobody to exchange proposals with. */
export function noRemote(root: string): SwitchyardError {
  return new SwitchyardError('NoRemote', 'this clone has no remote `origin`', {
    where: root,
    hint: 'Add one with `git remote add origin URL`.',
    status: 400,
  });
}

/** The remote of a clone refused, or did not answer. */
export function remoteSaidNo(url: string, complaint: string): SwitchyardError {
  const lines = complaint.split('\n').map((line) => line.trim());
  // What only follows from the refusal of another reference says nothing.
  const follows = /^$|^To |\(atomic push failure\)$|^error: failed to push some refs/;
  const telling = lines.filter((line) => !follows.test(line));
  const checkedOut = telling.find((line) => line.endsWith('(branch is currently checked out)'));
  const reason = checkedOut ?? (telling.slice(-4).join(' ') || 'it did not answer');
  return new SwitchyardError('RemoteSaidNo', `the remote did not do what was asked: ${reason}`, {
    where: url,
    hint:
      checkedOut === undefined
        ? 'Try `git fetch origin` in this clone: it asks in the same way.'
        : 'Share a bare repository (`git clone --bare`), or let the work tree there follow: in it, `git config receive.denyCurrentBranch updateInstead`.',
  });
}

/** An artifact of the registry is not what its manifest says. */
export function artifactDiffers(where: string, found: string, declared: string): SwitchyardError {
  return new SwitchyardError('DigestMismatch', `its artifact is ${found}, not ${declared}`, {
    where,
    hint: 'Find out which is right before correcting either.',
  });
}

/** A review says one thing. */
export function verdictUnclear(): SwitchyardError {
  return usageError(
    'a review says one of --approve, --request-changes and --comment',
    'See `switchyard help review`.',
  );
}
