import { hostname } from 'node:os';
import type { Attributes } from './span.ts';

/** What names a process of a service, by the conventions of OpenTelemetry; what the environment says of it comes first. */
export function processResource(
  name: string,
  process: string,
  version: string,
  environment: Attributes,
): Attributes {
  return {
    'service.name': name,
    'service.version': version,
    'service.instance.id': `${hostname()}/${process}`,
    'host.name': hostname(),
    'process.pid': globalThis.process.pid,
    'telemetry.sdk.name': name,
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': version,
    ...environment,
  };
}
