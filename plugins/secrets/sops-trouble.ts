import {
  secretPlaceInvalid,
  secretRefused,
  secretTampered,
} from '../../core/capabilities/secret-store-errors.ts';
import { SopsError } from '../../libraries/sops/error.ts';

/** What the library says of a file, in the words of a secret store. */
export function sopsTrouble(error: unknown, where: string): unknown {
  if (!(error instanceof SopsError)) return error;
  switch (error.problem) {
    case 'tampered':
      return secretTampered(where, error.message);
    case 'noKey':
      return secretRefused(
        where,
        error.message,
        'Give this machine an identity of one of those (SOPS_AGE_KEY_FILE), or add its recipient with `switchyard secrets updatekeys`.',
      );
    default:
      return secretPlaceInvalid(where, error.message, 'Encrypt it with `switchyard secrets` or with sops.');
  }
}
