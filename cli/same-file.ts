import { stat } from 'node:fs/promises';

/** Whether two paths lead to one file, over links of any kind too; a file that is not there is no other's. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path, { bigint: true }).catch(() => {})));
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}
