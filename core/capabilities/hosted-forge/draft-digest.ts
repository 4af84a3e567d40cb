import { createHash } from 'node:crypto';
import type { Draft } from '../forge.ts';

/** Equal for drafts that say the same, whoever asks and with whichever signature. */
export function digestOf(draft: Draft): string {
  const { key, on, changes, message, title, body, author, labels = [] } = draft;
  const files = [...changes]
    .map(([path, content]) => [path, content === null ? null : sha256(content)] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const { name, email } = author;
  return sha256(JSON.stringify([key, on, files, message, title, body, name, email, [...labels].sort()]));
}

/** Git's id of a blob with that content, in a repository whose ids look like that one. */
export function blobId(content: Uint8Array | string, like: string): string {
  const bytes = Buffer.from(content);
  return createHash(like.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${bytes.byteLength}\0`)
    .update(bytes)
    .digest('hex');
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
