/** What a metrics source says where there is no measurement to be had. None of it holds a credential. */
import { messageOf, SwitchyardError } from '../plugin.ts';

/** No answer now; asking again may help. */
export const metricsUnreachable = (where: string, reason: string, cause?: unknown) =>
  new SwitchyardError('MetricsUnreachable', `no measurement can be had: ${reason}`, {
    where,
    status: 502,
    hint: 'It is asked again. If it goes on, see that this machine reaches the source.',
    cause,
  });

/** The source, or this machine's operator, does not let it be asked. */
export const metricsRefused = (where: string, reason: string, hint: string) =>
  new SwitchyardError('MetricsRefused', `no measurement can be had: ${reason}`, {
    where,
    status: 403,
    hint,
  });

/** The question makes no sense to the source. */
export const metricQueryInvalid = (where: string, reason: string, hint?: string) =>
  new SwitchyardError('MetricQueryInvalid', `the metric cannot be asked for: ${reason}`, {
    where,
    status: 400,
    hint: hint ?? 'Correct the query in the AnalysisTemplate.',
  });

/** There is an answer, and it is not what was asked for. */
export const metricAnswerInvalid = (where: string, reason: string, hint?: string) =>
  new SwitchyardError('MetricAnswerInvalid', `the answer is no measurement: ${reason}`, {
    where,
    status: 502,
    hint: hint ?? 'Ask the source by hand, and correct the query or the source.',
  });

/** The settings of a metrics plugin in the operator's configuration do not make sense. Throw it before anything starts. */
export const invalidMetricsSetting = (setting: string, reason: string) =>
  new SwitchyardError('InvalidMetricsSetting', `${setting} ${reason}`, {
    where: setting,
    hint: "See the plugin's README for the settings and their values.",
  });

/** What an HTTP client had to say (libraries/polite-fetch), in these words. */
export function metricsTrouble(trouble: {
  readonly where: string;
  readonly reason: string;
  readonly isLasting: boolean;
}): SwitchyardError {
  const { where, reason, isLasting } = trouble;
  return isLasting ? metricAnswerInvalid(where, reason) : metricsUnreachable(where, reason);
}

/** What to show a source. Throws `MetricsRefused` where its secret cannot be read. */
export async function credentialFor<T>(
  where: string,
  read: (() => Promise<T>) | undefined,
): Promise<T | undefined> {
  try {
    return await read?.();
  } catch (error) {
    const hint = "See the Secret that the operator's configuration names: `switchyard get secrets`.";
    throw metricsRefused(where, `its credential cannot be read: ${messageOf(error)}`, hint);
  }
}
