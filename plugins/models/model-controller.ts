import { type Controller, ready } from '../../core/plugin.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { newestOf } from './version-order.ts';

/** There is nothing to make of a model: its status counts its versions. */
export function modelController(): Controller<ModelSpec> {
  return {
    async reconcile({ resource, related }) {
      const { name } = resource.metadata;
      const versions = related.matching<ModelVersionSpec>(`ModelVersion/${name}/*`);
      const quarantined = versions.filter(({ spec }) => spec.quarantine !== undefined);
      const latest = newestOf(versions.filter(({ spec }) => spec.quarantine === undefined))?.metadata.name;
      const facts = {
        versions: versions.length,
        ...(latest === undefined ? {} : { latest }),
        ...(quarantined.length === 0
          ? {}
          : { quarantined: quarantined.map(({ metadata }) => metadata.name) }),
      };
      if (versions.length === 0) return ready('NoVersions', `${name} has no version yet`, { facts });
      const count = versions.length === 1 ? '1 version' : `${versions.length} versions`;
      const newest = latest === undefined ? 'none of them released' : `the newest is ${latest}`;
      return ready('Registered', `${name} has ${count}; ${newest}`, { facts });
    },
  };
}
