import { secretStore } from '../../core/capabilities/secret-store.ts';
import { secrets } from '../../core/capabilities/secrets.ts';
import { definePlugin, optional } from '../../core/plugin.ts';
import { secretKind } from './secret.ts';

export const plugin = definePlugin({
  name: 'secrets',
  description: 'Secrets: where their values are, and who may have them.',
  kinds: [secretKind],
  // Its own stores are among them; others bring theirs.
  needs: { stores: optional(secretStore) },
  provides: [secretStore, secrets],
  async setup(host, { stores }) {
    const { setUpSecrets } = await import('./setup.ts');
    setUpSecrets(host, stores, process.env);
  },
});
