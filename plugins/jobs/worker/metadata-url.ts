import type { SwitchyardError } from '../../../core/plugin.ts';
import type { Job } from '../../../libraries/prediction-jobs/index.ts';
import { notServed } from '../errors.ts';

type Asked = Pick<Job, 'environment' | 'deployment' | 'version'>;

/** Other names would lead to another path of the port: `..` to that of the server. */
const placeName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const versionName = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;

/**
 * Where the inference port tells of the model that a job is for. Throws `EnvironmentNotFound`, `ModelNotFound` and `VersionNotFound` for names that
 * none can have.
 */
export function metadataUrl({ environment, deployment, version }: Asked, server: string): string {
  if (environment !== undefined && !placeName.test(environment))
    throw notServed(
      'environment',
      environment,
      'Environments have names of lower-case letters, digits and dashes.',
    );
  if (!placeName.test(deployment))
    throw notServed(
      'deployment',
      deployment,
      'Deployments have names of lower-case letters, digits and dashes.',
    );
  if (version !== undefined && !versionName.test(version))
    throw notServed('version', version, 'Versions are such as 1.4.0.');
  const place = environment === undefined ? '' : `/environments/${environment}`;
  const one = version === undefined ? '' : `/versions/${encodeURIComponent(version)}`;
  return `${server}${place}/v2/models/${deployment}${one}`;
}

/** Whether the port tells of all models instead, as it does at the path of `stats` where no deployment is called so. */
export function tellsOfAll(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'model_stats' in answer;
}

/** What is said then. */
export function nobodyIsCalled(deployment: string): SwitchyardError {
  return notServed('deployment', deployment, 'The inference port tells of all models by that name.');
}
