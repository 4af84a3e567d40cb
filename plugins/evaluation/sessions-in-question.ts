import type { ProposalSubject } from '../../core/capabilities/proposal-check.ts';
import { ofKind, versionsInQuestion } from '../../core/capabilities/proposed-versions.ts';
import type { SessionSettings } from '../../core/capabilities/serving-runtime.ts';
import { sessionSettings } from '../../core/capabilities/session-settings.ts';
import { type Resource, refOf } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { Version } from './comparisons.ts';

/** A version, and how its session would be made. */
export interface SessionInQuestion {
  readonly version: Version;
  readonly settings: SessionSettings | undefined;
  /** The deployments that say so; undefined where the version itself does. */
  readonly where: string | undefined;
}

/**
 * Every session that the proposal would have made and the base would not: of versions in question as they say themselves
 * and as deployments have them run, and of the others where a deployment now says something else. Each once.
 */
export function sessionsInQuestion(subject: ProposalSubject): readonly SessionInQuestion[] {
  const versions = versionsInQuestion(subject);
  const found = new Map<string, SessionInQuestion>();
  const add = (version: Version, settings: SessionSettings | undefined, where: string | undefined): void => {
    const key = `${version.ref} ${JSON.stringify(settings)}`;
    const before = found.get(key);
    if (before === undefined) found.set(key, { version, settings, where });
    else if (before.where !== undefined && where !== undefined)
      found.set(key, { ...before, where: `${before.where}, ${where}` });
  };
  for (const version of versions) add(version, sessionSettings(version.spec), undefined);
  for (const deployment of ofKind<DeploymentSpec>(subject.merged.resources, 'Deployment')) {
    const { model, version: named } = deployment.spec;
    const version = subject.merged.resources.get(refOf('ModelVersion', named, model)) as Version | undefined;
    if (version === undefined) continue;
    const settings = sessionSettings(version.spec, deployment.spec);
    const isInQuestion = versions.includes(version);
    if (!isInQuestion && JSON.stringify(settings) === JSON.stringify(settingsBefore(subject, deployment)))
      continue;
    add(version, settings, `${deployment.metadata.environment}/${deployment.metadata.name}`);
  }
  return [...found.values()];
}

/** How the base has the deployment run its version. */
function settingsBefore(
  { base }: ProposalSubject,
  { ref }: Resource<DeploymentSpec>,
): SessionSettings | undefined {
  const before = base.resources.get(ref) as Resource<DeploymentSpec> | undefined;
  const { model = '', version = '' } = before?.spec ?? {};
  const declared = base.resources.get(refOf('ModelVersion', version, model)) as Version | undefined;
  return declared && sessionSettings(declared.spec, before?.spec);
}
