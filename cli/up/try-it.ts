import type { Api } from '../client/api.ts';
import { modelUrl } from '../client/inference.ts';
import { readResources, type ShownResource } from '../client/resources.ts';

/** A command that asks a served model for a real prediction: its version's first example. Undefined where none is served. */
export async function lineToTry(api: Api, inference: string): Promise<string | undefined> {
  const [deployments, environments] = await Promise.all([
    readResources(api, { kind: 'Deployment' }),
    readResources(api, { kind: 'Environment' }),
  ]);
  const usual = environments.find(({ spec }) => fields(spec).default === true)?.metadata.name;
  const served = deployments.filter(isReady);
  const chosen = served.find(({ metadata }) => metadata.environment === usual) ?? served[0];
  if (chosen === undefined) return undefined;
  const { name, environment } = chosen.metadata;
  const url = modelUrl({
    server: inference,
    deployment: name,
    environment: environment === usual ? undefined : environment,
  });
  const inputs = await exampleOf(api, chosen);
  if (inputs === undefined) return `curl -s ${url}`;
  const body = JSON.stringify({ inputs }).replaceAll("'", "'\\''");
  return `curl -s ${url}/infer -H 'content-type: application/json' -d '${body}'`;
}

async function exampleOf(api: Api, deployment: ShownResource): Promise<unknown> {
  const { model, version } = fields(deployment.spec);
  const ref = `ModelVersion/${String(model)}/${String(version)}`;
  const shown = await api.get<ShownResource>(`/resources/${ref}`).catch(() => undefined);
  const { examples } = fields(shown?.spec);
  return Array.isArray(examples) ? fields(examples[0]).inputs : undefined;
}

function isReady(shown: ShownResource): boolean {
  return shown.status?.conditions.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
