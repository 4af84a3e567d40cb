/** Profiles that predictions are compared with: made once, and kept as long as they are asked for. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ArtifactStore } from '../../core/capabilities/artifact-store.ts';
import type { ProfileQuestion } from '../../core/capabilities/prediction-profile.ts';
import type { PredictionSink } from '../../core/capabilities/prediction-sink.ts';
import type { ReferenceProfiles } from '../../core/capabilities/reference-profiles.ts';
import type { Providers, Ref, Resource } from '../../core/plugin.ts';
import { writeDurably } from '../../libraries/durable-file/index.ts';
import {
  makeProfile,
  type Profile,
  ProfileError,
  readProfile,
  writeProfile,
} from '../../libraries/profile/index.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import type { RowsGiven, RowTest } from './compute/dataset-rows.ts';
import type { Compute } from './compute/jobs.ts';
import type { SampledRows } from './compute/sampled-rows.ts';
import { referenceUnusable } from './errors.ts';

export interface ReferencesOptions {
  readonly folder: string;
  readonly stores: Providers<ArtifactStore>;
  /** Those that are committed. */
  readonly profiles: Providers<ReferenceProfiles>;
  readonly compute: Compute;
}

export interface DatasetRows {
  readonly dataset: Resource<DatasetSpec>;
  readonly version: string;
  readonly where: readonly Omit<RowTest, 'isNumeric'>[];
  readonly columns: RowsGiven['columns'];
  readonly find: (ref: Ref) => Resource | undefined;
}

/** How something is kept. Reading throws `ProfileError` or `SyntaxError` where it is damaged. */
interface Form<T> {
  readonly ending: string;
  readonly read: (text: string) => T;
  readonly write: (made: T) => string;
}

const profiles: Form<Profile> = { ending: '.profile', read: readProfile, write: writeProfile };
const samples: Form<SampledRows> = { ending: '.rows', read: JSON.parse, write: JSON.stringify };

/** Kept so many; beyond them those go that were not asked for the longest. */
const mostKept = 200;
/** A file that is needed for one profile only is needed no longer than that. */
const leftForMs = 24 * 3_600_000;

export class References {
  readonly #options: ReferencesOptions;

  constructor(options: ReferencesOptions) {
    this.#options = options;
  }

