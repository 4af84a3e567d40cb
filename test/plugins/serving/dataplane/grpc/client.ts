/** A gRPC client as users have one: made from the protocol file by grpc-js, knowing nothing of our own reading and writing. */
import {
  type ChannelOptions,
  type Client,
  type ClientUnaryCall,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { packageFile } from '../../../../../libraries/package-files/index.ts';

const definition = loadSync([packageFile('schemas/open-inference.proto'), healthProto], {
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
});
const loaded = loadPackageDefinition(definition) as never as {
  readonly inference: { readonly GRPCInferenceService: new (...given: unknown[]) => Calls };
  readonly grpc: {
    readonly health: { readonly v1: { readonly Health: new (...given: unknown[]) => Calls } };
  };
};

type Calls = Client & Record<string, (...given: unknown[]) => unknown>;

/** The message of a prediction, as bytes behind its length. */
export function writtenInfer(request: object): Buffer {
  const methods = definition['inference.GRPCInferenceService'] as never as {
    readonly ModelInfer: { requestSerialize(request: object): Buffer };
  };
  const message = methods.ModelInfer.requestSerialize(request);
  const length = Buffer.alloc(5);
  length.writeUInt32BE(message.length, 1);
  return Buffer.concat([length, message]);
}

export interface Answered {
  readonly body: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface CallOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

type OnEnd = (error: ServiceError | null, body: Answered['body'] | undefined) => void;

/** One channel: health is asked, and watched, on the connection that answers predictions. */
export class InferenceClient {
  readonly #inference: Calls;
  readonly #health: Calls;

  constructor(address: string, options: ChannelOptions = {}) {
    this.#inference = new loaded.inference.GRPCInferenceService(
      address,
      credentials.createInsecure(),
      options,
    );
    this.#health = new loaded.grpc.health.v1.Health(address, credentials.createInsecure(), {
      channelOverride: this.#inference.getChannel(),
    });
  }

  /** Rejects with the `ServiceError`. */
  call(method: string, request: object = {}, options: CallOptions = {}): Promise<Answered> {
    return unary(this.#inference, method, request, options);
  }

  /** A prediction without a deadline. `onEnd` is called as often as the library says that the call has ended. */
  begin(request: object, onEnd: OnEnd): ClientUnaryCall {
    return this.#inference.ModelInfer!(request, onEnd) as ClientUnaryCall;
  }

  health(service: string, options: CallOptions = {}): Promise<Answered> {
    return unary(this.#health, 'Check', { service }, options);
  }

  /** What health says, change by change, until it is closed. */
  watch(service: string): AsyncIterable<{ status: string }> & { cancel(): void } {
    return this.#health.Watch!({ service }) as never;
  }

  close(): void {
    this.#inference.close();
    this.#health.close();
  }
}

function unary(client: Calls, method: string, request: object, options: CallOptions): Promise<Answered> {
  const { metadata: given = {}, timeoutMs = 10_000 } = options;
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(given)) metadata.set(name, value);
  return new Promise((resolve, reject) => {
    let headers: Metadata | undefined;
    const call = client[method]!(
      request,
      metadata,
      { deadline: Date.now() + timeoutMs },
      (error: ServiceError | null, body: Readonly<Record<string, unknown>>) => {
        if (error !== null) reject(error);
        else resolve({ body, metadata: headers?.getMap() ?? {} });
      },
    ) as { on(event: string, listener: (metadata: Metadata) => void): void };
    call.on('metadata', (received) => {
      headers = received;
    });
  });
}
