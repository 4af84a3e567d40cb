import type { Finding, Resource } from '../../core/plugin.ts';
import { signatureChanges } from '../../libraries/signature-changes/index.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import { pointerOfTensor } from './signature.ts';
import { isPrerelease, majorOf, newestOf, type Version } from './version-order.ts';

/**
 * Holds a model's signature, the contract of today, to its versions: the newest one has it, and it breaks no version of
 * the newest major. Older majors and pre-releases have contracts of their own.
 */
export function contractFindings(
  { spec }: Resource<ModelSpec>,
  versions: readonly Version[],
): readonly Finding[] {
  const newest = newestOf(versions);
  if (newest === undefined) return [];
  const contract = spec.signature;
  const findings: Finding[] = [];
  for (const version of versions) {
    if (isPrerelease(version) || majorOf(version) !== majorOf(newest)) continue;
    const { name } = version.metadata;
    const isNewest = version === newest;
    const changes = isNewest
      ? signatureChanges(contract, version.spec.signature)
      : signatureChanges(version.spec.signature, contract).filter(({ bump }) => bump === 'major');
    for (const { side, tensor, message } of changes) {
      findings.push({
        code: 'ContractMismatch',
        pointer: pointerOfTensor(contract, side, tensor),
        message: isNewest
          ? `from this signature to that of ${name}, the newest version, ${message}`
          : `from the signature of ${name} to this one, ${message}`,
        hint: `Bring this signature and that of ${version.origin.path} together.`,
      });
    }
  }
  return findings;
}
