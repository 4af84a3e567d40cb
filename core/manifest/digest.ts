import { createHash } from 'node:crypto';
import type { JsonValue } from './json.ts';

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
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`).join(',')}}`;
}

export function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
