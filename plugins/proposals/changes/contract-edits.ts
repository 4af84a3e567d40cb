import { compare } from 'semver';
import type { FileEdit } from '../../../core/capabilities/proposer.ts';
import type { Resource } from '../../../core/plugin.ts';
import { type Signature, signatureChanges } from '../../../libraries/signature-changes/index.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import { isPrerelease, type Version } from './look-up.ts';

/** The model's own signature is that of its newest version: what a reader says about a tensor stays. */
export function contractEdits(
  { origin, ref, spec }: Resource<ModelSpec>,
  all: readonly Version[],
  name: string,
  signature: Signature,
): readonly FileEdit[] {
  const newest = all.filter((version) => !isPrerelease(version)).at(-1);
  const isNewest = newest === undefined || isHigher(name, newest.metadata.name);
  const contract = spec.signature as Signature;
  const isSame =
    signatureChanges(contract, signature).length + signatureChanges(signature, contract).length === 0;
  if (!isNewest || isSame || name.includes('-')) return [];
  const described = (side: 'inputs' | 'outputs') =>
    signature[side].map((tensor) => {
      const old = spec.signature[side].find((one) => one.name === tensor.name);
      return old?.description === undefined ? tensor : { ...tensor, description: old.description };
    });
  return [
    {
      path: origin.path,
      ref,
      edits: [
        { op: 'set', pointer: '/spec/signature/inputs', value: described('inputs') },
        { op: 'set', pointer: '/spec/signature/outputs', value: described('outputs') },
      ],
    },
  ];
}

function isHigher(one: string, other: string): boolean {
  return compare(one, other) > 0;
}
