import type { SwitchyardError } from '../../core/plugin.ts';
import type { BucketPlace, ObjectStorageError } from '../../libraries/object-storage/index.ts';
import { artifactMissing, artifactRefused, artifactUnreachable } from './errors.ts';

const wrongRegion = ['PermanentRedirect', 'TemporaryRedirect', 'AuthorizationHeaderMalformed'];
const wrongKeys = [
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidToken',
  'AccessDenied',
  'AllAccessDisabled',
];
const expired = ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired'];

/** What an answer of the storage means here, and what to do about it. */
export function explained(error: ObjectStorageError, where: string, place: BucketPlace): SwitchyardError {
  const { code, status, region, itsTime, message } = error;
  const { bucket, endpoint } = place;
  if (code === 'RequestTimeTooSkewed') {
    const apart = itsTime === undefined ? '' : `, by ${Math.round(Math.abs(Date.now() - itsTime) / 1000)} s`;
    const reason = `the clock of this machine is not that of the storage${apart} (${message})`;
    return artifactUnreachable(where, reason, error, 'Set the clock, by NTP. It is tried again.');
  }
  if (expired.includes(code)) {
    const hint = 'Renew the session token. It is read anew when it is tried again.';
    return artifactUnreachable(where, `the credentials of its bucket have expired (${message})`, error, hint);
  }
  // To HEAD and to anonymous callers some storages say no more than 301 or 400.
  if (
    wrongRegion.includes(code) ||
    status === 301 ||
    status === 307 ||
    (status === 400 && region !== undefined)
  ) {
    const named = region === undefined ? 'another one' : region;
    return artifactRefused(
      where,
      `the bucket ${bucket} is not in the region ${place.region}, but in ${named} (${message})`,
      `Set the region${region === undefined ? ' and endpoint' : ` ${region}`} for the bucket in artifacts.s3.`,
    );
  }
  if (code === 'NoSuchBucket')
    return artifactMissing(
      where,
      `${endpoint} has no bucket ${bucket}`,
      'Correct artifact.uri, or the endpoint.',
    );
  if (error.isMissing)
    return artifactMissing(
      where,
      `the bucket has no such key (${message})`,
      'Correct artifact.uri in the manifest.',
    );
  if (wrongKeys.includes(code) || status === 401 || status === 403) {
    return artifactRefused(
      where,
      `the storage gives no access to it (${message})`,
      'Let the keys of the bucket read this object (s3:GetObject); without s3:ListBucket, one that is not there is refused alike.',
    );
  }
  if (status === undefined || status === 408 || status === 429 || status >= 500)
    return artifactUnreachable(where, message, error);
  return artifactRefused(
    where,
    message,
    'See what the storage says, and correct artifact.uri or artifacts.s3.',
  );
}
