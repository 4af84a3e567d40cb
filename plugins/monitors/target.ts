/** What of a deployment's predictions can be looked at, and where the dataset has the same. */
import { type Resource, refOf } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import type { MonitorSpec } from '../../schemas/generated/monitor.ts';
import { type Columns, columnsOf } from './columns.ts';
import { targetUnknown } from './errors.ts';
import type { Find } from './scene.ts';

export interface Target extends Columns {
  readonly environment: string;
  readonly deployment: string;
  readonly model: string;
  /** The version that is declared. */
  readonly version: string;
  readonly evaluation: ModelSpec['evaluation'];
}

/** Throws `MonitorTargetUnknown`. */
export function targetOf({ target }: MonitorSpec, find: Find): Target {
  const { environment, deployment } = target;
  const ref = refOf('Deployment', deployment, environment);
  const declared = find(ref) as Resource<DeploymentSpec> | undefined;
  if (declared === undefined) throw targetUnknown(ref);
  const { model, version, logging } = declared.spec;
  const versionRef = refOf('ModelVersion', version, model);
  const found = find(versionRef) as Resource<ModelVersionSpec> | undefined;
  if (found === undefined) throw targetUnknown(versionRef);
  const { evaluation } = (find(refOf('Model', model)) as Resource<ModelSpec> | undefined)?.spec ?? {};
  const { columns, left } = columnsOf(found.spec.signature, evaluation, logging);
  return { environment, deployment, model, version, evaluation, columns, left };
}
