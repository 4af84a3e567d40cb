import { type SecretStore, SecretValue } from '../../core/capabilities/secret-store.ts';
import { secretPlaceInvalid } from '../../core/capabilities/secret-store-errors.ts';
import { openFile } from '../../libraries/sops/index.ts';
import { formatOf, keyOf } from './sops-place.ts';
import { sopsTrouble } from './sops-trouble.ts';

/** Opens what is encrypted in the registry itself. `identities` are read anew each time. */
export function sopsStore(identities: () => Promise<readonly string[]>): SecretStore {
  return {
    async read({ place, files }, signal) {
      signal.throwIfAborted();
      const [[path, text] = ['spec.store.sops', undefined]] = files;
      if (text === undefined) throw secretPlaceInvalid('spec.store.sops', 'it names no file of the registry');
      const isManifest = place.file === undefined;
      const opened = await identities()
        .then((mine) => openFile(text, formatOf(path), mine))
        .catch((error: unknown) => {
          throw sopsTrouble(error, path);
        });
      const values = new Map<string, SecretValue>();
      for (const { path: at, value, isEncrypted } of opened.values) {
        const key = keyOf(at, isManifest);
        if (key !== undefined && isEncrypted) values.set(key, new SecretValue(value.text));
      }
      if (values.size === 0) throw secretPlaceInvalid(path, 'it holds no encrypted value');
      return { values, facts: { encryptedAt: opened.metadata.lastModified } };
    },
  };
}
