import { checkFolder } from '../../core/manifest/check.ts';
import { findCheckTarget } from '../check/check-target.ts';
import { registryKinds } from '../registry-kinds.ts';
import type { Terminal } from '../terminal.ts';

/** The registry of this folder, as its work tree has it. */
export async function readRegistryHere(
  terminal: Terminal,
): Promise<{ readonly root: string } & Awaited<ReturnType<typeof checkFolder>>> {
  const target = await findCheckTarget('.', terminal);
  await target.close();
  const { root } = target;
  return { root, ...(await checkFolder(root, await registryKinds({ root, operatorFile: undefined }))) };
}
