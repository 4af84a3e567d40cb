import {
  secretPlaceInvalid,
  secretRefused,
  secretTampered,
} from '../../core/capabilities/secret-store-errors.ts';
import { type Format, type Path, SopsError } from '../../libraries/sops/index.ts';

/** Where a Secret keeps its values in its own manifest. */
const inManifest = ['spec', 'store', 'sops', 'values'];

export function formatOf(path: string): Format {
  return path.endsWith('.json') ? 'json' : 'yaml';
}

/** The key of a secretRef for a value in the file; undefined for what is no secret of it. */
export function keyOf(path: Path, isManifest: boolean): string | undefined {
  if (!isManifest) return path.join('.');
  const isInside = path.length > inManifest.length && inManifest.every((step, index) => path[index] === step);
  return isInside ? path.slice(inManifest.length).join('.') : undefined;
}

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
