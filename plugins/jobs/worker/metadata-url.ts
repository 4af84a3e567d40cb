import type { Job } from '../../../libraries/prediction-jobs/index.ts';

/** Where the inference port tells of the model that a job is for. */
export function metadataUrl(
  { environment, deployment, version }: Pick<Job, 'environment' | 'deployment' | 'version'>,
  server: string,
): string {
  const place = environment === undefined ? '' : `/environments/${encodeURIComponent(environment)}`;
  const one = version === undefined ? '' : `/versions/${encodeURIComponent(version)}`;
  return `${server}${place}/v2/models/${encodeURIComponent(deployment)}${one}`;
}
