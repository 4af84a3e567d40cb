import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { folderNotWritable } from '../errors.ts';
import { writeWhole } from '../whole-file.ts';

export interface GeneratedFile {
  readonly name: string;
  readonly text: string;
}

/** Writes what was generated into a folder, over what an earlier run wrote. Throws `FolderNotWritable`. */
export async function writeFiles(folder: string, files: readonly GeneratedFile[]): Promise<void> {
  try {
    await mkdir(resolve(folder), { recursive: true });
    for (const { name, text } of files) await writeWhole(join(folder, name), Readable.from([text]), true);
  } catch (error) {
    throw folderNotWritable(folder, error);
  }
}
