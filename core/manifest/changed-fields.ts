import type { Resource } from '../plugin.ts';
import { canonicalJson } from './digest.ts';
import { isObject, type JsonValue, own, pointerTo } from './json.ts';

export interface ChangedField {
  /** JSON pointer into the document; `/attachments/…` for a file that the resource stands on. */
  readonly pointer: string;
  /** Undefined where the field was not there. */
  readonly before: unknown;
  /** Undefined where the field is gone. */
  readonly after: unknown;
}

/**
 * What differs between two versions of a resource, field by field in order of the document. At most 100 fields; a value
 * of more than 1,000 characters is cut to a text. For a kind whose fields may be secret, do not show the values.
 */
export function changedFields(previous: Resource, next: Resource): ChangedField[] {
  const fields: ChangedField[] = [];
  compare(documentOf(previous), documentOf(next), '', fields);
  return fields.slice(0, most);
}

const most = 100;
const longest = 1_000;

function documentOf(resource: Resource): JsonValue {
  const { apiVersion, metadata, spec, attachments } = resource;
  const files = Object.fromEntries(attachments.map(({ path, blob }) => [path, blob]));
  return { apiVersion, metadata, spec, attachments: files } as unknown as JsonValue;
}

function compare(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  pointer: string,
  fields: ChangedField[],
): void {
  if (before === after || fields.length >= most) return;
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(own(before, key), own(after, key), pointerTo(pointer, key), fields);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
      compare(before[index], after[index], pointerTo(pointer, index), fields);
    }
  } else {
    fields.push({ pointer, before: shown(before), after: shown(after) });
  }
}

function shown(value: JsonValue | undefined): JsonValue | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value.length > longest ? `${value.slice(0, longest)}…` : value;
  const json = typeof value === 'object' && value !== null ? canonicalJson(value) : '';
  return json.length > longest ? `${json.slice(0, longest)}…` : value;
}
