import { readFile } from 'node:fs/promises';

/** Resident bytes of a process of this machine; undefined where they cannot be seen from outside, or it has ended. */
export async function residentMemory(pid: number): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
