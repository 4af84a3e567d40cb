/** Reads artifacts from where manifests say that they are. */
import { type ArtifactStore, artifactStore } from '../../core/capabilities/artifact-store.ts';
import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { definePlugin, type Host } from '../../core/plugin.ts';
import { artifactCheck } from './artifact-check.ts';
import { fileStore } from './file-store.ts';
import { httpStore } from './http-store.ts';
import { type ArtifactSettings, artifactSettings } from './settings.ts';

export const plugin = definePlugin({
  name: 'artifacts',
  description: 'Reads artifacts: files of the commit itself, and what lies behind http and https.',
  provides: [artifactStore, proposalCheck],
  setup(host) {
    const settings = artifactSettings(host.machine.settings);
    const withoutCredentials = { ...settings, credentials: {} };
    const stores = storesBySchemes(host, settings, process.env);
    for (const [scheme, store] of stores) host.provide(artifactStore, scheme, store);
    host.provide(
      proposalCheck,
      'artifact',
      artifactCheck(stores, storesBySchemes(host, withoutCredentials, {})),
    );
  },
});

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
