import { Refusal } from '../refusal.ts';
import { decodeBase64 } from './base64.ts';
import { isKeyTypeName, type PublicKey, readPublicKey } from './public-key.ts';
import { WireReader } from './wire.ts';

/** A key of a trusted file. `key` is absent for a type that is known and not supported: nothing ever matches it. */
export interface ListedKey {
  readonly blob: Buffer;
  readonly key?: PublicKey;
}

/** Whether a line, from here on, begins with the name of a key type. */
export function beginsWithKeyType(text: string): boolean {
  return isKeyTypeName(text.split(/[ \t]/, 1)[0] as string);
}

/** Reads `keytype base64-key [comment]`, as sshd(8) describes it; a text says what is wrong. */
export function parseKeyLine(text: string): ListedKey | string {
  const [name = '', base64 = ''] = text.split(/[ \t]+/, 2);
  if (!isKeyTypeName(name)) return 'there is no key of a known type';
  const blob = decodeBase64(base64);
  if (blob === undefined) return 'the key is not in base64';
  try {
    if (new WireReader(blob, 'the key').text() !== name)
      return 'the key is of another type than its line says';
    return { blob, key: readPublicKey(blob) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.verdict === 'unsupported' ? { blob } : error.message;
  }
}
