/** The services of the gRPC port, as the protocol file and the health protocol have them. */
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { packageFile } from '../../../../libraries/package-files/index.ts';

export interface Services {
  readonly inference: ServiceDefinition;
  readonly health: ServiceDefinition;
  /** All of it, for reflection. */
  readonly definition: PackageDefinition;
}

/** How the messages of a method are read and written. */
export type Written = Pick<
  MethodDefinition<object, object>,
  'path' | 'requestDeserialize' | 'responseSerialize'
>;

/** Reads them from their files. */
export function loadServices(): Services {
  const definition = loadSync([packageFile('schemas/open-inference.proto'), healthProto], {
    keepCase: true,
    longs: Number,
    enums: String,
    defaults: true,
  });
  const service = (name: string) => definition[name] as ServiceDefinition;
  return {
    inference: service('inference.GRPCInferenceService'),
    health: service('grpc.health.v1.Health'),
    definition,
  };
}
