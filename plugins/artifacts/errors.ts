/** Why an artifact could not be read. Only `ArtifactUnreachable` is worth another try; the others need a human. */
import { SwitchyardError } from '../../core/plugin.ts';

/** The store did not answer, or broke off. Trying again may help. */
export function artifactUnreachable(
  where: string,
  reason: string,
  cause?: unknown,
  hint = 'It is tried again. If it goes on, see that this machine reaches the store.',
): SwitchyardError {
  return new SwitchyardError('ArtifactUnreachable', `the artifact cannot be reached: ${reason}`, {
    where,
    status: 502,
    hint,
    cause,
  });
}

/** There is no such artifact. */
export function artifactMissing(where: string, reason: string, hint?: string): SwitchyardError {
  return new SwitchyardError('ArtifactMissing', `there is no artifact: ${reason}`, {
    where,
    status: 404,
    hint,
  });
}

/** The store sends more than the manifest declares. */
export function artifactTooLarge(where: string, limit: number, actual: string): SwitchyardError {
  return new SwitchyardError(
    'ArtifactTooLarge',
    `the artifact is larger than its ${limit} bytes: ${actual}`,
    {
      where,
      status: 413,
      hint: 'Correct artifact.size in the manifest, or the URI: it may lead to another file.',
    },
  );
}

/** The manifest declares more than the operator of this machine takes. */
export function artifactBeyondLimit(where: string, declared: number, limit: number): SwitchyardError {
  return new SwitchyardError(
    'ArtifactTooLarge',
    `the artifact has ${declared} bytes, and this machine takes at most ${limit}`,
    {
      where,
      status: 413,
      hint: 'Declare a smaller artifact, or let the operator raise artifacts.maxSize.',
    },
  );
}

/** A Git LFS pointer stands for something else than the manifest declares. */
export function pointerMismatch(where: string, found: string, declared: string): SwitchyardError {
  return new SwitchyardError(
    'DigestMismatch',
    `the commit holds a Git LFS pointer to ${found}, but the manifest declares ${declared}`,
    {
      where,
      status: 422,
      hint: 'Declare digest and size of the content, which the pointer names as oid and size; not those of the pointer.',
    },
  );
}

/** The URI, the address or the credentials are not acceptable. `where` never shows user information or a query. */
export function artifactRefused(where: string, reason: string, hint: string): SwitchyardError {
  return new SwitchyardError('ArtifactRefused', `the artifact is refused: ${reason}`, {
    where,
    status: 403,
    hint,
  });
}

/** The operator's settings for this plugin do not make sense. */
export function invalidArtifactSetting(setting: string, reason: string): SwitchyardError {
  return new SwitchyardError('InvalidArtifactSetting', `${setting} ${reason}`, {
    where: `artifacts.${setting}`,
    hint: 'See plugins/artifacts/README.md for the settings and their values.',
  });
}
