/** What of a deployment's predictions can be looked at, and where the dataset has the same. */
import type { ProfiledColumn } from '../../core/capabilities/prediction-profile.ts';
import { type Ref, type Resource, refOf } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import type { MonitorSpec } from '../../schemas/generated/monitor.ts';
import { targetUnknown } from './errors.ts';

export interface Target {
  readonly environment: string;
  readonly deployment: string;
  readonly model: string;
  /** The version that is declared. */
  readonly version: string;
  readonly evaluation: ModelSpec['evaluation'];
  readonly columns: readonly TargetColumn[];
  /** Inputs and outputs that are no columns, and why. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
}

export interface TargetColumn extends ProfiledColumn {
  readonly of: 'input' | 'output';
  readonly field: string;
  /** The column of a dataset that says the same. */
  readonly datasetColumn: string | undefined;
}

/** Values of a row that are looked at one by one; of more (an image, an embedding) none is. */
const mostValues = 64;

/** Throws `MonitorTargetUnknown`. */
export function targetOf({ target }: MonitorSpec, resources: ReadonlyMap<Ref, Resource>): Target {
  const { environment, deployment } = target;
  const ref = refOf('Deployment', deployment, environment);
  const declared = resources.get(ref) as Resource<DeploymentSpec> | undefined;
  if (declared === undefined) throw targetUnknown(ref);
  const { model, version, logging } = declared.spec;
  const versionRef = refOf('ModelVersion', version, model);
  const found = resources.get(versionRef) as Resource<ModelVersionSpec> | undefined;
  if (found === undefined) throw targetUnknown(versionRef);
  const { evaluation } =
    (resources.get(refOf('Model', model)) as Resource<ModelSpec> | undefined)?.spec ?? {};
  const redacted = new Set((logging?.redact ?? []).map((one) => (typeof one === 'string' ? one : one.name)));
  const columns: TargetColumn[] = [];
  const left: { name: string; reason: string }[] = [];
  const tensors = [
    ...found.spec.signature.inputs.map((tensor) => ({ ...tensor, of: 'input' as const })),
    ...found.spec.signature.outputs.map((tensor) => ({ ...tensor, of: 'output' as const })),
  ];
  const taken = new Set<string>();
  for (const { name, shape, of } of tensors) {
    if (redacted.has(name)) {
      left.push({ name, reason: 'the deployment redacts it' });
      continue;
    }
    const width = valuesOfRow(shape);
    if (width === undefined || width > mostValues) {
      const many = width === undefined ? 'a varying number of' : String(width);
      left.push({ name, reason: `it has ${many} values a row` });
      continue;
    }
    const input = of === 'input' ? evaluation?.inputs?.find((one) => one.name === name) : undefined;
    for (let index = 0; index < width; index++) {
      const own = width === 1 ? name : `${name}[${index}]`;
      columns.push({
        // An output may be called as an input is.
        name: taken.has(own) ? `${of} ${own}` : own,
        of,
        field: name,
        ...(width === 1 ? {} : { index }),
        ...(input?.missing === undefined ? {} : { missing: input.missing }),
        datasetColumn: of === 'output' ? undefined : (input?.columns?.[index] ?? own),
      });
      taken.add(own);
    }
  }
  return { environment, deployment, model, version, evaluation, columns, left };
}

function valuesOfRow(shape: readonly number[]): number | undefined {
  const own = shape[0] === -1 ? shape.slice(1) : shape;
  if (own.some((size) => size < 1)) return undefined;
  return own.reduce((product, size) => product * size, 1);
}
