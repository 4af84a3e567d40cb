import type { FoundPrediction } from '../../core/capabilities/prediction-sink.ts';
import { isCodedError } from '../../core/errors.ts';
import { connect } from '../client/api.ts';
import type { Terminal } from '../terminal.ts';

/** What the prediction log of the platform knows of a prediction; nothing where no platform answers, or its log does not have it. */
export async function loggedPrediction(
  id: string,
  options: { readonly api?: string },
  terminal: Terminal,
): Promise<readonly FoundPrediction[]> {
  try {
    const api = await connect({ ...options, timeout: 10_000 }, terminal);
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
