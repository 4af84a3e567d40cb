/** Asks a server over gRPC, by the protocol's own file: nothing of how ours reads and writes is used. */
import {
  type Client,
  credentials,
  loadPackageDefinition,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { packageFile } from '../../libraries/package-files/index.ts';
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
  /** A method of `inference.GRPCInferenceService`. */
  call(method: string, request?: object): Promise<GrpcAnswer>;
  /** The same with a deadline that is over at once: what the server says of it, and no client. */
  callLate(method: string, request: object): Promise<LateAnswer>;
  /** `grpc.health.v1.Health/Check`. */
  health(service: string): Promise<GrpcAnswer>;
  close(): void;
}

type Calls = Client & Readonly<Record<string, (...given: unknown[]) => unknown>>;
interface Service {
  new (...given: unknown[]): Calls;
  readonly service: Readonly<Record<string, MethodDefinition<object, object>>>;
}

interface Loaded {
  readonly inference: { readonly GRPCInferenceService: Service };
  readonly grpc: { readonly health: { readonly v1: { readonly Health: Service } } };
}

/** A client of the server at that address, without TLS: `127.0.0.1:9000`. Connects when it is asked first. */
export function openGrpcClient(address: string, timeoutMs: number): GrpcClient {
  const definition = loadSync([packageFile('schemas/open-inference.proto'), healthProto], {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
  });
  const loaded = loadPackageDefinition(definition) as unknown as Loaded;
  const inference = new loaded.inference.GRPCInferenceService(address, credentials.createInsecure());
  const health = new loaded.grpc.health.v1.Health(address, credentials.createInsecure());
  return {
    call: (method, request = {}) => ask(inference, method, request, timeoutMs),
    callLate(method, request) {
      const { path, requestSerialize } = loaded.inference.GRPCInferenceService.service[method]!;
      return callLate(address, path, requestSerialize(request), timeoutMs);
    },
    health: (service) => ask(health, 'Check', { service }, timeoutMs),
    close() {
      inference.close();
      health.close();
    },
  };
}

function ask(client: Calls, method: string, request: object, timeoutMs: number): Promise<GrpcAnswer> {
  return new Promise((resolve) => {
    const done = (error: ServiceError | null, body: Readonly<Record<string, unknown>> = {}): void =>
      resolve(
        error === null
          ? { status: 'OK', details: '', body }
          : { status: status[error.code] ?? String(error.code), details: error.details, body: {} },
      );
    client[method]!(request, { deadline: Date.now() + timeoutMs }, done);
  });
}
