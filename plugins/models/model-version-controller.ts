import { type Controller, type Host, ready, stalled } from '../../core/plugin.ts';
import { isFile, pathOfUri } from '../../libraries/manifest-path/index.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { type Measured, measure, problemOf } from './file-check.ts';

/** What was found in the artifact, so that it is not read again while it is the same blob. */
type Cell = Measured;

/**
 * Verifies the artifact of a version that lies in the registry. One that lies elsewhere is verified by the data plane
 * each time it loads it. A quarantined version is refused whatever its artifact is like.
 */
export function modelVersionController(readBlob: Host['readBlob']): Controller<ModelVersionSpec, Cell> {
  return {
    plan(change) {
      if (change.type === 'removed' || change.type === 'affected') return [];
      const { metadata, spec } = change.next;
      const name = `${metadata.model} ${metadata.name}`;
      const steps = [];
      const before = change.type === 'changed' ? change.previous.spec : undefined;
      if (spec.quarantine !== undefined && before?.quarantine === undefined) {
        steps.push({ action: 'quarantine', description: `quarantine ${name}: ${spec.quarantine.reason}` });
      }
      if (spec.quarantine === undefined && before?.quarantine !== undefined) {
        steps.push({ action: 'lift', description: `lift the quarantine of ${name}` });
      }
      if (isFile(spec.artifact.uri) && before?.artifact.digest !== spec.artifact.digest) {
        steps.push({
          action: 'verify',
          description: `verify the artifact of ${name} (${spec.artifact.digest})`,
        });
      }
      return steps;
    },

    async reconcile({ resource, cell, save, signal }) {
      const { metadata, spec } = resource;
      const { uri, digest, size } = spec.artifact;
      const name = `${metadata.model} ${metadata.name}`;
      const facts = { digest, size };
      if (spec.quarantine !== undefined) {
        const { reason, since } = spec.quarantine;
        const message = `${name} is quarantined${since === undefined ? '' : ` since ${since}`}: ${reason}`;
        return stalled('Quarantined', message, { facts });
      }
      if (!isFile(uri)) {
        return ready('Registered', `the artifact of ${name} is verified when a deployment loads it`, {
          facts,
        });
      }
      const path = pathOfUri(resource, uri);
      const file = resource.attachments.find((attachment) => attachment.path === path);
      if (file === undefined) {
        return stalled('ArtifactMissing', `the commit holds no file for the artifact of ${name}`, { facts });
      }
      let measured = cell;
      // An earlier release did not keep what a pointer stands for.
      if (measured?.blob !== file.blob || measured.lfs === undefined) {
        measured = await measure(readBlob, file.blob, signal);
        await save(measured);
      }
      const problem = problemOf(file, measured, spec.artifact);
      if (problem !== undefined) return stalled(problem.reason, problem.message, { facts });
      if (measured.lfs !== null) {
        const message = `${file.path} is a Git LFS pointer to what ${name} declares; its content is verified when a deployment loads it`;
        return ready('Registered', message, { facts });
      }
      return ready('ArtifactVerified', `${file.path} has the size and the digest that ${name} declares`, {
        facts,
      });
    },
  };
}
