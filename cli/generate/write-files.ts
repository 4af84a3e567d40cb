import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { folderNotWritable } from '../errors.ts';

export interface GeneratedFile {
  readonly name: string;
  readonly text: string;
}

/** Writes what was generated into a folder, over what an earlier run wrote. Throws `FolderNotWritable`. */
export async function writeFiles(folder: string, files: readonly GeneratedFile[]): Promise<void> {
  try {
    await mkdir(resolve(folder), { recursive: true });
    for (const { name, text } of files) await writeFile(join(folder, name), text);
  } catch (error) {
    throw folderNotWritable(folder, error);
  }
}
