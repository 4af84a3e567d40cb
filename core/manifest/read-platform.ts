import { SwitchyardError } from '../plugin.ts';
import { compileKinds } from './kind-set.ts';
import { limits } from './limits.ts';
import { parseManifests } from './parse.ts';
import { type PlatformSpec, platformKind } from './platform.ts';
import type { ManifestSource } from './tree.ts';
import { examine } from './validate.ts';

/**
 * The spec of platform.yaml in a commit, read before any plugin is there; undefined where the commit has none.
 * Throws `PlatformInvalid`, which says where and why.
 */
export async function readPlatform(
  repository: ManifestSource,
  commit: string,
): Promise<PlatformSpec | undefined> {
  const { tree } = await repository.commit(commit);
  const entry = (await repository.tree(tree)).find(({ name }) => name === platformKind.path);
  if (entry === undefined) return undefined;
  if (entry.type !== 'blob') throw platformInvalid(`${platformKind.path} is a ${entry.type}`);
  for await (const { size, bytes } of repository.blobs([entry.id], limits.bytes)) {
    if (bytes === undefined) throw platformInvalid(`${size} bytes are too many`);
    return platformIn(bytes);
  }
  return undefined;
}

const kinds = compileKinds([platformKind]);

function platformIn(bytes: Uint8Array): PlatformSpec | undefined {
  const { documents, mentions } = parseManifests(bytes);
  for (const document of documents) {
    const [problem] = document.problems;
    if (problem) throw platformInvalid(problem.message, problem);
    const file = { path: platformKind.path, mentions, documents: documents.length };
    const examined = examine(document, file, kinds);
    if (examined?.kind?.definition !== platformKind) continue;
    const finding = examined.findings.find(({ severity }) => severity !== 'warning');
    if (finding) throw platformInvalid(`${finding.pointer || '/'}: ${finding.message}`, document);
    return (document.value as unknown as { readonly spec: PlatformSpec }).spec;
  }
  return undefined;
}

function platformInvalid(problem: string, place?: { readonly line: number; readonly column: number }) {
  return new SwitchyardError('PlatformInvalid', `platform.yaml is not valid: ${problem}`, {
    where: place ? `${platformKind.path}:${place.line}:${place.column}` : platformKind.path,
    hint: 'Run `switchyard check` for all that is wrong in it.',
  });
}
