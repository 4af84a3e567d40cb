import { type ArtifactStore, artifactStore } from '../../core/capabilities/artifact-store.ts';
import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import type { Host } from '../../core/plugin.ts';
import { artifactCheck } from './artifact-check.ts';
import { fileStore } from './file-store.ts';
import { httpStore } from './http-store.ts';
import { type ArtifactSettings, artifactSettings } from './settings.ts';

/** What runs of this plugin: apart from its declaration, so that reading manifests loads no store. */
export function setUpArtifacts(host: Host): void {
  const settings = artifactSettings(host.machine.settings);
  const withoutCredentials = { ...settings, credentials: {} };
  const stores = storesBySchemes(host, settings, process.env);
  for (const [scheme, store] of stores) host.provide(artifactStore, scheme, store);
  host.provide(
    proposalCheck,
    'artifact',
    artifactCheck(stores, storesBySchemes(host, withoutCredentials, {})),
  );
}

function storesBySchemes(
  host: Host,
  settings: ArtifactSettings,
  environment: NodeJS.ProcessEnv,
): ReadonlyMap<string, ArtifactStore> {
  const overHttp = httpStore(settings, environment);
  return new Map([
    ['file', fileStore(host.readBlob.bind(host))],
    ['http', overHttp],
    ['https', overHttp],
  ]);
}
