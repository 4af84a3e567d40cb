import { type SecretStore, secretStore } from '../../core/capabilities/secret-store.ts';
import { secrets } from '../../core/capabilities/secrets.ts';
import type { Host, Providers } from '../../core/plugin.ts';

import { ageIdentities } from '../../libraries/sops/identities.ts';
import { envStore } from './env-store.ts';
import { fileStore } from './file-store.ts';
import { secretKind } from './secret.ts';
import { secretController } from './secret-controller.ts';
import { SecretTable } from './secret-table.ts';
import { secretSettings } from './settings.ts';
import { sopsStore } from './sops-store.ts';
import { vaultSettings } from './vault-settings.ts';
import { vaultStore } from './vault-store.ts';

/** Tokens of Vault live for minutes at least; to look whether one is to be renewed costs nothing. */
const often = '*/10 * * * * *';

/** What runs of this plugin: apart from its declaration, so that reading manifests loads no store. */
export function setUpSecrets(
  host: Host,
  stores: Providers<SecretStore>,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  const settings = secretSettings(host.machine.settings);
  host.provide(secretStore, 'env', envStore(environment, settings.variables));
  host.provide(secretStore, 'file', fileStore(settings.folder));
  const identities = () => ageIdentities(environment, settings.ageKeyFile);
  host.provide(secretStore, 'sops', sopsStore(identities));
  const vault = vaultSettings(host.machine.settings.vault, environment);
  const inVault = vaultStore(vault, environment);
  host.provide(secretStore, 'vault', inVault);
  if (vault.address !== undefined) host.every(often, (signal) => inVault.keepLogin(signal));
  const table = new SecretTable((ref) => host.wake(ref), host.log);
  host.provide(secrets, 'registry', table);
  host.control(secretKind, secretController(stores, table));
}
