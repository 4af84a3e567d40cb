/** What a metrics source says where there is no measurement to be had. None of it holds a credential. */
import { SwitchyardError } from '../plugin.ts';

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
