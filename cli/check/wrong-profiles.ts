import type { Checked } from '../../core/manifest/check.ts';
import { type Issue, toIssue } from '../../core/manifest/issue.ts';
import { parseManifests } from '../../core/manifest/parse.ts';
import { Positions } from '../../core/manifest/positions.ts';
import type { Resource } from '../../core/plugin.ts';
import { pathFromManifest } from '../../libraries/manifest-path/index.ts';
import {
  checkReferenceProfile,
  declaredProfiles,
  mostProfileBytes,
  ProfileError,
} from '../../libraries/profile/index.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import type { CheckTarget } from './check-target.ts';

/** Profiles that are not what their dataset says of them: they are too large for manifests to be judged together with them. */
export async function wrongProfiles(
  { snapshot }: Checked,
  target: Pick<CheckTarget, 'includes' | 'readBytes'>,
): Promise<readonly Issue[]> {
  const found: Issue[] = [];
  for (const resource of snapshot.resources.values()) {
    if (resource.kind !== 'Dataset' || !target.includes(resource.origin.path)) continue;
    const dataset = resource as Resource<DatasetSpec>;
    for (const { index, path: written, claim } of declaredProfiles(dataset.spec)) {
      const path = pathFromManifest(dataset, written);
      const bytes = path && (await target.readBytes(path, mostProfileBytes(claim.columns.length)));
      // What is missing or too large is told of already.
      if (!bytes) continue;
      try {
        checkReferenceProfile(bytes, claim);
      } catch (thrown) {
        if (!(thrown instanceof ProfileError)) throw thrown;
        const finding = {
          code: thrown.code,
          pointer: `/spec/versions/${index}/profile`,
          message: `${path}: ${thrown.message}`,
          hint: 'Make it anew: switchyard profile data FILE --dataset NAME@VERSION --write.',
        };
        found.push(toIssue(finding, await placeOf(dataset, target)));
      }
    }
  }
  return found;
}

async function placeOf({ ref, origin, metadata }: Resource, target: Pick<CheckTarget, 'readBytes'>) {
  const bytes = (await target.readBytes(origin.path, 1024 * 1024)) ?? new Uint8Array();
  const document = parseManifests(bytes).documents.find(({ value }) => nameIn(value) === metadata.name);
  const positions = new Positions(document?.value ?? null, document?.positions ?? '', document ?? origin);
  return { path: origin.path, ref, positions };
}

function nameIn(document: unknown): string | undefined {
  const { kind, metadata } = (document ?? {}) as {
    readonly kind?: string;
    readonly metadata?: { readonly name?: string };
  };
  return kind === 'Dataset' ? metadata?.name : undefined;
}