  /**
   * A profile of rows of a dataset: the one that is committed, where all rows are meant. Throws `ReferenceUnusable`, or what the
   * store throws.
   */
  async dataset(asked: DatasetRows, signal: AbortSignal): Promise<Profile> {
    const { where, columns } = asked;
    const { data, place } = versionOf(asked);
    if (data.profile !== undefined && where.length === 0) return this.#committed(asked, signal);
    const tests = testsOf(asked);
    return this.#kept(['dataset', data.digest, tests, columns], profiles, (key) =>
      this.#withFile(key, asked, signal, async (path) => {
        const job = { path, place, columns, where: tests };
        return readProfile(await this.#options.compute('profileDataset', job, signal));
      }),
    );
  }

  /** Some rows of a dataset, of its file: also where a profile is committed. Throws as `dataset` does. */
  async rows(asked: DatasetRows & { readonly sample: number }, signal: AbortSignal): Promise<SampledRows> {
    const { data, place } = versionOf(asked);
    const { columns, sample } = asked;
    const tests = testsOf(asked);
    return this.#kept(['rows', data.digest, tests, columns, sample], samples, (key) =>
      this.#withFile(key, asked, signal, (path) =>
        this.#options.compute('sampleDataset', { path, place, columns, where: tests, sample }, signal),
      ),
    );
  }

  /** Its file is there meanwhile, verified. */
  async #withFile<T>(
    key: string,
    asked: DatasetRows,
    signal: AbortSignal,
    use: (path: string) => Promise<T>,
  ): Promise<T> {
    const { data } = versionOf(asked);
    const path = join(this.#options.folder, `${key}${extname(new URL(data.uri, 'file:///').pathname)}`);
    try {
      await this.#fetch(path, asked.dataset, data, signal);
      return await use(path);
    } finally {
      await rm(path, { force: true });
    }
  }

  async #committed({ dataset, version, columns, find }: DatasetRows, signal: AbortSignal): Promise<Profile> {
    const { profiles } = this.#options;
    const [name = 'registry'] = profiles.names();
    const of = { dataset: dataset.metadata.name, version };
    const { profile } = await profiles.get(name).load({ of, find, signal });
    const whole = readProfile(profile);
    const known = new Map(whole.columns.map((column) => [column.name, column]));
    const own = columns.flatMap(({ name: called, column }) => {
      const found = known.get(column);
      return found === undefined ? [] : [{ ...found, name: called }];
    });
    return makeProfile(whole.rows, own);
  }

  /** A profile of predictions of a time that is over. */
  traffic(sink: PredictionSink, question: ProfileQuestion, signal: AbortSignal): Promise<Profile> {
    return this.#kept(['traffic', question], profiles, async () =>
      readProfile((await sink.profile(question, signal)).profile),
    );
  }

  async #kept<T extends { readonly rows: number }>(
    what: readonly unknown[],
    form: Form<T>,
    make: (key: string) => Promise<T>,
  ): Promise<T> {
    const key = createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 40);
    const path = join(this.#options.folder, `${key}${form.ending}`);
    const kept = await readFile(path, 'utf8').catch(() => undefined);
    if (kept !== undefined) {
      try {
        const found = form.read(kept);
        await utimes(path, new Date(), new Date()).catch(() => {});
        return found;
      } catch (error) {
        // Damaged: it is made anew.
        if (!(error instanceof ProfileError) && !(error instanceof SyntaxError)) throw error;
      }
    }
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
    const made = await make(key);
    // Nothing is lost where the disk takes nothing: it costs time at the next check.
    if (made.rows > 0) await writeDurably(path, form.write(made)).catch(() => {});
    await this.#tidy();
    return made;
  }

  async #fetch(
    path: string,
    dataset: Resource<DatasetSpec>,
    { uri, size, digest }: DatasetSpec['versions'][number],
    signal: AbortSignal,
  ): Promise<void> {
    const store = this.#options.stores.get(/^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1] ?? 'file');
    const { body } = await store.open({ uri, resource: dataset, maxBytes: size, signal });
    const hash = createHash('sha256');
    const hashing = new Transform({
      transform(piece: Uint8Array, _encoding, done) {
        hash.update(piece);
        done(null, piece);
      },
    });
    await pipeline(Readable.from(body), hashing, createWriteStream(path, { mode: 0o600 }), { signal });
    const found = `sha256:${hash.digest('hex')}`;
    if (found !== digest) {
      throw referenceUnusable(
        dataset.origin.path,
        `its bytes are ${found}, but the manifest declares ${digest}`,
      );
    }
  }

  async #tidy(): Promise<void> {
    const { folder } = this.#options;
    const files: { readonly path: string; readonly at: number }[] = [];
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      const { mtimeMs: at } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
      if ([profiles.ending, samples.ending].includes(extname(name))) files.push({ path, at });
      // A dataset's file, or half of one, of a process that was killed.
      else if (Date.now() - at > leftForMs) await rm(path, { force: true });
    }
    files.sort((one, other) => other.at - one.at);
    for (const { path } of files.slice(mostKept)) await rm(path, { force: true });
  }
}

/** Throws `ReferenceUnusable`. */
function versionOf({ dataset, version }: DatasetRows) {
  const place = `${dataset.origin.path} (${dataset.metadata.name}@${version})`;
  const data = dataset.spec.versions.find((one) => one.version === version);
  if (data === undefined) throw referenceUnusable(place, 'the dataset has no such version');
  return { data, place };
}

function testsOf({ dataset, where }: DatasetRows): readonly RowTest[] {
  const typeOf = new Map(dataset.spec.columns.map(({ name, type }) => [name, type]));
  return where.map((test) => {
    const type = typeOf.get(test.column);
    return { ...test, isNumeric: type === 'number' || type === 'integer' };
  });
}
