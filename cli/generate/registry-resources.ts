import { checkCommit, checkFolder } from '../../core/manifest/check.ts';
import type { Resource } from '../../core/plugin.ts';
import { findCheckTarget } from '../check/check-target.ts';
import { operatorFile, registryKinds } from '../registry-kinds.ts';
import type { Terminal } from '../terminal.ts';

/** The valid manifests of what a person named, offline; those that are not are told on standard error. */
export async function registryResources(
  named: string,
  options: { readonly config?: string },
  terminal: Terminal,
): Promise<readonly Resource[]> {
  const target = await findCheckTarget(named, terminal);
  try {
    const { root, repository, commit } = target;
    const configuration = operatorFile(options, terminal);
    const kinds = await registryKinds({ root, repository, commit, operatorFile: configuration });
    const { snapshot, issues } =
      repository && commit ? await checkCommit(repository, commit, kinds) : await checkFolder(root, kinds);
    const errors = issues.filter(({ severity, path }) => severity === 'error' && target.includes(path));
    const broken = new Set(errors.map(({ path }) => path));
    if (broken.size > 0) {
      const files = [...broken].sort().join(', ');
      terminal.err(`! Left out, since they have errors (see \`switchyard check\`): ${files}\n`);
    }
    return [...snapshot.resources.values()].filter(({ origin }) => target.includes(origin.path));
  } finally {
    await target.close();
  }
}
