/** What each path answers. */
import type { Access } from '../access/access.ts';
import { LoggedExchange } from '../access/logged-exchange.ts';
import type { InferenceTarget } from '../ask/asked.ts';
import { asksOfAll, type Described, describe } from '../ask/describe.ts';
import { infer } from '../ask/infer.ts';
import { type StatisticsSources, type StatisticsTarget, statistics } from '../ask/statistics.ts';
import { methodNotAllowed, pathNotFound } from '../errors/transport-errors.ts';
import type { Exchange, ExchangeHandler } from '../http/exchange.ts';
import { sendError, sendJson } from '../http/json-answer.ts';
import { answerOnce, hasKey, type KeyedContext } from '../idempotence/keyed-request.ts';
import { takeFeedback } from './feedback.ts';
import { answerJob, isAsync, parseJobPath, takeJob } from './jobs.ts';
import { parsePath } from './path.ts';
import { RestInference } from './rest-inference.ts';
import { RestRows } from './rest-rows.ts';

export interface HandlerContext extends KeyedContext, Described, StatisticsSources {
  /** Undefined where nobody wants to know of each request. */
  readonly access: Access | undefined;
}

const posted: ReadonlySet<string> = new Set(['infer', 'predict', 'feedback']);

export function requestHandler(context: HandlerContext): ExchangeHandler {
  const handler = plainHandler(context);
  const { access } = context;
  if (access === undefined) return handler;
  return (exchange) => handler(new LoggedExchange(exchange, access));
}

function plainHandler(context: HandlerContext): ExchangeHandler {
  return (exchange) => {
    const { method, url } = exchange;
    const target = parsePath(url);
    const allowed = target !== undefined && posted.has(target.what) ? 'POST' : 'GET';
    const isAllowed = method === allowed || (method === 'HEAD' && allowed === 'GET');
    if (isAllowed && (target?.what === 'infer' || target?.what === 'predict')) {
      if (hasKey(exchange)) {
        void answerOnce(context, target, exchange, (once) => predict(context, target, once));
      } else void predict(context, target, exchange);
      return;
    }
    const job = target === undefined ? parseJobPath(url) : undefined;
    if (job !== undefined) {
      void answerJob(context, job, exchange);
      return;
    }
    if (target?.what === 'feedback' && isAllowed) {
      void takeFeedback(context, target, exchange);
      return;
    }
    try {
      if (target === undefined) throw pathNotFound(url);
      if (!isAllowed) throw methodNotAllowed(method, allowed);
      if (target.what === 'statistics') {
        void tellStatistics(context, exchange, target);
        return;
      }
      if (asksOfAll(context.router, target)) {
        const { environment } = target;
        void tellStatistics(context, exchange, { environment, model: undefined, version: undefined });
        return;
      }
      const { status, body, deployment } = describe(context, target);
      sendJson(exchange, status, body, deployment === undefined ? [] : ['switchyard-deployment', deployment]);
      if (status >= 400) context.metrics.countOther(status);
    } catch (error) {
      context.metrics.countOther(sendError(exchange, error).status);
    }
  };
}

/** Never rejects. */
function predict(
  context: HandlerContext,
  target: InferenceTarget & { readonly what: string },
  exchange: Exchange,
): Promise<void> {
  if (target.what === 'infer') return infer(context, new RestInference(target, exchange));
  if (isAsync(exchange.url)) return takeJob(context, target, exchange);
  return infer(context, new RestRows(target, exchange));
}

/** Never rejects. */
async function tellStatistics(
  context: HandlerContext,
  exchange: Exchange,
  target: StatisticsTarget,
): Promise<void> {
  try {
    const { processes, body } = await statistics(context, target);
    sendJson(exchange, 200, body, ['switchyard-processes', String(processes)]);
  } catch (error) {
    context.metrics.countOther(sendError(exchange, error).status);
  }
}
