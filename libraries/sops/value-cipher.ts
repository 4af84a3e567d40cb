import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SopsError } from './error.ts';

/** What a value was before it was encrypted. */
export type ValueType = 'str' | 'int' | 'float' | 'bool' | 'time' | 'bytes' | 'comment';

export interface TypedText {
  readonly type: ValueType;
  readonly text: string;
}

const types: readonly string[] = ['str', 'int', 'float', 'bool', 'time', 'bytes', 'comment'];
const pattern = /^ENC\[AES256_GCM,data:([^,]+),iv:([^,]+),tag:([^,]+),type:([a-z]+)\]$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const nonceBytes = 32;
const tagBytes = 16;

export function isCiphertext(text: string): boolean {
  return text.startsWith('ENC[');
}

/** Encrypts one value. `place` is authenticated with it, so that it cannot be moved elsewhere. */
export function sealValue({ type, text }: TypedText, key: Uint8Array, place: string): string {
  // SOPS leaves what is empty as it is.
  if (text === '') return '';
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(place));
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
  const tag = cipher.getAuthTag().toString('base64');
  return `ENC[AES256_GCM,data:${data},iv:${nonce.toString('base64')},tag:${tag},type:${type}]`;
}

/** Decrypts one value. Throws `SopsError` where it is none, is another's, or was not encrypted for that place. */
export function openValue(ciphertext: string, key: Uint8Array, place: string, name: string): TypedText {
  if (ciphertext === '') return { type: 'str', text: '' };
  const [, data = '', iv = '', tag = '', type = ''] = pattern.exec(ciphertext) ?? [];
  if (type === '') throw new SopsError('tampered', `${name} should be encrypted and is not`);
  if (![data, iv, tag].every((one) => base64.test(one)) || !types.includes(type)) {
    throw new SopsError('malformed', `${name} is not well-formed`);
  }
  const mark = Buffer.from(tag, 'base64');
  // A short tag would be accepted, and could be guessed.
  if (mark.length !== tagBytes) throw new SopsError('tampered', `the tag of ${name} is cut short`);
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'), {
      authTagLength: tagBytes,
    });
    cipher.setAAD(Buffer.from(place));
    cipher.setAuthTag(mark);
    const bytes = Buffer.concat([cipher.update(data, 'base64'), cipher.final()]);
    return { type: type as ValueType, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    throw new SopsError('tampered', `${name} was not encrypted for this place with this key`);
  }
}

/** The place of a value as SOPS authenticates it: the keys that lead to it; items of a list share that of the list. */
export function placeOf(path: readonly (string | number)[]): string {
  return `${path.filter((step) => typeof step === 'string').join(':')}:`;
}
