/** What each path answers. */
import { methodNotAllowed, pathNotFound } from '../errors.ts';
import { modelMetadata, serverMetadata } from '../protocol/metadata.ts';
import { sendError, sendJson } from './answer.ts';
import type { ExchangeHandler } from './exchange.ts';
import { takeFeedback } from './feedback.ts';
import { type InferenceContext, infer } from './infer.ts';
import { parsePath, type Target } from './path.ts';

export interface HandlerContext extends InferenceContext {
  /** Version of Switchyard. */
  readonly serverVersion: string;
}

export function requestHandler(context: HandlerContext): ExchangeHandler {
  return (exchange) => {
    const { method, url } = exchange;
    const target = parsePath(url);
    const allowed = target?.what === 'infer' || target?.what === 'feedback' ? 'POST' : 'GET';
    const isAllowed = method === allowed || (method === 'HEAD' && allowed === 'GET');
    if (target?.what === 'infer' && isAllowed) {
      void infer(context, target, exchange);
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

function describe(
  context: HandlerContext,
  target: Target,
): { readonly status: number; readonly body: unknown } {
  const { router } = context;
  if (!('model' in target)) {
    if (target.what === 'live') return { status: 200, body: { live: true } };
    if (target.what === 'server') return { status: 200, body: serverMetadata(context.serverVersion) };
    const ready = router.isReady && !context.isDraining();
    return { status: ready ? 200 : 503, body: { ready } };
  }
  const route = router.find(target.environment, target.model);
  if (target.what === 'modelReady') {
    const { version } = target;
    const routed = version === undefined ? undefined : router.choose(route, version);
    const ready =
      routed === undefined ? (route.applied?.isReady ?? false) : routed.lane.held.status.state === 'ready';
    return { status: ready ? 200 : 503, body: { name: target.model, ready } };
  }
  const chosen = target.version === undefined ? route.applied?.main : undefined;
  const described = chosen ?? router.choose(route, target.version);
  return {
    status: 200,
    body: modelMetadata(route.name, [...route.held().keys()], described.lane.held.model!),
  };
}
