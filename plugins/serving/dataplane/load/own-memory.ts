import { readFileSync } from 'node:fs';

/**
 * Resident bytes of this process; on Linux without the files that are mapped into it, of which the library of the runtime is the
 * largest: parts of it become resident when the first model needs them, and stay whatever model goes.
 */
export function ownMemory(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  const [, kibibytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return kibibytes === undefined ? process.memoryUsage.rss() : Number(kibibytes) * 1024;
}
