import { SwitchyardError } from '../../core/plugin.ts';
import type { ProfileError, ProfileErrorCode } from '../../libraries/profile/index.ts';

/** There is nothing that current data could be compared with. */
export function referenceProfileMissing(subject: string, why: string, where?: string): SwitchyardError {
  return new SwitchyardError('ReferenceProfileMissing', `there is no profile of ${subject}: ${why}`, {
    ...(where === undefined ? {} : { where }),
    status: 422,
    hint: 'Make one and commit it: switchyard profile data FILE --dataset NAME@VERSION --write.',
  });
}

/** A profile is there, and is not to be trusted: `ProfileTampered`, `ProfileOfOtherData`, `ProfileTooLarge`, `ProfileUnusable`. */
export function referenceProfileRefused(subject: string, path: string, cause: ProfileError): SwitchyardError {
  return new SwitchyardError(cause.code, `the profile of ${subject} is refused: ${cause.message}`, {
    where: path,
    status: 422,
    hint: hintFor(cause.code),
    cause,
  });
}

/** What to do about a profile that is refused. */
export function hintFor(code: ProfileErrorCode): string {
  const anew = 'switchyard profile data --dataset NAME@VERSION --write';
  switch (code) {
    case 'ProfileTampered':
      return `Bring the file back as it was written, or make it anew: ${anew}.`;
    case 'ProfileOfOtherData':
      return `Make it of the data of that version: ${anew}.`;
    case 'ProfileTooLarge':
    case 'ProfileUnusable':
      return `Make it anew: ${anew}.`;
  }
}
