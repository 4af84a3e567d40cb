import { armor, Decrypter, Encrypter } from 'age-encryption';
import { SopsError } from './error.ts';
import type { AgeKey, KeyGroup, Metadata } from './metadata.ts';
import { combineParts, splitSecret } from './shamir.ts';

const keyBytes = 32;

/** Who may open a file: the recipients of each group. */
export type RecipientGroups = readonly (readonly string[])[];

/** Opens the data key with age identities (`AGE-SECRET-KEY-1…`). Throws `SopsError`. */
export async function openDataKey(
  { groups, threshold }: Pick<Metadata, 'groups' | 'threshold'>,
  identities: readonly string[],
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const group of groups) {
    const part = await openGroup(group, identities);
    if (part !== undefined) parts.push(part);
  }
  if (parts.length < threshold) throw noKey(groups, parts.length, threshold, identities.length);
  const [first] = parts;
  const key = groups.length === 1 && first !== undefined ? first : combineParts(parts);
  if (key.length !== keyBytes) throw new SopsError('malformed', 'the data key has another length');
  return key;
}

async function openGroup(group: KeyGroup, identities: readonly string[]): Promise<Uint8Array | undefined> {
  if (identities.length === 0) return undefined;
  const decrypter = new Decrypter();
  try {
    for (const identity of identities) decrypter.addIdentity(identity);
  } catch {
    // Whatever was said of it could hold it.
    throw new SopsError('noKey', 'an age identity is not well-formed: it begins with AGE-SECRET-KEY-1');
  }
  for (const { enc } of group.age) {
    try {
      return await decrypter.decrypt(armor.decode(enc.trim()));
    } catch {
      // Not for these identities, or damaged: the next may open.
    }
  }
  return undefined;
}

function noKey(
  groups: readonly KeyGroup[],
  opened: number,
  threshold: number,
  identities: number,
): SopsError {
  const recipients = groups.flatMap(({ age }) => age.map(({ recipient }) => recipient));
  const others = [...new Set(groups.flatMap((group) => Object.keys(group.others)))];
  const forWhom = [...recipients, ...others.map((sort) => `keys of ${sort}`)].join(', ') || 'nobody';
  const given = identities === 1 ? '1 identity opens' : `${identities || 'no'} identities open`;
  const needed = threshold > 1 ? ` ${opened} of the ${threshold} groups that are needed` : ' nothing';
  return new SopsError('noKey', `${given}${needed}; it is encrypted for ${forWhom}`);
}

/** Wraps a data key for recipients (`age1…`); what a group has for others than age is lost. */
export async function wrapDataKey(
  key: Uint8Array,
  groups: RecipientGroups,
  threshold = groups.length,
): Promise<Pick<Metadata, 'groups' | 'threshold'>> {
  if (groups.length === 0 || groups.some((group) => group.length === 0)) {
    throw new SopsError('malformed', 'there is no recipient');
  }
  const parts = groups.length === 1 ? [key] : splitSecret(key, groups.length, threshold);
  const wrapped: KeyGroup[] = [];
  for (const [index, recipients] of groups.entries()) {
    const age: AgeKey[] = [];
    for (const recipient of recipients) age.push(await wrap(parts[index] ?? key, recipient));
    wrapped.push({ age, others: {} });
  }
  return { groups: wrapped, threshold };
}

async function wrap(part: Uint8Array, recipient: string): Promise<AgeKey> {
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch (cause) {
    throw new SopsError('malformed', `${recipient} is no age recipient`, { cause });
  }
  return { recipient, enc: armor.encode(await encrypter.encrypt(part)) };
}
