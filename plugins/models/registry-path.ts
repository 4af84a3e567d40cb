import { posix } from 'node:path';
import type { Resource } from '../../core/plugin.ts';

/**
 * The path from the repository's root of what a manifest names: from the manifest's own folder, or with a leading slash
 * from the root. `undefined` where it names nothing inside the repository.
 */
export function pathFromManifest(resource: Pick<Resource, 'origin'>, text: string): string | undefined {
  if (text === '' || text.endsWith('/') || /[\0\\?#]/.test(text)) return undefined;
  if (text.startsWith('//') || /^[A-Za-z]:/.test(text)) return undefined;
  const folder = posix.dirname(resource.origin.path);
  const path = posix.normalize(text.startsWith('/') ? text.slice(1) : posix.join(folder, text));
  return path === '.' || path === '..' || path.startsWith('../') ? undefined : path;
}

/** The same for a `file:` URI, whose path may be percent-encoded. `undefined` also for any other URI. */
export function pathOfUri(resource: Pick<Resource, 'origin'>, uri: string): string | undefined {
  if (!isFile(uri)) return undefined;
  try {
    return pathFromManifest(resource, decodeURIComponent(uri.slice('file:'.length)));
  } catch {
    return undefined;
  }
}

/** Whether a URI means a file of the registry. */
export function isFile(uri: string): boolean {
  return uri.startsWith('file:');
}
