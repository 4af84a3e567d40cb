import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isHeld } from './draft-lock.ts';

/** Where one digest is received: the bytes that came so far, what their source called them, and who writes. */
export interface Draft {
  readonly bytes: string;
  readonly state: string;
  readonly lock: string;
}

/** What a source calls its content, so that the rest of it can be asked for later. */
export interface DraftState {
  readonly validator: string;
}

export function draftOf(folder: string, hex: string): Draft {
  const path = join(folder, 'incoming', hex);
  return { bytes: `${path}.part`, state: `${path}.json`, lock: `${path}.lock` };
}

/** The state of a draft that can be gone on with. */
export async function stateOf({ state }: Draft): Promise<DraftState | undefined> {
  try {
    const { validator } = JSON.parse(await readFile(state, 'utf8')) as { validator?: unknown };
    return typeof validator === 'string' ? { validator } : undefined;
  } catch {
    return undefined;
  }
}

export async function remember({ state }: Draft, known: DraftState): Promise<void> {
  await writeFile(state, JSON.stringify(known), { mode: 0o600 });
}

export async function discard({ bytes, state }: Draft): Promise<void> {
  for (const path of [bytes, state]) await rm(path, { force: true }).catch(() => {});
}

/**
 * Removes drafts that nobody writes and that nobody can go on with, or has gone on with for so long, in milliseconds.
 * What is no draft at all goes too.
 */
export async function sweepDrafts(folder: string, olderThanMs: number): Promise<void> {
  const incoming = join(folder, 'incoming');
  const names = await readdir(incoming).catch(() => []);
  const all = new Map<string, string[]>();
  for (const name of names) {
    const [, hex = name] = /^([0-9a-f]{64})\.(?:part|json|lock)$/.exec(name) ?? [];
    all.set(hex, [...(all.get(hex) ?? []), name]);
  }
  for (const [hex, files] of all) {
    const draft = draftOf(folder, hex);
    if (await isHeld(draft.lock).catch(() => true)) continue;
    const age = Date.now() - ((await stat(draft.bytes).catch(() => undefined))?.mtimeMs ?? 0);
    const isOfUse = age < olderThanMs && (await stateOf(draft)) !== undefined;
    for (const name of files) {
      if (isOfUse && !name.endsWith('.lock')) continue;
      await rm(join(incoming, name), { recursive: true, force: true }).catch(() => {});
    }
  }
}

/** Node's own recursive mkdir says ENOENT where the file system is read-only. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await makeFolder(path);
  }
}
