/** Takes labels: what turned out to be true of predictions. They are handed in to whoever keeps predictions. */
import { messageOf } from '../../../../core/plugin.ts';
import { readToldLabels, type ToldLabel } from '../../../../libraries/prediction-batch/index.ts';
import type { InferenceTarget } from '../ask/asked.ts';
import type { InferenceContext } from '../ask/infer.ts';
import { feedbackNotTaken, invalidFeedback } from '../errors/feedback-errors.ts';
import { ClientGone, type HeldBody } from '../http/body.ts';
import type { Exchange } from '../http/exchange.ts';
import { sendError, sendJson } from '../http/json-answer.ts';
import { readBody } from '../http/whole-body.ts';
import { jsonLengthOf } from './content-type.ts';

/** Bytes of one request; more labels come in several. */
const bodyLimit = 1024 * 1024;

/** Never rejects: whatever goes wrong becomes the answer. 202 says that the labels survive this process, and no more. */
export async function takeFeedback(
  context: InferenceContext,
  target: InferenceTarget,
  exchange: Exchange,
): Promise<void> {
  let held: HeldBody | undefined;
  try {
    jsonLengthOf(exchange.headers);
    const limit = Math.min(bodyLimit, context.bodyLimit);
    held = await readBody(exchange, { bodyLimit: limit, bodyBudget: context.bodyBudget });
    const { environment, name, applied } = context.router.find(target.environment, target.model);
    if (applied?.entry.logging === undefined) throw feedbackNotTaken(`${environment}/${name}`);
    const labels = labelsIn(held.bytes);
    await context.predictionLog.tell(environment, name, labels);
    sendJson(exchange, 202, { received: labels.length });
  } catch (error) {
    if (error instanceof ClientGone || exchange.isAnswered) return;
    context.metrics.countOther(sendError(exchange, error).status);
  } finally {
    held?.release();
  }
}

function labelsIn(bytes: Buffer): readonly ToldLabel[] {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw invalidFeedback('', `the body is not JSON: ${messageOf(error)}`);
  }
  const told = readToldLabels(body);
  if ('problem' in told) throw invalidFeedback(told.pointer, told.problem);
  return told.labels;
}
