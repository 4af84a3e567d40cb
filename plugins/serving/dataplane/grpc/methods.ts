/** What each method of the gRPC port answers, but for predictions. */
import type { ServiceDefinition } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { describe } from '../ask/describe.ts';
import { statistics } from '../ask/statistics.ts';
import { InferenceError } from '../errors/inference-error.ts';
import type { HandlerContext } from '../rest/request-handler.ts';
import { health } from './health.ts';
import type { MessageStream } from './message-stream.ts';
import { reflectedDefinition } from './reflected-files.ts';
import { loadServices, type Written } from './services.ts';

type Fields = Record<string, string>;

type Answering = (request: Fields, environment: string | undefined) => object | Promise<object>;

export type Method = { readonly written: Written } & (
  | { readonly kind: 'infer' }
  | { readonly kind: 'unary'; readonly answer: Answering }
  | { readonly kind: 'stream'; readonly open: (stream: MessageStream) => void }
);

/** By their paths. */
export function loadMethods(context: HandlerContext): ReadonlyMap<string, Method> {
  const { inference, health: healthService, definition } = loadServices();
  const methods = new Map<string, Method>();
  const add = (service: ServiceDefinition, name: string, method: Answered): void => {
    const written = service[name]!;
    methods.set(written.path, { written, ...method } as Method);
  };
  const unary = (answer: Answering): Answered => ({ kind: 'unary', answer });
  /** What is not there is not ready: whoever waits for a model asks again until it is, and takes an error for more than that. */
  const isReady = (model: Named): boolean => {
    try {
      return describe(context, { what: 'modelReady', ...model }).status === 200;
    } catch (error) {
      if (error instanceof InferenceError && error.status === notFound) return false;
      throw error;
    }
  };
  add(inference, 'ModelInfer', { kind: 'infer' });
  add(
    inference,
    'ServerLive',
    unary(() => ({ live: true })),
  );
  add(
    inference,
    'ServerReady',
    unary((_, environment) => ({
      ready: (describe(context, { what: 'ready', environment }).body as { ready: boolean }).ready,
    })),
  );
  add(
    inference,
    'ModelReady',
    unary(({ name, version }, environment) => ({
      ready: isReady({ environment, ...named(name, version) }),
    })),
  );
  add(
    inference,
    'ServerMetadata',
    unary((_, environment) => describe(context, { what: 'server', environment }).body as object),
  );
  add(
    inference,
    'ModelMetadata',
    unary(
      ({ name, version }, environment) =>
        describe(context, { what: 'model', environment, ...named(name, version) }).body as object,
    ),
  );
  add(
    inference,
    'ModelStatistics',
    unary(async ({ name = '', version = '' }, environment) => {
      const isOfAll = name === '';
      const target = {
        environment,
        model: isOfAll ? undefined : name,
        version: isOfAll || version === '' ? undefined : version,
      };
      return (await statistics(context, target)).body;
    }),
  );
  const isServing = (): boolean => context.router.isReady && !context.isDraining();
  const names = Object.keys(definition).filter((name) => 'format' in definition[name]! === false);
  const { check, watch, list } = health(isServing, context.isDraining, names);
  add(
    healthService,
    'Check',
    unary((request) => check(request as never)),
  );
  add(healthService, 'Watch', { kind: 'stream', open: watch });
  if (healthService.List !== undefined) add(healthService, 'List', unary(list));
  // What the library gives to a server of its own are methods like these.
  new ReflectionService(reflectedDefinition(definition)).addToServer({
    addService(service: ServiceDefinition, handlers: Record<string, (stream: MessageStream) => void>) {
      for (const name of Object.keys(service))
        if (handlers[name] !== undefined) add(service, name, { kind: 'stream', open: handlers[name] });
    },
  } as never);
  return methods;
}

type Answered = Method extends infer M ? (M extends Method ? Omit<M, 'written'> : never) : never;

interface Named {
  readonly environment: string | undefined;
  readonly model: string;
  readonly version: string | undefined;
}

/** As HTTP says it. */
const notFound = 404;

const named = (model = '', version = '') => ({ model, version: version === '' ? undefined : version });
