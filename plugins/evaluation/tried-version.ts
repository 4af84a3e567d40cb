import { createHash } from 'node:crypto';
import { isTrialFailed } from '../../core/capabilities/model-trial.ts';
import type { CheckVerdict, ProposalSubject } from '../../core/capabilities/proposal-check.ts';
import type { RegistryIssue } from '../../core/capabilities/registry.ts';
import type { SessionSettings, VersionToServe } from '../../core/capabilities/serving-runtime.ts';
import { sessionSettings } from '../../core/capabilities/session-settings.ts';
import { nameOf, type Version } from './comparisons.ts';

/** A version as a trial is given it: to be run as it says itself, unless told otherwise. */
export function versionToTry(
  version: Version,
  session: SessionSettings | undefined = sessionSettings(version.spec),
): VersionToServe {
  const { artifact, signature, examples = [] } = version.spec;
  const { uri, digest, size } = artifact;
  return {
    version: version.metadata.name,
    resource: version,
    artifact: { uri, digest, size },
    signature,
    examples,
    ...(session === undefined ? {} : { session }),
  };
}

/** What a trial of a version depends on. */
export function identityOf(version: Version): string {
  const { artifact, signature, examples = [], runtime } = version.spec;
  const { uri, digest, size } = artifact;
  const file = version.attachments.map(({ path, blob }) => `${path} ${blob}`);
  return `${version.ref} ${shortDigest([uri, digest, size, signature, examples, file, runtime])}`;
}

export function shortDigest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

/**
 * Whether a version may be fetched and run for this proposal. A stranger's proposal is checked with nothing that is secret,
 * so of its artifacts only those are read that lie in the repository itself, or that the base declares already.
 */
export function mayBeFetched(version: Version, { proposal, base }: ProposalSubject): boolean {
  if (!proposal.fromFork || version.spec.artifact.uri.startsWith('file:')) return true;
  const before = base.resources.get(version.ref) as Version | undefined;
  return (
    before?.spec.artifact.uri === version.spec.artifact.uri &&
    before.spec.artifact.digest === version.spec.artifact.digest
  );
}

export const fromAFork: CheckVerdict = {
  outcome: 'neutral',
  summary: 'the artifact lies elsewhere, and is not fetched for a proposal out of another repository',
};

/**
 * What a failed trial means: the candidate's failure is the verdict; what the version that serves does is no fault of the
 * proposal. Anything else is thrown again.
 */
export function verdictOfFailure(thrown: unknown, candidate: Version, current?: Version): CheckVerdict {
  if (!isTrialFailed(thrown)) throw thrown;
  const facts = { reason: thrown.reason };
  const isOfCurrent = current !== undefined && thrown.where === current.origin.path;
  if (isOfCurrent && current.origin.path !== candidate.origin.path) {
    const summary = `${nameOf(current)}, which serves now, cannot be run to compare with: ${thrown.message}`;
    return { outcome: 'error', summary, facts };
  }
  const summary = `${nameOf(candidate)} cannot be run: ${thrown.message}`;
  return {
    outcome: 'fail',
    summary,
    annotations: [issueAt(candidate, thrown.reason, summary, '/spec/artifact')],
    facts,
  };
}

export function issueAt(version: Version, code: string, message: string, pointer: string): RegistryIssue {
  const { path, line, column } = version.origin;
  return { code, severity: 'error', message, path, line, column, pointer, ref: version.ref };
}
