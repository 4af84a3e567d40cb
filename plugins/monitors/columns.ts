/** Which values of a version's inputs and outputs can be looked at, and what they are called. */
import type { ProfiledColumn } from '../../core/capabilities/prediction-profile.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';

export interface TargetColumn extends ProfiledColumn {
  readonly of: 'input' | 'output';
  readonly field: string;
  /** Whether its values are texts. */
  readonly isText: boolean;
  /** The column of a dataset that says the same. */
  readonly datasetColumn: string | undefined;
}

export interface Columns {
  readonly columns: readonly TargetColumn[];
  readonly left: readonly Left[];
}

/** An input or output that is no column, and why. */
export interface Left {
  readonly name: string;
  readonly of: 'input' | 'output';
  readonly reason: string;
}

/** What the column of labels that were told is called: an output may be called `label`. */
export const toldLabel = 'told label';

/** Values of a row that are looked at one by one; of more (an image, an embedding) none is. */
const mostValues = 64;

export function columnsOf(
  signature: Pick<ModelVersionSpec['signature'], 'inputs' | 'outputs'>,
  evaluation: ModelSpec['evaluation'],
  logging: DeploymentSpec['logging'],
): Columns {
  const redacted = new Set((logging?.redact ?? []).map((one) => (typeof one === 'string' ? one : one.name)));
  const columns: TargetColumn[] = [];
  const left: Left[] = [];
  const tensors = [
    ...signature.inputs.map((tensor) => ({ ...tensor, of: 'input' as const })),
    ...signature.outputs.map((tensor) => ({ ...tensor, of: 'output' as const })),
  ];
  const taken = new Set<string>();
  for (const { name, shape, datatype, of } of tensors) {
    if (redacted.has(name)) {
      left.push({ name, of, reason: 'the deployment redacts it' });
      continue;
    }
    const width = valuesOfRow(shape);
    if (width === undefined || width > mostValues) {
      const many = width === undefined ? 'a varying number of' : String(width);
      left.push({ name, of, reason: `it has ${many} values a row` });
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
        isText: datatype === 'BYTES',
        ...(width === 1 ? {} : { index }),
        ...(input?.missing === undefined ? {} : { missing: input.missing }),
        datasetColumn: of === 'output' ? undefined : (input?.columns?.[index] ?? own),
      });
      taken.add(own);
    }
  }
  return { columns, left };
}

function valuesOfRow(shape: readonly number[]): number | undefined {
  const own = shape[0] === -1 ? shape.slice(1) : shape;
  if (own.some((size) => size < 1)) return undefined;
  return own.reduce((product, size) => product * size, 1);
}

/** As it is asked of the prediction log. */
export function askedOf({ datasetColumn: _, isText: __, ...column }: TargetColumn): ProfiledColumn {
  return column;
}
