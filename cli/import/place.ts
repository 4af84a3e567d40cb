import type { Made } from './manifest.ts';

/** Where a walk is to be declared, and for what. */
export interface Deployed {
  readonly environment: string;
  readonly version: string;
  /** By default the deployment is called like its model. */
  readonly model: string | undefined;
}

/** What was made, as it is written. */
export interface Manifest {
  readonly made: Made;
  /** Below the registry's top folder; absent for a walk that nobody said the place of. */
  readonly path: string | undefined;
  readonly document: {
    readonly apiVersion: 'switchyard/v1';
    readonly kind: Made['kind'];
    readonly metadata: Readonly<Record<string, string>>;
    readonly spec: object;
  };
}

/** Stands for a version where none was given: such a manifest is judged, and never written. */
const anyVersion = '0.0.0';

/** Gives what was made its name, its path, and what a Deployment needs beside its walk. */
export function place(made: Made, deployed: Deployed | undefined): Manifest {
  const { kind, name, spec } = made;
  if (kind === 'AnalysisTemplate') {
    const document = { apiVersion: 'switchyard/v1', kind, metadata: { name }, spec } as const;
    return { made, path: `analyses/${name}.yaml`, document };
  }
  const environment = deployed?.environment ?? 'any';
  const version = deployed?.version ?? anyVersion;
  return {
    made,
    path: deployed === undefined ? undefined : `environments/${environment}/${name}.yaml`,
    document: {
      apiVersion: 'switchyard/v1',
      kind,
      metadata: { name, environment },
      spec: { model: deployed?.model ?? name, version, ...spec },
    },
  };
}
