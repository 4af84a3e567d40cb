import type { LfsPointer } from './pointer.ts';

/** The media type of the batch API, both ways. */
export const lfsMediaType = 'application/vnd.git-lfs+json';

/** The body that asks where an object can be downloaded. */
export function batchRequest({ oid, size }: LfsPointer): string {
  return JSON.stringify({
    operation: 'download',
    transfers: ['basic'],
    objects: [{ oid, size }],
    hash_algo: 'sha256',
  });
}

export type BatchAnswer =
  | {
      readonly href: string;
      readonly headers: Readonly<Record<string, string>>;
      /** Whether the address itself lets one in, without further credentials. */
      readonly isAuthenticated: boolean;
    }
  | { readonly problem: string; readonly code: number | undefined };

/** What an answer says of the object that was asked for. Undefined where it is none of the batch API. */
export function readBatchAnswer(text: string, { oid }: LfsPointer): BatchAnswer | undefined {
  const answer = record(parsed(text));
  const { transfer = 'basic', objects } = answer;
  if (!Array.isArray(objects)) return undefined;
  if (transfer !== 'basic')
    return { problem: 'it offers no download by the basic transfer', code: undefined };
  const found = objects.map(record).find((one) => one.oid === oid);
  if (found === undefined) return { problem: 'it says nothing of the object', code: undefined };
  const error = record(found.error);
  if (found.error !== undefined) {
    const { code, message } = error;
    return {
      problem: typeof message === 'string' ? message.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 300) : 'no reason',
      code: typeof code === 'number' ? code : undefined,
    };
  }
  const { href, header } = record(record(found.actions).download);
  if (typeof href !== 'string') return { problem: 'it offers no download of the object', code: undefined };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(record(header))) {
    if (/^[\w-]{1,100}$/.test(name) && typeof value === 'string' && !/[^\t\x20-\x7e]/.test(value))
      headers[name.toLowerCase()] = value;
  }
  return { href, headers, isAuthenticated: found.authenticated === true };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
