/** The gRPC port of an inference process: how it listens, what it answers, how it takes its leave. */
import { createServer, type Socket, type Server as SocketServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ConnectionInjector,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { describe } from '../ask/describe.ts';
import { infer } from '../ask/infer.ts';
import { InferenceError, internalError } from '../errors.ts';
import type { Listening } from '../http/inference-server.ts';
import type { HandlerContext } from '../http/request-handler.ts';
import type { RequestFacts } from '../route/request-facts.ts';
import { environmentHeader, GrpcInference } from './grpc-inference.ts';
import { healthHandlers } from './health.ts';
import { loadServices } from './services.ts';
import { metadataOf, statusOf } from './status.ts';

export interface GrpcServerOptions {
  readonly context: HandlerContext;
  /** Milliseconds that a call under way gets while the server takes its leave. */
  readonly graceMs: number;
}

export class GrpcServer {
  readonly #context: HandlerContext;
  readonly #graceMs: number;
  readonly #server: Server;
  readonly #injector: ConnectionInjector;
  readonly #sockets = new Set<Socket>();
  readonly #listener: SocketServer;

  constructor({ context, graceMs }: GrpcServerOptions) {
    this.#context = context;
    this.#graceMs = graceMs;
    this.#server = new Server({
      'grpc.max_receive_message_length': context.bodyLimit,
      'grpc.max_send_message_length': -1,
      // Whoever says nothing for so long is asked whether it is still there.
      'grpc.keepalive_time_ms': 60_000,
      // Each may hold a message that has not come whole, which no budget counts yet.
      'grpc.max_concurrent_streams': 100,
    });
    const { inference, health, definition } = loadServices();
    this.#server.addService(inference, {
      ServerLive: this.#unary(() => ({ live: true })),
      ServerReady: this.#unary((_, environment) => ({
        ready: (describe(context, { what: 'ready', environment }).body as { ready: boolean }).ready,
      })),
      ModelReady: this.#unary(({ name, version }, environment) => {
        const { status } = describe(context, { what: 'modelReady', environment, ...named(name, version) });
        return { ready: status === 200 };
      }),
      ServerMetadata: this.#unary(
        (_, environment) => describe(context, { what: 'server', environment }).body as object,
      ),
      ModelMetadata: this.#unary(
        ({ name, version }, environment) =>
          describe(context, { what: 'model', environment, ...named(name, version) }).body as object,
      ),
      ModelInfer: (call: ServerUnaryCall<Buffer, Uint8Array>, answer: sendUnaryData<Uint8Array>) =>
        this.#infer(call, answer),
    });
    const isReady = (): boolean => context.router.isReady && !context.isDraining();
    const names = Object.keys(definition).filter((name) => 'format' in definition[name]! === false);
    this.#server.addService(health, healthHandlers(isReady, context.isDraining, names));
    new ReflectionService(definition).addToServer(this.#server);
    this.#injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    this.#listener = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Connections open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Begins to accept connections; gives the port. */
  listen(where: Listening): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#listener.once('error', reject);
      const listening = (): void => {
        this.#listener.off('error', reject);
        const address = this.#listener.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      };
      if ('handle' in where) this.#listener.listen(where.handle, listening);
      else this.#listener.listen(where.port, where.host, listening);
    });
  }

  /** Stops accepting, tells clients to go elsewhere, and resolves when every call under way has its answer. */
  async drain(): Promise<void> {
    if (!this.#listener.listening) return;
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    this.#injector.drain(this.#graceMs);
    let isClosed = false;
    void closed.then(() => {
      isClosed = true;
    });
    while (!isClosed) await Promise.race([closed, delay(20)]);
  }

  /** Cuts every connection. */
  destroy(): void {
    this.#listener.close();
    this.#server.forceShutdown();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    this.#injector.injectConnection(socket);
  }

  #infer(call: ServerUnaryCall<Buffer, Uint8Array>, answer: sendUnaryData<Uint8Array>): void {
    const refuse = (error: InferenceError, facts: readonly string[]): void => {
      if (!call.cancelled) answer(statusOf(error, facts));
    };
    let asked: GrpcInference;
    try {
      asked = new GrpcInference({
        bytes: call.request,
        headers: headersOf(call),
        isGone: () => call.cancelled,
        answer: (bytes, facts) => {
          call.sendMetadata(metadataOf(facts));
          answer(null, bytes);
        },
        refuse,
      });
    } catch (error) {
      const known = error instanceof InferenceError ? error : internalError();
      refuse(known, []);
      this.#context.metrics.countOther(known.status);
      return;
    }
    void infer(this.#context, asked);
  }

  #unary(work: (request: Record<string, string>, environment: string | undefined) => object) {
    return (call: ServerUnaryCall<Record<string, string>, object>, answer: sendUnaryData<object>): void => {
      try {
        const environment = headersOf(call)[environmentHeader];
        answer(null, work(call.request, typeof environment === 'string' ? environment : undefined));
      } catch (error) {
        const known = error instanceof InferenceError ? error : internalError();
        this.#context.metrics.countOther(known.status);
        answer(statusOf(known));
      }
    };
  }
}

const named = (model = '', version = '') => ({ model, version: version === '' ? undefined : version });

/** Metadata as headers: texts alone, by names in lower case. */
function headersOf(call: ServerUnaryCall<unknown, unknown>): RequestFacts['headers'] {
  const texts = Object.entries(call.metadata.getMap()).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(texts) as RequestFacts['headers'];
}
