import { createHash } from 'node:crypto';
import type { Intent } from '../../../core/capabilities/proposer.ts';

/**
 * What an intent changes, as a digest: two intents with the same one want the same change, whoever wants it, why, and
 * in which words. It stands in the commit as the trailer `Switchyard-Intent`.
 */
export function intentDigest({ key, type, files }: Intent): string {
  const text = canonical({ key, type, files });
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** JSON with the keys of every object in order, so that equal values have equal texts. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}
