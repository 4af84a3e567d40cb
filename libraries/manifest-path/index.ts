/** Which file of a repository is meant by what a manifest in it names. */
import { posix } from 'node:path';

/** What was read from a file of a repository: `path` counts from its root. */
interface Placed {
  readonly origin: { readonly path: string };
}

/**
 * The path from the repository's root of what a manifest names: from the manifest's own folder, or with a leading slash
 * from the root. `undefined` where it names nothing inside the repository.
 */
export function pathFromManifest(manifest: Placed, text: string): string | undefined {
  if (text === '' || text.endsWith('/') || /[\0\\?#]/.test(text)) return undefined;
  if (text.startsWith('//') || /^[A-Za-z]:/.test(text)) return undefined;
  const folder = posix.dirname(manifest.origin.path);
  const path = posix.normalize(text.startsWith('/') ? text.slice(1) : posix.join(folder, text));
  return path === '.' || path === '..' || path.startsWith('../') ? undefined : path;
}

/** The same for a `file:` URI, whose path may be percent-encoded. `undefined` also for any other URI. */
export function pathOfUri(manifest: Placed, uri: string): string | undefined {
  if (!isFile(uri)) return undefined;
  try {
    return pathFromManifest(manifest, decodeURIComponent(uri.slice('file:'.length)));
  } catch {
    return undefined;
  }
}

/** Whether a URI means a file of the registry. */
export function isFile(uri: string): boolean {
  return uri.startsWith('file:');
}
