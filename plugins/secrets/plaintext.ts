import type { Finding, Resource } from '../../core/plugin.ts';
import { SopsError } from '../../libraries/sops/error.ts';
// Not the whole library: to check a registry needs none of age.
import { isEncryptedFile, readFile } from '../../libraries/sops/read-file.ts';
import { nameOf } from '../../libraries/sops/tree.ts';
import type { SecretSpec } from '../../schemas/generated/secret.ts';
import { formatOf, keyOf } from './sops-place.ts';

const hint =
  'Encrypt it with `switchyard secrets edit` or sops. If it was pushed as it stands here, renew the value: history keeps it.';

/** What can be told of an encrypted Secret without a key: that nothing in it is in plain text, and that its MAC is there. */
export function plaintextFindings({ spec, attachments }: Resource<SecretSpec>): readonly Finding[] {
  const { sops } = spec.store;
  const [file] = attachments;
  if (sops === undefined || file?.text === undefined) return [];
  const isManifest = sops.file === undefined;
  const pointer = `/spec/store/sops/${isManifest ? 'values' : 'file'}`;
  const format = formatOf(file.path);
  if (!isEncryptedFile(file.text, format)) return [plaintext(pointer, `${file.path} is not encrypted`)];
  try {
    const { values, documents } = readFile(file.text, format);
    if (isManifest && documents > 1) {
      const message =
        'an encrypted Secret shares its file with other documents, and SOPS encrypts files as one';
      return [{ code: 'SecretFileInvalid', pointer, message, hint: 'Give it a file of its own.' }];
    }
    const mine = values.flatMap((value) => {
      const key = keyOf(value.path, isManifest);
      return key === undefined ? [] : [{ ...value, key }];
    });
    const bare = mine.find(
      ({ isCiphertext, isEncrypted, isEmpty }) => !isCiphertext && !isEmpty && (isEncrypted || isManifest),
    );
    if (bare !== undefined) return [plaintext(pointer, `${nameOf(bare.path)} is in plain text`)];
    return mine.some(({ isCiphertext }) => isCiphertext)
      ? []
      : [plaintext(pointer, 'nothing in it is encrypted')];
  } catch (error) {
    if (!(error instanceof SopsError)) throw error;
    const code = error.problem === 'tampered' ? 'SecretTampered' : 'SecretFileInvalid';
    return [
      {
        code,
        pointer,
        message: `${file.path}: ${error.message}`,
        hint: 'Restore the last good file, or encrypt it anew.',
      },
    ];
  }
}

function plaintext(pointer: string, problem: string): Finding {
  return {
    code: 'PlaintextSecret',
    pointer,
    message: `A SECRET STANDS HERE FOR ALL TO READ: ${problem}`,
    hint,
  };
}
