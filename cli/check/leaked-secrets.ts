import type { Checked } from '../../core/manifest/check.ts';
import type { Issue } from '../../core/manifest/issue.ts';
import { secretsIn } from '../../libraries/secret-scan/index.ts';
import type { CheckTarget } from './check-target.ts';

/** Keys and tokens in manifests, valid or not. They are told by place and sort, and never repeated. */
export async function leakedSecrets(
  { snapshot, issues }: Checked,
  target: Pick<CheckTarget, 'includes' | 'readText'>,
): Promise<readonly Issue[]> {
  const paths = new Set([...snapshot.resources.values()].map(({ origin }) => origin.path));
  for (const { path } of issues) paths.add(path);
  const found: Issue[] = [];
  for (const path of [...paths].filter((one) => target.includes(one))) {
    const text = await target.readText(path);
    if (text === undefined) continue;
    for (const { sort, line, column } of await secretsIn(path, text)) {
      found.push({
        code: 'SecretLeaked',
        severity: 'error',
        message: `this looks like a credential (${sort})`,
        hint: 'Put it where a Secret may find it and name it by a secretRef. If it was pushed, revoke it: history keeps it.',
        path,
        line,
        column,
        pointer: '',
      });
    }
  }
  return found;
}
