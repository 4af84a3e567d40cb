import { isDeepStrictEqual } from 'node:util';
import type { ProposalCheck, ProposalSubject } from '../../../core/capabilities/proposal-check.ts';
import { ofKind } from '../../../core/capabilities/proposed-versions.ts';
import type { Ref, Resource } from '../../../core/plugin.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { bumpFindings, isPrerelease, type Version, versionBefore } from '../version-order.ts';
import { type Complaint, verdictOf } from './verdict.ts';

/** What may change in a version that is there already: what is known about it, not what it is. */
const open = ['quarantine', 'metrics', 'examples', 'lineage'] as const;

/** Whether version numbers say what callers may expect, and whether a version stays what it was. */
export const semanticVersionCheck: ProposalCheck = {
  title: 'Version numbers tell the truth',
  version: 1,

  concerns(subject) {
    const versions = touched(subject);
    if (versions.length === 0) return undefined;
    return versions
      .map((version) => {
        const models = siblings(subject.merged.resources, version);
        return [
          version.digest,
          subject.base.resources.get(version.ref)?.digest ?? 'new',
          ...models.map(({ digest }) => digest),
        ].join(' ');
      })
      .join('\n');
  },

  async run(subject) {
    const complaints: Complaint[] = [];
    const versions = touched(subject);
    for (const version of versions) {
      const { name } = version.metadata;
      const before = subject.base.resources.get(version.ref) as Version | undefined;
      if (before !== undefined) {
        const changed = sealedFields(before.spec, version.spec);
        if (changed.length > 0) {
          complaints.push({
            code: 'VersionChanged',
            resource: version,
            pointer: `/spec/${changed[0]}`,
            message: `${version.metadata.model} ${name} is there already and would become something else: ${changed.join(', ')} changed`,
            hint: 'A version stays what it is: give the change a number of its own.',
          });
        }
      }
      for (const finding of bumpFindings(version, parentsOf(version, subject.merged.resources))) {
        complaints.push({ ...finding, resource: version });
      }
    }
    const names = versions.map(({ metadata }) => `${metadata.model} ${metadata.name}`);
    return verdictOf(complaints, `${names.join(', ')}: the number fits the change`);
  },
};

function touched({ base, merged }: ProposalSubject): readonly Version[] {
  return ofKind<ModelVersionSpec>(merged.resources, 'ModelVersion').filter(
    (version) => base.resources.get(version.ref)?.digest !== version.digest,
  );
}

function siblings(resources: ReadonlyMap<Ref, Resource>, version: Version): readonly Version[] {
  return ofKind<ModelVersionSpec>(resources, 'ModelVersion').filter(
    ({ metadata }) => metadata.model === version.metadata.model,
  );
}

function parentsOf(version: Version, resources: ReadonlyMap<Ref, Resource>): readonly Version[] {
  const others = siblings(resources, version).filter(({ ref }) => ref !== version.ref);
  const parents = version.spec.parents ?? [];
  if (parents.length > 0) {
    return others.filter((other) => parents.includes(other.metadata.name) && !isPrerelease(other));
  }
  const before = versionBefore(version, others);
  return before === undefined ? [] : [before];
}

function sealedFields(before: ModelVersionSpec, after: ModelVersionSpec): readonly string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof ModelVersionSpec>;
  return [...fields].filter((field) => {
    if ((open as readonly string[]).includes(field)) return false;
    if (field !== 'artifact') return !isDeepStrictEqual(before[field], after[field]);
    // The same bytes may move to another place.
    return before.artifact.digest !== after.artifact.digest || before.artifact.size !== after.artifact.size;
  });
}
