import type { Format, Path } from '../../libraries/sops/tree.ts';

/** Where a Secret keeps its values in its own manifest. */
const inManifest = ['spec', 'store', 'sops', 'values'];

export function formatOf(path: string): Format {
  return path.endsWith('.json') ? 'json' : 'yaml';
}

/** The key of a secretRef for a value in the file; undefined for what is no secret of it. */
export function keyOf(path: Path, isManifest: boolean): string | undefined {
  if (!isManifest) return path.join('.');
  const isInside = path.length > inManifest.length && inManifest.every((step, index) => path[index] === step);
  return isInside ? path.slice(inManifest.length).join('.') : undefined;
}
