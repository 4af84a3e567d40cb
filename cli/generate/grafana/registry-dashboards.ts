import type { Resource } from '../../../core/plugin.ts';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import { costDashboard } from './cost.ts';
import type { Dashboard } from './dashboard.ts';
import { driftDashboard } from './drift.ts';
import { type DeployedModel, modelDashboard } from './model.ts';
import { overviewDashboard } from './overview.ts';
import { rolloutDashboard } from './rollout.ts';
import { sloDashboard } from './slo.ts';

/** Dashboards of a platform, and one for each model that the registry deploys. */
export function registryDashboards(resources: readonly Resource[]): readonly Dashboard[] {
  return [
    overviewDashboard(),
    rolloutDashboard(),
    driftDashboard(),
    sloDashboard(),
    costDashboard(),
    ...deployedModels(resources).map(modelDashboard),
  ];
}

function deployedModels(resources: readonly Resource[]): readonly DeployedModel[] {
  const models = new Map<string, DeployedModel>();
  const places = resources.filter(({ kind }) => kind === 'Deployment') as readonly Resource<DeploymentSpec>[];
  for (const name of [...new Set(places.map(({ spec }) => spec.model))].sort()) {
    const own = places.filter(({ spec }) => spec.model === name);
    const model = resources.find(({ kind, metadata }) => kind === 'Model' && metadata.name === name);
    const { description, owners = [] } = (model?.spec ?? {}) as Partial<ModelSpec>;
    models.set(name, {
      name,
      ...(description === undefined ? {} : { description }),
      owners,
      environments: [...new Set(own.map(({ metadata }) => String(metadata.environment)))].sort(),
      deployments: [...new Set(own.map(({ metadata }) => metadata.name))].sort(),
    });
  }
  return [...models.values()];
}
