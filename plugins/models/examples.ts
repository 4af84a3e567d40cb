import type { Finding } from '../../core/plugin.ts';
import type { Signature, TensorSpec } from '../../libraries/signature-changes/index.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';

type Example = NonNullable<ModelVersionSpec['examples']>[number];
type Tensor = Example['inputs'][number];

/** Golden examples must fit the signature: its names, datatypes and shapes, and as many elements as the shape says. */
export function exampleFindings(examples: readonly Example[], signature: Signature): readonly Finding[] {
  const findings: Finding[] = [];
  const names = new Set<string>();
  for (const [index, example] of examples.entries()) {
    const pointer = `/spec/examples/${index}`;
    if (names.has(example.name)) {
      const message = `two examples are called "${example.name}"`;
      findings.push({ code: 'DuplicateExample', pointer: `${pointer}/name`, message });
    }
    names.add(example.name);
    findings.push(...sideFindings('input', example, signature.inputs, `${pointer}/inputs`));
    findings.push(...sideFindings('output', example, signature.outputs, `${pointer}/outputs`));
    for (const { name } of signature.inputs) {
      if (example.inputs.some((tensor) => tensor.name === name)) continue;
      findings.push({
        code: 'ExampleMismatch',
        pointer: `${pointer}/inputs`,
        message: `the example "${example.name}" lacks the input "${name}"`,
      });
    }
  }
  return findings;
}

function sideFindings(
  side: 'input' | 'output',
  example: Example,
  specs: readonly TensorSpec[],
  pointer: string,
): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const tensors = side === 'input' ? example.inputs : example.outputs;
  for (const [index, tensor] of tensors.entries()) {
    const problem = seen.has(tensor.name)
      ? { at: 'name', message: 'stands twice' }
      : problemOf(
          tensor,
          specs.find((spec) => spec.name === tensor.name),
          side,
        );
    seen.add(tensor.name);
    if (problem === undefined) continue;
    findings.push({
      code: 'ExampleMismatch',
      pointer: `${pointer}/${index}/${problem.at}`,
      message: `the ${side} "${tensor.name}" of the example "${example.name}" ${problem.message}`,
    });
  }
  return findings;
}

interface Problem {
  /** The field, or the element, that is wrong. */
  readonly at: string;
  readonly message: string;
}

function problemOf(tensor: Tensor, spec: TensorSpec | undefined, side: string): Problem | undefined {
  if (spec === undefined) return { at: 'name', message: `is no ${side} of the signature` };
  if (tensor.datatype !== spec.datatype) {
    return { at: 'datatype', message: `is ${tensor.datatype}, not ${spec.datatype}` };
  }
  const fits =
    tensor.shape.length === spec.shape.length &&
    tensor.shape.every((size, index) => spec.shape[index] === -1 || spec.shape[index] === size);
  if (!fits) {
    const message = `has the shape [${tensor.shape.join(', ')}], which does not fit [${spec.shape.join(', ')}]`;
    return { at: 'shape', message };
  }
  const expected = tensor.shape.reduce((product, size) => product * size, 1);
  if (tensor.data.length !== expected) {
    return { at: 'data', message: `has ${tensor.data.length} elements, but its shape holds ${expected}` };
  }
  const wrong = tensor.data.findIndex((element) => !isElement(element, tensor.datatype));
  if (wrong < 0) return undefined;
  return {
    at: `data/${wrong}`,
    message: `holds ${JSON.stringify(tensor.data[wrong])}, which is no ${tensor.datatype}`,
  };
}

const integers: Readonly<Record<string, readonly [number, number]>> = {
  UINT8: [0, 2 ** 8 - 1],
  UINT16: [0, 2 ** 16 - 1],
  UINT32: [0, 2 ** 32 - 1],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
  INT8: [-(2 ** 7), 2 ** 7 - 1],
  INT16: [-(2 ** 15), 2 ** 15 - 1],
  INT32: [-(2 ** 31), 2 ** 31 - 1],
  INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

function isElement(element: string | number | boolean, datatype: string): boolean {
  if (datatype === 'BYTES') return typeof element === 'string';
  if (datatype === 'BOOL') return typeof element === 'boolean';
  if (typeof element !== 'number') return false;
  const range = integers[datatype];
  if (range === undefined) return Number.isFinite(element);
  return Number.isInteger(element) && element >= range[0] && element <= range[1];
}
