/**
 * Who wants a lock, or holds it, listens on a socket of its own beside the others, under a name that nobody has twice. So a socket that
 * refuses is a dead one's for ever, and can be removed by anybody. It gets its name when it is listening already: to bind and to listen are
 * two steps, and between them it would look dead.
 */
import { randomBytes } from 'node:crypto';
import { readdir, rename, rm, utimes } from 'node:fs/promises';
import type { Server } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { ask, closed, listen, type Standing } from './telling-socket.ts';

/** Somebody alive who wants the lock or holds it. */
export interface Rival extends Standing {
  readonly path: string;
}

/**
 * Whoever cleans temporary folders (systemd-tmpfiles after 10 days) spares old sockets that the kernel knows by their names; these it knows by
 * those that they had before.
 */
const showsEveryMs = 3_600_000;

export class Claim {
  readonly path: string;
  #shows: NodeJS.Timeout | undefined;
  readonly #server: Server;
  readonly #standing: { holds: boolean };

  private constructor(path: string, server: Server, standing: { holds: boolean }) {
    this.path = path;
    this.#server = server;
    this.#standing = standing;
  }

  /** Throws what the system says where no socket can be made there. */
  static async make(lock: string): Promise<Claim> {
    for (;;) {
      const standing = { holds: false };
      const suffix = randomBytes(4).toString('hex');
      const unnamed = `${lock}~${suffix}`;
      const server = await listen(unnamed, standing);
      try {
        const path = `${lock}.${suffix}`;
        await rename(unnamed, path);
        return new Claim(path, server, standing);
      } catch (error) {
        await closed(server);
        // Somebody took it for what a killed one left.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }

  /** From now on it tells whoever asks that it holds the lock. */
  hold(): void {
    this.#standing.holds = true;
    this.#shows = setInterval(() => void this.#show(), showsEveryMs).unref();
  }

  async withdraw(): Promise<void> {
    clearInterval(this.#shows);
    await rm(this.path, { force: true });
    await closed(this.#server);
  }

  /** That it is in use. A disk that takes no times now takes them later. */
  async #show(): Promise<void> {
    const now = new Date();
    await utimes(this.path, now, now).catch(() => {});
  }
}

/** All others that are alive, the one of the first name first. Removes what dead ones left. */
export async function rivalsAt(lock: string, own?: Claim): Promise<Rival[]> {
  const folder = dirname(lock);
  const base = basename(lock);
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(`${base}.`) || name.startsWith(`${base}~`),
  );
  const paths = names.map((name) => join(folder, name)).filter((path) => path !== own?.path);
  const asked = paths.sort().map(async (path) => {
    const standing = await ask(path);
    if (standing === undefined) await rm(path, { force: true });
    // One without its name is heard of when it has it.
    return standing === undefined || path.startsWith(`${lock}~`) ? [] : [{ path, ...standing }];
  });
  return (await Promise.all(asked)).flat();
}
