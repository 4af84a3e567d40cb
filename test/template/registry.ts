import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageFile } from '../../libraries/package-files/index.ts';

/** The template, as a team copies it. */
export const registry = packageFile('registry-repo-template');

export function registryFile(path: string): string {
  return join(registry, path);
}

export interface TensorData {
  readonly name: string;
  readonly datatype: string;
  readonly shape: number[];
  readonly data: (string | number)[];
}

export interface VersionManifest {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly artifact: { readonly digest: string; readonly size: number };
    readonly signature: {
      readonly inputs: readonly { name: string; datatype: string; shape: number[] }[];
      readonly outputs: readonly { name: string; datatype: string; shape: number[] }[];
    };
    readonly lineage: { readonly code: { readonly digest: string } };
    readonly metrics: readonly { name: string; slice: string; value: number; interval?: [number, number] }[];
    readonly examples: readonly {
      readonly name: string;
      readonly inputs: readonly TensorData[];
      readonly outputs: readonly TensorData[];
      readonly tolerance: { readonly absolute: number };
    }[];
  };
}

export const versions = ['1.0.0', '1.1.0'] as const;

export function versionManifest(version: string): VersionManifest {
  return parse(readFileSync(registryFile(`models/bird-strike/versions/${version}.yaml`), 'utf8'));
}

export function artifact(version: string): Uint8Array {
  return new Uint8Array(readFileSync(registryFile(`models/bird-strike/artifacts/${version}.onnx`)));
}
