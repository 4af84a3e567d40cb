import type { ArtifactStore } from '../../core/capabilities/artifact-store.ts';
import { artifactBeyondLimit } from './errors.ts';

/** Refuses what is larger than this machine takes, whatever a manifest declares, before a byte of it is read. */
export function withinSize(store: ArtifactStore, maxSize: number): ArtifactStore {
  return {
    async open(request) {
      const { maxBytes = maxSize, resource } = request;
      if (maxBytes > maxSize) throw artifactBeyondLimit(resource.origin.path, maxBytes, maxSize);
      return store.open({ ...request, maxBytes });
    },
  };
}
