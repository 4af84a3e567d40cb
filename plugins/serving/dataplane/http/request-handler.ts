/** What each path answers. */
import { type Described, describe } from '../ask/describe.ts';
import { type InferenceContext, infer } from '../ask/infer.ts';
import { methodNotAllowed, pathNotFound } from '../errors.ts';
import { sendError, sendJson } from './answer.ts';
import type { ExchangeHandler } from './exchange.ts';
import { takeFeedback } from './feedback.ts';
import { parsePath } from './path.ts';
import { RestInference } from './rest-inference.ts';

export type HandlerContext = InferenceContext & Described;

export function requestHandler(context: HandlerContext): ExchangeHandler {
  return (exchange) => {
    const { method, url } = exchange;
    const target = parsePath(url);
    const allowed = target?.what === 'infer' || target?.what === 'feedback' ? 'POST' : 'GET';
    const isAllowed = method === allowed || (method === 'HEAD' && allowed === 'GET');
    if (target?.what === 'infer' && isAllowed) {
      void infer(context, new RestInference(target, exchange));
      return;
    }
    if (target?.what === 'feedback' && isAllowed) {
      void takeFeedback(context, target, exchange);
      return;
    }
    try {
      if (target === undefined) throw pathNotFound(url);
      if (!isAllowed) throw methodNotAllowed(method, allowed);
      const { status, body } = describe(context, target);
      sendJson(exchange, status, body);
      if (status >= 400) context.metrics.countOther(status);
    } catch (error) {
      context.metrics.countOther(sendError(exchange, error).status);
    }
  };
}
