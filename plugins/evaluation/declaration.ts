import type { ProposalSubject } from '../../core/capabilities/proposal-check.ts';
import { type Resource, refOf } from '../../core/plugin.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';

export type Evaluation = NonNullable<ModelSpec['evaluation']>;

/** How a model is compared, and on what. */
export interface Declaration {
  readonly evaluation: Evaluation;
  readonly model: Resource<ModelSpec>;
  readonly dataset: Resource<DatasetSpec>;
  readonly data: DatasetSpec['versions'][number];
}

/**
 * What the base branch declares: a proposal does not say how it is judged. Only of a model that the base does not know,
 * which nothing serves, the proposal's own word counts.
 */
export function declarationOf({ base, merged }: ProposalSubject, name: string): Declaration | undefined {
  const { resources } = base.resources.has(refOf('Model', name)) ? base : merged;
  const model = resources.get(refOf('Model', name)) as Resource<ModelSpec> | undefined;
  const evaluation = model?.spec.evaluation;
  if (model === undefined || evaluation === undefined) return undefined;
  const dataset = resources.get(refOf('Dataset', evaluation.dataset.name)) as
    | Resource<DatasetSpec>
    | undefined;
  const data = dataset?.spec.versions.find(({ version }) => version === evaluation.dataset.version);
  return dataset === undefined || data === undefined ? undefined : { evaluation, model, dataset, data };
}

/** `bird-strike@1, flight_date 1999-01-01 to 2002-12-31`. */
export function describeRows({ evaluation }: Declaration): string {
  const { name, version } = evaluation.dataset;
  const conditions = (evaluation.where ?? []).map(({ column, in: values, from, to }) => {
    const parts = [
      values === undefined ? '' : values.join(' or '),
      from !== undefined && to !== undefined ? `${from} to ${to}` : '',
      from !== undefined && to === undefined ? `from ${from}` : '',
      to !== undefined && from === undefined ? `up to ${to}` : '',
    ];
    return `${column} ${parts.filter(Boolean).join(', ')}`;
  });
  return [`${name}@${version}`, ...conditions].join(', ');
}
