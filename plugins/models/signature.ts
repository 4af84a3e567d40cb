import type { Finding } from '../../core/plugin.ts';
import type { Signature, TensorSpec } from '../../libraries/signature-changes/index.ts';

/** What is wrong with a signature beside its form. */
export function signatureFindings(signature: Signature): readonly Finding[] {
  return [
    ...duplicateTensors(signature),
    ...signature.inputs.flatMap(columnFindings),
    ...duplicateColumns(signature),
    ...signature.outputs.flatMap(classFindings),
  ];
}

/** A name may stand once among the inputs and once among the outputs. */
function duplicateTensors(signature: Signature): readonly Finding[] {
  const findings: Finding[] = [];
  for (const side of ['inputs', 'outputs'] as const) {
    const seen = new Set<string>();
    for (const [index, { name }] of signature[side].entries()) {
      if (seen.has(name)) {
        findings.push({
          code: 'DuplicateTensor',
          pointer: `/spec/signature/${side}/${index}/name`,
          message: `"${name}" stands twice among the ${side}`,
        });
      }
      seen.add(name);
    }
  }
  return findings;
}

/** Columns name the values of a row: there are as many. */
function columnFindings({ name, shape, columns }: TensorSpec, index: number): readonly Finding[] {
  if (columns === undefined) return [];
  const pointer = `/spec/signature/inputs/${index}/columns`;
  const values = valuesARow(shape);
  if (values === undefined)
    return [
      {
        code: 'InvalidColumns',
        pointer,
        message: `"${name}" has columns, but its shape [${shape.join(', ')}] has no known number of values a row`,
        hint: 'Columns are for shapes such as [-1, 4].',
      },
    ];
  if (columns.length === values) return [];
  const message = `"${name}" has ${values} values a row and ${columns.length} columns`;
  return [{ code: 'InvalidColumns', pointer, message, hint: 'Name each value once, in order.' }];
}

/** A row has one field of a name, whichever input it is of. */
function duplicateColumns({ inputs }: Signature): readonly Finding[] {
  const findings: Finding[] = [];
  const owners = new Map<string, string>();
  for (const [index, { name, columns }] of inputs.entries()) {
    for (const [at, column] of (columns ?? [name]).entries()) {
      const owner = owners.get(column);
      // A name that stands twice in one list, or for two tensors, is told as that.
      if (owner !== undefined && owner !== name)
        findings.push({
          code: 'InvalidColumns',
          pointer: `/spec/signature/inputs/${index}/${columns === undefined ? 'name' : `columns/${at}`}`,
          message: `"${column}" would be a field of "${owner}" and of "${name}"`,
          hint: 'A row has one field of a name: rename one of them.',
        });
      else owners.set(column, name);
    }
  }
  return findings;
}

/** Classes are counted by one whole number a row, or each has its own value in it. */
function classFindings({ name, datatype, shape, classes }: TensorSpec, index: number): readonly Finding[] {
  if (classes === undefined) return [];
  const values = valuesARow(shape);
  const isIndex = /^U?INT/.test(datatype) && values === 1;
  const isEach = /^FP/.test(datatype) && values === classes.length;
  if (isIndex || isEach) return [];
  return [
    {
      code: 'InvalidClasses',
      pointer: `/spec/signature/outputs/${index}/classes`,
      message: `"${name}" (${datatype} [${shape.join(', ')}]) cannot say which of ${classes.length} classes it means`,
      hint: `Classes are for one whole number a row, or for floating-point numbers of shape [-1, ${classes.length}].`,
    },
  ];
}

function valuesARow([rows, ...rest]: readonly number[]): number | undefined {
  if (rows !== -1 || rest.some((size) => size < 0)) return undefined;
  return rest.reduce((product, size) => product * size, 1);
}

/** The JSON pointer of a tensor in a signature, or of the side that lacks it. */
export function pointerOfTensor(signature: Signature, side: 'input' | 'output', name: string): string {
  const tensors = side === 'input' ? signature.inputs : signature.outputs;
  const index = tensors.findIndex((tensor) => tensor.name === name);
  return `/spec/signature/${side}s${index < 0 ? '' : `/${index}`}`;
}
