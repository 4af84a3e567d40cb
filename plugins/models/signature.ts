import type { Finding } from '../../core/plugin.ts';
import type { Signature } from '../../libraries/signature-changes/index.ts';

/** A name may stand once among the inputs and once among the outputs. */
export function duplicateTensors(signature: Signature): readonly Finding[] {
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

/** The JSON pointer of a tensor in a signature, or of the side that lacks it. */
export function pointerOfTensor(signature: Signature, side: 'input' | 'output', name: string): string {
  const tensors = side === 'input' ? signature.inputs : signature.outputs;
  const index = tensors.findIndex((tensor) => tensor.name === name);
  return `/spec/signature/${side}s${index < 0 ? '' : `/${index}`}`;
}
