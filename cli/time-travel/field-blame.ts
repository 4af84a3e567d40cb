import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { Repository } from '../../libraries/git/repository.ts';
import { type Provenance, provenanceOf } from './provenance.ts';

/** A field of a manifest, and the commit that gave it its value. */
export interface BlamedField {
  /** JSON pointer. */
  readonly pointer: string;
  readonly value: unknown;
  readonly since: Provenance;
}

const largest = 256 * 1024;

/**
 * For each field of a manifest the commit of the base branch that gave it the value that it has, in the order of the file.
 * By value and not by line: a change of layout or of a comment blames nobody.
 *
 * @param document Tells which document of the file is meant.
 */
export async function blameFields(
  repository: Repository,
  head: string,
  path: string,
  document: (value: unknown) => boolean,
): Promise<readonly BlamedField[]> {
  const current = await leavesAt(repository, head, path, document);
  const open = new Map(current);
  const since = new Map<string, Provenance>();
  for (let limit = 32; open.size > 0; limit *= 8) {
    const commits = await repository.log(head, { path, limit });
    for (const [index, commit] of commits.entries()) {
      const next = commits[index + 1];
      if (next === undefined && commits.length === limit) break; // what was before is not known yet
      const before = next === undefined ? new Map() : await leavesAt(repository, next.id, path, document);
      const changed = [...open].filter(
        ([pointer, value]) => !before.has(pointer) || !isDeepStrictEqual(before.get(pointer), value),
      );
      if (changed.length === 0) continue;
      const provenance = await provenanceOf(repository, commit);
      for (const [pointer] of changed) {
        since.set(pointer, provenance);
        open.delete(pointer);
      }
      if (open.size === 0) break;
    }
    if (commits.length < limit) break;
  }
  return [...current].flatMap(([pointer, value]) => {
    const found = since.get(pointer);
    return found === undefined ? [] : [{ pointer, value, since: found }];
  });
}

async function leavesAt(
  repository: Repository,
  commit: string,
  path: string,
  isMeant: (value: unknown) => boolean,
): Promise<ReadonlyMap<string, unknown>> {
  const bytes = await repository.readFile(commit, path, largest);
  const leaves = new Map<string, unknown>();
  if (bytes === undefined) return leaves;
  const documents = parseAllDocuments(new TextDecoder().decode(bytes), {
    schema: 'core',
    prettyErrors: false,
    uniqueKeys: false,
  });
  for (const document of Array.isArray(documents) ? documents : []) {
    if (document.errors.length > 0) continue;
    const value: unknown = document.toJS({ maxAliasCount: 0 });
    if (isMeant(value)) collect(value, '', leaves);
  }
  return leaves;
}

function collect(value: unknown, pointer: string, into: Map<string, unknown>): void {
  const entries =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  if (entries.length === 0) {
    into.set(pointer, value);
    return;
  }
  for (const [key, inner] of entries) {
    collect(inner, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, into);
  }
}
