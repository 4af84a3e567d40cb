import { Hono, type Context as HonoContext } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Kernel } from '../../core/kernel-api.ts';
import type { Logger } from '../../core/plugin.ts';
import { answerError } from './error-answer.ts';
import { bodyTooLarge, largestBody, methodNotAllowed, noSuchRoute } from './errors.ts';
import { type GuardOptions, guard } from './guard.ts';
import { pluginAnswer, previewAnswer } from './plugin-answer.ts';
import { requestReaders } from './read-request.ts';
import type { Route } from './route.ts';
import { allRoutes } from './routes.ts';
import { withSecurityHeaders } from './security-headers.ts';

export interface AppOptions extends Omit<GuardOptions, 'host'> {
  readonly kernel: Kernel;
  readonly log: Logger;
  /** The address that the server will listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Between two comments on a quiet event stream, in milliseconds. Default 15,000. */
  readonly heartbeatMs?: number;
}

/** What the listening server tells the app; absent where `app.request()` is called without one. */
export interface Bindings {
  readonly closing?: AbortSignal;
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
  readonly outgoing?: { destroy(): unknown };
}

type Context = HonoContext<{ Bindings: Bindings }>;

export type App = Hono<{ Bindings: Bindings }>;

/** The status API of a running kernel, as a handler of Web requests. `listen` puts it on a port. */
export function createApp(options: AppOptions): App {
  const { kernel, log, host = '127.0.0.1', heartbeatMs = 15_000 } = options;
  const letIn = guard({ ...options, host });
  const routes = allRoutes({ heartbeatMs });
  const app: App = new Hono();

  app.use(async (context, next) => {
    const started = performance.now();
    await next();
    context.res = withSecurityHeaders(context.res);
    const { method, path } = context.req;
    const milliseconds = Math.round((performance.now() - started) * 10) / 10;
    log.debug({ method, path, status: context.res.status, milliseconds }, 'answered');
  });
  app.onError((thrown, context) => answerError(thrown, log, context.req.path));

  const facts = (context: Context) => ({
    kernel,
    log,
    request: context.req.raw,
    closing: context.env?.closing,
    sender: context.env?.incoming?.socket?.remoteAddress ?? 'unknown',
    drop: () => endConnection(context.env),
  });
  for (const route of routes.filter(({ isRaw }) => isRaw)) {
    const path = `${route.path.replace(/\{\w+\}$/, '*')}`;
    app.on(route.method, path, (context) =>
      route.handle({ ...facts(context), parameters: {}, query: {}, body: undefined }),
    );
  }

  app.use(async (context, next) => {
    letIn(context.req.raw, isPublic(routes, context.req.path));
    await next();
  });
  const limited = bodyLimit({
    maxSize: largestBody,
    onError: () => {
      throw bodyTooLarge(largestBody);
    },
  });
  // A file of rows is read as a stream, and bounded by the plugin that takes it.
  app.use((context, next) => (context.req.path === '/plugins/jobs/jobs' ? next() : limited(context, next)));

  const readerOf = requestReaders();
  for (const route of routes.filter(({ isRaw }) => !isRaw)) {
    const read = readerOf(route);
    app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (context) => {
      const said = await read(context.req.raw, context.req.param());
      return route.handle({ ...facts(context), ...said });
    });
  }
  app.all('/plugins/*', (context) => pluginAnswer(kernel, context.req.raw));
  app.all('/proposals/*', (context) => previewAnswer(kernel, context.req.raw));

  app.notFound((context) => {
    const { method, path } = context.req;
    const allowed = methodsOf(routes, path);
    if (allowed.length === 0) return answerError(noSuchRoute(path), log, path);
    const answer = answerError(methodNotAllowed(method, path, allowed), log, path);
    answer.headers.set('allow', allowed.join(', '));
    return answer;
  });
  return app;
}

function endConnection(bindings: Bindings | undefined): boolean {
  bindings?.outgoing?.destroy();
  return bindings?.outgoing !== undefined;
}

function isPublic(routes: readonly Route[], path: string): boolean {
  return routes.some((route) => route.isPublic === true && matches(route, path));
}

function methodsOf(routes: readonly Route[], path: string): readonly string[] {
  const methods = new Set(routes.filter((route) => matches(route, path)).map(({ method }) => method));
  return [...methods].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

function matches(route: Route, path: string): boolean {
  const pattern = route.path.split('/');
  const parts = path.split('/');
  if (pattern.length !== parts.length) return false;
  return pattern.every((each, index) => each.startsWith('{') || each === parts[index]);
}
