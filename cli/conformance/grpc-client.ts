/** Asks a server over gRPC, by the protocol's own file: nothing of how ours reads and writes is used. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  type Client,
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { packageFile } from '../../libraries/package-files/index.ts';
import { connectionOf } from './grpc-connection.ts';
import { callLate, type LateAnswer } from './late-call.ts';

export interface GrpcAnswer {
  /** `OK`, `NOT_FOUND`, … */
  readonly status: string;
  /** What an error says. */
  readonly details: string;
  /** Empty where it is an error. Whole numbers of 64 bits are texts. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface GrpcClient {
  /** Rejects where no server of gRPC is there, with the reason. */
  connect(): Promise<void>;
  /** A method of `inference.GRPCInferenceService`. */
  call(method: string, request?: object): Promise<GrpcAnswer>;
  /** The same with a deadline that is over at once: what the server says of it, and no client. */
  callLate(method: string, request: object): Promise<LateAnswer>;
  /** `grpc.health.v1.Health/Check`. */
  health(service: string): Promise<GrpcAnswer>;
  /** What `grpc.reflection.VERSION.ServerReflection/ServerReflectionInfo` answers to one question. */
  reflect(version: ReflectionVersion, question: object): Promise<GrpcAnswer>;
  close(): void;
}

export type ReflectionVersion = 'v1' | 'v1alpha';

type Calls = Client & Readonly<Record<string, (...given: unknown[]) => unknown>>;
interface Service {
  new (...given: unknown[]): Calls;
  readonly service: Readonly<Record<string, MethodDefinition<object, object>>>;
}

interface Loaded {
  readonly inference: { readonly GRPCInferenceService: Service };
  readonly grpc: {
    readonly health: { readonly v1: { readonly Health: Service } };
    readonly reflection: Readonly<Record<ReflectionVersion, { readonly ServerReflection: Service }>>;
  };
}

/** A client of the server at that address, without TLS: `127.0.0.1:9000`. Connects when it is asked first. */
export function openGrpcClient(address: string, timeoutMs: number): GrpcClient {
  const definition = loadSync(
    [packageFile('schemas/open-inference.proto'), healthProto, ...reflectionProtos()],
    {
      keepCase: true,
      longs: String,
      enums: String,
      defaults: true,
    },
  );
  const loaded = loadPackageDefinition(definition) as unknown as Loaded;
  const inference = new loaded.inference.GRPCInferenceService(address, credentials.createInsecure());
  const health = new loaded.grpc.health.v1.Health(address, credentials.createInsecure());
  const { v1, v1alpha } = loaded.grpc.reflection;
  const reflection = {
    v1: new v1.ServerReflection(address, credentials.createInsecure()),
    v1alpha: new v1alpha.ServerReflection(address, credentials.createInsecure()),
  };
  return {
    async connect() {
      const connection = await connectionOf(inference, timeoutMs);
      if (connection === 'connected') return;
      if (connection !== 'failed') throw new Error(`${timeoutMs} ms are over`);
      // Channels keep the reason to themselves, and tell it to calls.
      const { status: answered, details } = await ask(inference, 'ServerLive', {}, timeoutMs);
      if (answered !== 'OK') throw new Error(details);
    },
    call: (method, request = {}) => ask(inference, method, request, timeoutMs),
    callLate(method, request) {
      const { path, requestSerialize } = loaded.inference.GRPCInferenceService.service[method]!;
      return callLate(address, path, requestSerialize(request), timeoutMs);
    },
    health: (service) => ask(health, 'Check', { service }, timeoutMs),
    reflect: (version, question) => converse(reflection[version], question, timeoutMs),
    close() {
      inference.close();
      health.close();
      reflection.v1.close();
      reflection.v1alpha.close();
    },
  };
}

function ask(client: Calls, method: string, request: object, timeoutMs: number): Promise<GrpcAnswer> {
  return new Promise((resolve) => {
    const done = (error: ServiceError | null, body: Readonly<Record<string, unknown>> = {}): void =>
      resolve(error === null ? { status: 'OK', details: '', body } : failed(error));
    client[method]!(request, { deadline: Date.now() + timeoutMs }, done);
  });
}

/** Sends one message on a stream of both directions, and gives the first that comes back. */
function converse(client: Calls, message: object, timeoutMs: number): Promise<GrpcAnswer> {
  return new Promise((resolve) => {
    const stream = client.ServerReflectionInfo!({ deadline: Date.now() + timeoutMs }) as Talk;
    stream.on('data', (body: Readonly<Record<string, unknown>>) => {
      resolve({ status: 'OK', details: '', body });
      stream.cancel();
    });
    // After an answer, this is the end that was just asked for.
    stream.on('error', (error: ServiceError) => resolve(failed(error)));
    stream.on('end', () => resolve({ status: 'none', details: 'ends without an answer', body: {} }));
    stream.write(message);
    stream.end();
  });
}

type Talk = ClientDuplexStream<object, Readonly<Record<string, unknown>>>;

function failed({ code, details }: ServiceError): GrpcAnswer {
  return { status: status[code] ?? String(code), details, body: {} };
}

/** They lie beside the compiled library, which does not export them. */
function reflectionProtos(): readonly string[] {
  const { resolve } = createRequire(import.meta.url);
  const folder = join(dirname(resolve('@grpc/reflection')), '../proto/grpc/reflection');
  return [join(folder, 'v1/reflection.proto'), join(folder, 'v1alpha/reflection.proto')];
}
