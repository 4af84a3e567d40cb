/** Who answers: what is asked for is not there, or is asked for too often. */
import { InferenceError } from './inference-error.ts';
import { spokenTime } from './spoken-time.ts';

/** `environment` is undefined where the path names none and no environment is the default. */
export function environmentNotFound(
  environment: string | undefined,
  isDefault: boolean,
  known: readonly string[],
): InferenceError {
  const there = known.length === 0 ? undefined : `There is: ${known.slice(0, 10).join(', ')}.`;
  const named = `no deployment in environment "${environment}"`;
  if (environment !== undefined && !isDefault)
    return new InferenceError('EnvironmentNotFound', 404, named, { hint: there });
  const message =
    environment === undefined
      ? 'no environment is the default, or the one that is has no deployment'
      : `${named}, which is the default`;
  const hint = `Name the environment in the path: /environments/<environment>/v2/….${there === undefined ? '' : ` ${there}`}`;
  return new InferenceError('EnvironmentNotFound', 404, message, { hint });
}

export function modelNotFound(environment: string, name: string, known: readonly string[]): InferenceError {
  return new InferenceError('ModelNotFound', 404, `no model "${name}" in environment "${environment}"`, {
    hint: known.length === 0 ? undefined : `There is: ${known.slice(0, 10).join(', ')}.`,
  });
}

export function versionNotFound(name: string, version: string, held: readonly string[]): InferenceError {
  return new InferenceError('VersionNotFound', 404, `model "${name}" holds no version "${version}"`, {
    hint: held.length === 0 ? undefined : `It holds: ${held.join(', ')}.`,
  });
}

/** `againMs`: when there is room for the next. Does not say whose key it was. */
export function rateLimited(perSecond: number, isByKey: boolean, againMs: number): InferenceError {
  // Headers, which can say whole seconds alone, round up as well.
  const inTime = spokenTime(againMs < 1000 ? Math.ceil(againMs) : Math.ceil(againMs / 1000) * 1000);
  const rate = perSecond >= 1 ? `${perSecond} a second` : `${perSecond * 3600} an hour`;
  return new InferenceError(
    'RateLimited',
    429,
    `there were more requests${isByKey ? ' of one key' : ''} than ${rate}`,
    { retryAfter: Math.max(againMs, 1) / 1000, hint: `It was not run: send it again in ${inTime}.` },
  );
}
