import { statfs } from 'node:fs/promises';

export interface DiskSpace {
  readonly freeMegabytes: number;
  readonly freePercent: number;
}

/** The room on the disk of a folder for whoever is not root; undefined where the system does not say. */
export async function diskSpace(folder: string): Promise<DiskSpace | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    if (blocks === 0) return undefined;
    return {
      freeMegabytes: Math.floor((bavail * bsize) / 1e6),
      freePercent: Math.floor((bavail / blocks) * 1000) / 10,
    };
  } catch {
    return undefined;
  }
}
