import { signingFormatUnsupported } from './errors.ts';
import { findGpgKey, signWithGpg } from './gpg-signing.ts';
import { type PersonalOptions, personalEnvironment, readPersonalConfig } from './personal-config.ts';
import { hasTerminal } from './signing-program.ts';
import { findSshKey, type SigningPlace, signWithSsh } from './ssh-signing.ts';

export interface SigningKeyOptions extends PersonalOptions {
  /** Whether a passphrase may be asked for. Default: whether there is a terminal. */
  readonly isInteractive?: boolean;
  /** Is given what the signing program says meanwhile, such as to touch a security key. */
  readonly tell?: (text: string) => void;
}

/** The key with which a person signs, found as Git finds it. */
export interface SigningKey {
  readonly format: 'ssh' | 'openpgp';
  /** A file, an id or the end of a public key; safe to show. */
  readonly name: string;
  /**
   * An armored signature of these bytes, for `sign` of a commit's draft.
   * Throws `SigningKeyLocked`, `SigningKeyMissing`, `SigningAgentMissing`, `SigningProgramMissing`, `NoSigningKey` or
   * `SigningFailed`.
   */
  sign(payload: Uint8Array): Promise<string>;
}

/**
 * Finds the person's key by Git's own settings: `gpg.format`, `user.signingKey`, `gpg.ssh.defaultKeyCommand`, `gpg.program`
 * and `gpg.ssh.program`, of the repository, the person and the machine. Throws `NoSigningKey`, `SigningKeyMissing`,
 * `SigningFormatUnsupported`, and says how to configure one.
 *
 *     const key = await findSigningKey({ folder });
 *     await repository.write({ …, sign: key.sign });
 */
export async function findSigningKey(options: SigningKeyOptions): Promise<SigningKey> {
  const config = await readPersonalConfig(options);
  const place: SigningPlace = {
    config,
    folder: options.folder,
    environment: personalEnvironment(options.environment ?? process.env),
    isInteractive: options.isInteractive ?? hasTerminal(),
    tell: options.tell,
  };
  const format = config.get('gpg.format') ?? 'openpgp';
  if (format === 'ssh') {
    const key = await findSshKey(place);
    const name = key.file ?? key.literal.split(/\s+/).slice(0, 2).join(' ');
    return { format, name, sign: (payload) => signWithSsh(key, payload, place) };
  }
  if (format !== 'openpgp') throw signingFormatUnsupported(format);
  const key = findGpgKey(place);
  return { format, name: key.name, sign: (payload) => signWithGpg(key, payload, place) };
}
