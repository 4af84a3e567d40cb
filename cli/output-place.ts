import { realpath, stat } from 'node:fs/promises';

/** Where the file that `--out` names is on the disk. */
export interface OutputPlace {
  /** Behind links, so that what takes its place leaves them. */
  readonly path: string;
  readonly isThere: boolean;
  /** Whether it can have another file put in its place: a pipe or a device cannot. */
  readonly isReplaceable: boolean;
  /** The permissions that a file in its place has. */
  readonly mode: number;
}

/** Never throws: what cannot be looked at is told by who writes. */
export async function outputPlace(named: string): Promise<OutputPlace> {
  const path = await realpath(named).catch(() => named);
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return { path, isThere: false, isReplaceable: true, mode: 0o666 };
  return { path, isThere: true, isReplaceable: facts.isFile(), mode: facts.mode & 0o777 };
}
