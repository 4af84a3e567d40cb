import { createHash } from 'node:crypto';

/** Git's two ways to name an object by its content. */
export type ObjectFormat = 'sha1' | 'sha256';

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

/** An object that is about to be written. */
export interface NewObject {
  readonly id: string;
  readonly type: ObjectType;
  readonly bytes: Uint8Array;
}

/** Names a new object. */
export function newObject(type: ObjectType, bytes: Uint8Array, format: ObjectFormat): NewObject {
  const id = createHash(format).update(`${type} ${bytes.length}\0`).update(bytes).digest('hex');
  return { id, type, bytes };
}

/** Whether this is the full id of an object. */
export function isObjectId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** Bytes of an id inside a tree. */
export function idLength(format: ObjectFormat): number {
  return format === 'sha1' ? 20 : 32;
}
