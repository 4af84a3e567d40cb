/** Reads artifacts from where manifests say that they are. */
import { artifactStore } from '../../core/capabilities/artifact-store.ts';
import { definePlugin } from '../../core/plugin.ts';
import { fileStore } from './file-store.ts';
import { httpStore } from './http-store.ts';
import { artifactSettings } from './settings.ts';

export const plugin = definePlugin({
  name: 'artifacts',
  description: 'Reads artifacts: files of the commit itself, and what lies behind http and https.',
  provides: [artifactStore],
  setup(host) {
    const overHttp = httpStore(artifactSettings(host.machine.settings), process.env);
    host.provide(artifactStore, 'file', fileStore(host.readBlob.bind(host)));
    host.provide(artifactStore, 'http', overHttp);
    host.provide(artifactStore, 'https', overHttp);
  },
});
