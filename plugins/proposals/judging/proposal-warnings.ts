import type { ProposalSubject } from '../../../core/capabilities/proposal-check.ts';
import type { PlannedChange, RegistryIssue } from '../../../core/capabilities/registry.ts';
import type { Resource } from '../../../core/plugin.ts';
import type { EnvironmentSpec } from '../../../schemas/generated/environment.ts';
import type { ChangeWarning } from '../changes/change.ts';
import type { Deployment, Version } from '../changes/look-up.ts';
import { littleEvidence, offThePath, olderVersion, stillDeployed } from '../changes/warnings.ts';

/** Something that does not block a proposal and that its reviewer should know. Plain JSON. */
export interface ProposalWarning extends ChangeWarning {
  /** Where it stands in the merge result: `models/bird-strike/model.yaml:12`. */
  readonly where?: string;
}

/**
 * What the merge result warns of: problems of its manifests that the base has not, and what is unusual about the change.
 * Told from the merge result, whoever made the proposal and how. `change`: what its head says that it is, `rollback`.
 */
export function proposalWarnings(
  { base, merged, plan }: Pick<ProposalSubject, 'base' | 'merged' | 'plan'>,
  issues: readonly RegistryIssue[],
  change: string | undefined,
): readonly ProposalWarning[] {
  const found: ProposalWarning[] = issues
    .filter(({ severity }) => severity === 'warning')
    .map(({ code, message, hint, path, line }) => {
      return { code, message, ...(hint === undefined ? {} : { hint }), where: `${path}:${line}` };
    });
  const unusual = (planned: PlannedChange): readonly ChangeWarning[] => {
    const resource = merged.resources.get(planned.ref);
    if (resource === undefined) return [];
    if (resource.kind === 'Deployment') {
      const before = base.resources.get(planned.ref) as Deployment | undefined;
      return ofDeployment(resource as Deployment, before);
    }
    if (resource.kind !== 'ModelVersion') return [];
    const { metadata, spec } = resource as Version;
    const [model, version] = [metadata.model ?? '', metadata.name];
    if (planned.type === 'added') return littleEvidence(model, version, spec);
    const isQuarantine = planned.fields.some(
      ({ pointer, before }) => pointer.startsWith('/spec/quarantine') && before === undefined,
    );
    return isQuarantine && spec.quarantine !== undefined ? stillDeployed(merged, model, version) : [];
  };
  const ofDeployment = ({ metadata, spec }: Deployment, before: Deployment | undefined) => {
    const { version, model } = spec;
    if (before?.spec.version === version && before.spec.model === model) return [];
    const name = metadata.environment ?? '';
    const environment = merged.resources.get(`Environment/${name}`) as Resource<EnvironmentSpec> | undefined;
    const isBack = change === 'rollback';
    return [
      ...(isBack ? [] : offThePath(base, model, version, name, environment?.spec.promotesFrom)),
      ...(isBack || before?.spec.model !== model ? [] : olderVersion(before.spec.version, version)),
    ];
  };
  return [...found, ...plan.changes.flatMap(unusual)];
}
