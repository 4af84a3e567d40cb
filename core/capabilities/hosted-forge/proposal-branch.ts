import { createHash } from 'node:crypto';

/** What all branches of proposals begin with. */
export const branchPrefix = 'switchyard/';

/**
 * The branch of a key: `switchyard/promote/deployment-production-bird-strike-1f3a9c0d2b`. It follows from the key alone, so
 * that two who want the same meet there. At most 90 characters: Gitea takes 100.
 */
export function branchOf(key: string): string {
  const [, type = 'change', rest = key] = /^([a-z][a-z-]{0,19}):(.*)$/s.exec(key) ?? [];
  const words = slug(rest).slice(0, 48).replace(/-$/, '');
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 10);
  return `${branchPrefix}${type}/${words === '' ? hash : `${words}-${hash}`}`;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '');
}
