/** The services of the gRPC port, as the protocol file and the health protocol have them. */
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { packageFile } from '../../../../libraries/package-files/index.ts';

export interface Services {
  readonly inference: ServiceDefinition;
  readonly health: ServiceDefinition;
  /** All of it, for reflection. */
  readonly definition: PackageDefinition;
}

/** Reads them from their files. */
export function loadServices(): Services {
  const definition = loadSync([packageFile('schemas/open-inference.proto'), healthProto], {
    keepCase: true,
    longs: Number,
    enums: String,
    defaults: true,
  });
  const service = (name: string) => definition[name] as ServiceDefinition;
  const inference = service('inference.GRPCInferenceService');
  return {
    inference: { ...inference, ModelInfer: asBytes(inference.ModelInfer!) },
    health: service('grpc.health.v1.Health'),
    definition,
  };
}

/** Predictions are read and written by hand: see `wire.ts`. */
function asBytes(method: ServiceDefinition[string]): ServiceDefinition[string] {
  return {
    ...method,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  };
}
