/** Why a profile is not made, or not declared. */
import { messageOf, SwitchyardError } from '../../core/errors.ts';

/** The registry here declares no such dataset, or no such version of it, or it is not valid. */
export function datasetNotFound(subject: string, why: string, hint: string): SwitchyardError {
  return new SwitchyardError('DatasetNotFound', `${subject}: ${why}`, { hint, status: 404 });
}

export function modelVersionNotFound(subject: string, why: string, hint: string): SwitchyardError {
  return new SwitchyardError('ModelVersionNotFound', `${subject}: ${why}`, { hint, status: 404 });
}

/** A file is not what the version of a dataset declares. */
export function dataIsAnother(path: string, found: string, declared: string): SwitchyardError {
  return new SwitchyardError('DataIsAnother', `the file is ${found}, and ${declared}`, {
    where: path,
    status: 422,
    hint: 'Name the file of that version, or declare the file as a version of its own. Nothing was written.',
  });
}

/** A manifest that cannot be edited in its place. */
export function manifestNotEdited(path: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('ManifestNotEdited', `the manifest was not edited: ${messageOf(cause)}`, {
    where: path,
    status: 422,
    hint: 'Write the profile with --out, and name its path and digest in the manifest by hand.',
    cause,
  });
}
