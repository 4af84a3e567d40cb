import type { Push } from '../forge.ts';

/**
 * The head at a time, of what the forge itself says was pushed; undefined where it tells of none so early. What is pushed
 * within `graceMs` before the time does not count yet: who acted may not have seen it.
 */
export function headAt(pushes: readonly Push[], time: string, graceMs = 0): string | undefined {
  const until = Date.parse(time) - graceMs;
  const known = pushes
    .filter(({ proof }) => proof.type === 'forge')
    .sort((left, right) => Date.parse(left.at) - Date.parse(right.at));
  const before = known.filter(({ at }) => Date.parse(at) <= until).at(-1);
  return (before ?? known.find(({ at }) => Date.parse(at) <= Date.parse(time)))?.head;
}
