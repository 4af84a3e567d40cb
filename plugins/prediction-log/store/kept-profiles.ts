/** Profiles of whole hours that were made before: they say nothing that the log does not, so that any of them may be lost. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProfileQuestion } from '../../../core/capabilities/prediction-profile.ts';
import { writeDurably } from '../../../libraries/durable-file/index.ts';
import { type Profile, readProfile, writeProfile } from '../../../libraries/profile/index.ts';
import { hourMs } from './profile-sql.ts';

/** Unread for so long, they go. */
const keptForMs = 14 * 24 * hourMs;
const keptFiles = 20_000;

export class KeptProfiles {
  readonly #folder: string;
  #generation = 0;
  #nextTidy = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Changes with each `clear`: what was read before one is not kept after it. */
  get generation(): number {
    return this.#generation;
  }

  /** Undefined where it was never made, or where the hour holds other rows by now: `mark`. */
  async get(question: ProfileQuestion, hour: number, mark: string): Promise<Profile | undefined> {
    try {
      const written = await readFile(this.#path(question, hour), 'utf8');
      const end = written.indexOf('\n');
      return written.slice(0, end) === mark ? readProfile(written.slice(end + 1)) : undefined;
    } catch {
      return undefined;
    }
  }

  /** A disk that takes nothing costs time at the next question, and nothing else. */
  async put(
    question: ProfileQuestion,
    hour: number,
    { mark, profile, generation }: { mark: string; profile: Profile; generation: number },
  ): Promise<void> {
    if (generation !== this.#generation) return;
    const path = this.#path(question, hour);
    try {
      await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
      if (generation !== this.#generation) return;
      await writeDurably(path, `${mark}\n${writeProfile(profile)}`);
      // Cleared while it was written.
      if (generation !== this.#generation) await rm(path, { force: true });
    } catch {}
  }

  /** Forgets all: something was erased. */
  async clear(): Promise<void> {
    this.#generation++;
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Lets go of hours that are kept no longer, and of what nobody asked for lately. Looks once an hour. */
  async tidy(
    retainOf: (where: { readonly environment: string; readonly deployment: string }) => number,
    now: number,
  ): Promise<void> {
    if (now < this.#nextTidy && now > this.#nextTidy - 2 * hourMs) return;
    this.#nextTidy = now + hourMs;
    const kept: { readonly path: string; readonly at: number }[] = [];
    for (const path of await readdir(this.#folder, { recursive: true }).catch(() => [])) {
      const [environment = '', deployment = '', , file = ''] = path.split(/[/\\]/);
      const hour = Number.parseInt(file, 10);
      if (!Number.isInteger(hour)) continue;
      const full = join(this.#folder, path);
      const { mtimeMs } = await stat(full).catch(() => ({ mtimeMs: 0 }));
      const isOver = (hour + 1) * hourMs + retainOf({ environment, deployment }) <= now;
      if (isOver || now - mtimeMs > keptForMs) await rm(full, { force: true });
      else kept.push({ path: full, at: mtimeMs });
    }
    kept.sort((one, other) => other.at - one.at);
    for (const { path } of kept.slice(keptFiles)) await rm(path, { force: true });
  }

  #path(question: ProfileQuestion, hour: number): string {
    const { environment, deployment, versions, slice, columns, reference } = question;
    const own = createHash('sha256')
      .update(JSON.stringify([versions, slice, columns, reference]))
      .digest('hex')
      .slice(0, 32);
    return join(this.#folder, environment, deployment, own, `${hour}.profile`);
  }
}
