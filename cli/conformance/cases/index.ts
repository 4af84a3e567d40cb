import type { Case } from '../kit.ts';
import { binaryCases } from './binary.ts';
import { datatypeCases } from './datatypes.ts';
import { errorCases } from './errors.ts';
import { grpcCases } from './grpc.ts';
import { grpcDatatypeCases } from './grpc-datatypes.ts';
import { grpcReflectionCases } from './grpc-reflection.ts';
import { grpcVersionCases } from './grpc-versions.ts';
import { healthCases } from './health.ts';
import { jsonCases } from './json.ts';
import { metadataCases } from './metadata.ts';
import { scheduleCases } from './schedule.ts';

/** All cases; those that send what no client should come last. */
export const allCases: readonly Case[] = [
  ...healthCases,
  ...metadataCases,
  ...jsonCases,
  ...binaryCases,
  ...datatypeCases,
  ...scheduleCases,
  ...grpcCases,
  ...grpcDatatypeCases,
  ...grpcVersionCases,
  ...grpcReflectionCases,
  ...errorCases,
];
