import { hash } from 'node:crypto';
import type { JsonObject, JsonValue } from './json.ts';

/** `sha256:` and the hash of the value's canonical JSON: comments, order of keys and layout do not count. */
export function digestOf(value: JsonValue): string {
  return sha256(canonicalJson(value));
}

/** The digest of a resource: of its document and of the contents that it stands on. */
export function digestWith(
  document: string,
  attachments: readonly { readonly path: string; readonly blob: string }[],
): string {
  if (attachments.length === 0) return document;
  return sha256(JSON.stringify([document, ...attachments.map(({ path, blob }) => [path, blob])]));
}

/** JSON with its keys in order and without spaces. */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const child of value) text += `${text === '' ? '' : ','}${canonicalJson(child)}`;
    return `[${text}]`;
  }
  for (const key of Object.keys(value).sort()) {
    const child = canonicalJson((value as JsonObject)[key] as JsonValue);
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${child}`;
  }
  return `{${text}}`;
}

export function sha256(text: string): string {
  return `sha256:${hash('sha256', text)}`;
}
