/** Verdicts of checks on disk: the same check, version and concerns have the same verdict. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckVerdict } from '../../../core/capabilities/proposal-check.ts';
import { type Logger, messageOf } from '../../../core/plugin.ts';
import { writeDurably } from '../../../libraries/durable-file/index.ts';

export interface KnownVerdict {
  readonly verdict: CheckVerdict;
  /** RFC 3339: when it was judged. */
  readonly at: string;
  readonly durationMs: number;
}

export class CheckCache {
  readonly #folder: string;
  readonly #log: Logger;

  private constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
  }

  /** Also forgets what nobody asked for in a long time. */
  static async open(folder: string, log: Logger, now: () => number): Promise<CheckCache> {
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const { mtimeMs } = await stat(path);
      if (name.endsWith('.draft') || now() - mtimeMs > keptMs) await rm(path, { force: true });
    }
    return new CheckCache(folder, log);
  }

  static keyOf(name: string, version: number, concerns: string): string {
    return createHash('sha256')
      .update(JSON.stringify([name, version, concerns]))
      .digest('hex');
  }

  /** A file that is gone or cannot be read is as good as none. */
  async get(key: string): Promise<KnownVerdict | undefined> {
    const path = this.#pathOf(key);
    try {
      const known = JSON.parse(await readFile(path, 'utf8')) as KnownVerdict;
      const now = new Date();
      await utimes(path, now, now).catch(() => {});
      return typeof known.verdict?.outcome === 'string' ? known : undefined;
    } catch {
      return undefined;
    }
  }

  /** What cannot be kept is judged again the next time. */
  async put(key: string, known: KnownVerdict): Promise<void> {
    await writeDurably(this.#pathOf(key), JSON.stringify(known)).catch((error: unknown) =>
      this.#log.warn({ error: messageOf(error) }, 'the verdict of a check cannot be kept'),
    );
  }

  #pathOf(key: string): string {
    return join(this.#folder, `${key}.json`);
  }
}

const keptMs = 30 * 86_400_000;
