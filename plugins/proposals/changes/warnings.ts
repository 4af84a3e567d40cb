/** What is unusual about a change and not forbidden: said to whoever asks for it, and to whoever reviews it. */
import { lt } from 'semver';
import type { Examined } from '../../../core/capabilities/registry.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import type { ChangeWarning } from './change.ts';
import { deploymentsOf } from './look-up.ts';

/** A version that was not where the environment promotes from. */
export function offThePath(
  base: Examined,
  model: string,
  version: string,
  to: string,
  promotesFrom: string | undefined,
): readonly ChangeWarning[] {
  if (promotesFrom === undefined) return [];
  const isThere = deploymentsOf(base, model).some(
    ({ metadata, spec }) => metadata.environment === promotesFrom && spec.version === version,
  );
  if (isThere) return [];
  return [
    {
      code: 'OffThePath',
      message: `${to} promotes from ${promotesFrom}, where ${model} ${version} is not deployed`,
      hint: `Promote it to ${promotesFrom} first, unless policy lets it skip.`,
    },
  ];
}

/** A promotion to a version below the one that answers. */
export function olderVersion(current: string, version: string): readonly ChangeWarning[] {
  if (!lt(version, current)) return [];
  return [
    {
      code: 'OlderVersion',
      message: `${version} is older than ${current}, which answers now`,
      hint: 'To go back, `switchyard rollback` says so in the history.',
    },
  ];
}

/** A new version that says little about itself. */
export function littleEvidence(
  model: string,
  version: string,
  { lineage, metrics, examples }: Pick<ModelVersionSpec, 'lineage' | 'metrics' | 'examples'>,
): readonly ChangeWarning[] {
  const missing = [
    ...(lineage?.dataset === undefined ? ['the data'] : []),
    ...(lineage?.code === undefined ? ['the code'] : []),
    ...(metrics === undefined || metrics.length === 0 ? ['any metric'] : []),
    ...(examples === undefined ? ['golden examples'] : []),
  ];
  if (missing.length === 0) return [];
  return [
    {
      code: 'LittleEvidence',
      message: `${model} ${version} does not name ${missing.join(', ')}`,
      hint: 'Reviewers and policies may ask for it.',
    },
  ];
}

/** A version that is quarantined while it answers somewhere. */
export function stillDeployed(base: Examined, model: string, version: string): readonly ChangeWarning[] {
  const places = deploymentsOf(base, model)
    .filter(({ spec }) => spec.version === version)
    .map(({ metadata }) => `${metadata.environment}/${metadata.name}`);
  if (places.length === 0) return [];
  return [
    {
      code: 'StillDeployed',
      message: `${model} ${version} is deployed by ${places.join(', ')}`,
      hint: 'What answers goes on; roll these back too: `switchyard rollback`.',
    },
  ];
}
