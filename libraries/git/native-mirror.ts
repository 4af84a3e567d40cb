import { join } from 'node:path';
import { referenceMoved, remoteRefused, remoteUnreachable } from './errors.ts';
import { type GitResult, gitEnvironment, runGit } from './git-command.ts';
import type { Mirror, MirrorOptions } from './mirror.ts';
import { provideMirrorFolder, remakeMirrorFolder } from './mirror-folder.ts';
import { findNativePlace, type NativePlace } from './native-place.ts';
import { NativeRepository } from './native-repository.ts';
import { explainRemote } from './remote-access.ts';
import type { ReferenceUpdate } from './repository.ts';

/** Opens the mirror of a remote by native git, making it first where there is none. Throws as `fetch` does. */
export async function openNativeMirror(options: MirrorOptions): Promise<Mirror> {
  const folder = join(options.folder, 'mirror.git');
  const { access } = options;
  const clone = (draft: string) => cloneInto(draft, options);
  await provideMirrorFolder(folder, access.url, clone);
  const place = await placeOf(folder, options, clone);
  const turns = new Turns();
  const repository = new PushingRepository(place, options, turns);
  return {
    repository,
    async fetch(signal) {
      await turns.take(async () => {
        const result = await fetchInto(folder, { ...options, signal });
        if (result.status === 0) return;
        if (!damaged.test(result.stderr)) throw explain(result, options);
        await remakeMirrorFolder(folder, access.url, (draft) => cloneInto(draft, { ...options, signal }));
        repository.refresh();
      });
      await tidy(folder, { ...options, signal });
    },
    close: () => repository.close(),
  };
}

/** What cannot be mended by another fetch; a lock that a killed git left among them, for nobody else writes here. */
const damaged =
  /\.lock'?: File exists|not a git repository: |bad object|is corrupt|missing (blob|tree|commit)|did not send all necessary objects|unable to read (sha1|tree|object)|inflate: data stream error/;

/** The namespaces that are followed. A leading plus takes a force push as it comes. */
const refspecs = ['heads', 'tags', 'proposals'].map((name) => `+refs/${name}/*:refs/${name}/*`);

async function cloneInto(draft: string, options: MirrorOptions): Promise<void> {
  const command = ['clone', '--bare', '--progress', '--template=', '--', options.access.url, draft];
  const cloned = await talk(command, options);
  if (cloned.status !== 0) throw explain(cloned, options);
  const fetched = await fetchInto(draft, options);
  if (fetched.status !== 0) throw explain(fetched, options);
}

function fetchInto(folder: string, options: MirrorOptions): Promise<GitResult> {
  const flags = ['--prune', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--progress'];
  return talk(['fetch', ...flags, '--', options.access.url, ...refspecs], options, folder);
}

/** A damaged mirror must fail: without GIT_DIR, git would search the folders above and fetch into what it finds. */
function talk(command: readonly string[], options: MirrorOptions, gitFolder?: string): Promise<GitResult> {
  const { access, idleTimeout, signal } = options;
  const environment = { ...access.environment, ...(gitFolder && { GIT_DIR: gitFolder }) };
  // Should this process be killed, nobody is left to cut a hanging git: over HTTP it then cuts itself.
  const patience = ['-c', 'http.lowSpeedLimit=1', '-c', `http.lowSpeedTime=${Math.ceil(idleTimeout / 500)}`];
  return runGit([...patience, ...command], { cwd: options.folder, environment, idleTimeout, signal });
}

function explain(result: GitResult, { access, idleTimeout }: MirrorOptions): Error {
  if (!result.timedOut) return explainRemote(access, result.stderr);
  return remoteUnreachable(access.url, `it said nothing for ${Math.round(idleTimeout / 1000)} s`);
}

/** A mirror that Git does not recognise any more is made anew. */
async function placeOf(
  folder: string,
  options: MirrorOptions,
  clone: (draft: string) => Promise<void>,
): Promise<NativePlace> {
  const environment = gitEnvironment(options.access.environment);
  try {
    return await findNativePlace(folder, environment);
  } catch {
    await remakeMirrorFolder(folder, options.access.url, clone);
    return findNativePlace(folder, environment);
  }
}

/** Packs what many small fetches left; Git decides whether it is time. */
async function tidy(folder: string, options: MirrorOptions): Promise<void> {
  const settings = ['-c', 'gc.auto=6700', '-c', 'gc.autoDetach=false'];
  await talk([...settings, 'gc', '--auto', '--quiet'], { ...options, idleTimeout: 600_000 }, folder);
}

/** The mirror's repository: what is written to it goes to the remote first. */
class PushingRepository extends NativeRepository {
  readonly #options: MirrorOptions;
  readonly #turns: Turns;

  constructor(place: NativePlace, options: MirrorOptions, turns: Turns) {
    super(place);
    this.#options = options;
    this.#turns = turns;
  }

  protected override async move(updates: readonly ReferenceUpdate[], reason: string): Promise<void> {
    await this.#turns.take(async () => {
      await this.#push(updates);
      // The remote has it: should the mirror lag behind, the next fetch brings it.
      await super.move(updates, reason).catch(() => undefined);
    });
  }

  async #push(updates: readonly ReferenceUpdate[]): Promise<void> {
    const { access } = this.#options;
    const leases = updates.map(({ reference, from }) => `--force-with-lease=${reference}:${from ?? ''}`);
    const moves = updates.map(({ reference, to }) => `${to ?? ''}:${reference}`);
    const command = ['push', '--porcelain', '--progress', '--atomic', ...leases, '--', access.url, ...moves];
    const result = await talk(command, this.#options, this.gitFolder);
    if (result.status === 0) return;
    const reason = /^!\t[^\t]*\t(.*)$/m.exec(result.stdout.toString('utf8'))?.[1];
    if (reason === undefined) throw explain(result, this.#options);
    const { reference, from } = updates[0]!;
    if (overtaken.test(reason)) throw referenceMoved(reference, from, 'another commit');
    throw remoteRefused(access.url, access.redact(`${reason} ${remoteLines(result.stderr)}`.trim()));
  }
}

const overtaken =
  /stale info|fetch first|non-fast-forward|already exists|incorrect old value|cannot lock ref|failed to update ref/;

function remoteLines(complaint: string): string {
  return [...complaint.matchAll(/^remote: (.*)$/gm)]
    .map((match) => match[1]!.trim())
    .join(' ')
    .slice(0, 400);
}

/** One at a time: a fetch that began before a push would set the mirror back behind it. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
