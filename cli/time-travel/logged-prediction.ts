import type { FoundPrediction } from '../../core/capabilities/prediction-sink.ts';
import { isCodedError } from '../../core/errors.ts';
import type { Api } from '../client/api.ts';

/** What the prediction log of the platform knows of a prediction; nothing where it does not answer, or its log does not have it. */
export async function loggedPrediction(
  id: string,
  api: Api,
  options: { readonly api?: string },
): Promise<readonly FoundPrediction[]> {
  try {
    const path = `/plugins/prediction-log/predictions/${id.toLowerCase()}`;
    return (await api.get<{ readonly predictions: readonly FoundPrediction[] }>(path)).predictions;
  } catch (error) {
    // Whoever names a platform is told that it does not answer; that it keeps no log is nothing to be told.
    const isUnreachable = isCodedError(error) && error.code === 'ServerUnreachable';
    if (isUnreachable && options.api !== undefined) throw error;
    return [];
  }
}

/** The version that gave the answer, as far as the log knows: shadows only watched. */
export function answeredBy(logged: readonly FoundPrediction[]): FoundPrediction | undefined {
  return logged.find(({ variant }) => variant !== 'shadow');
}
