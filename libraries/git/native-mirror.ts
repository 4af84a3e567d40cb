import { join } from 'node:path';
import { referenceInvalid, referenceMoved, remoteRefused, remoteUnreachable } from './errors.ts';
import { type GitResult, gitEnvironment, runGit } from './git-command.ts';
import type { Mirror, MirrorOptions } from './mirror.ts';
import { provideMirrorFolder, remakeMirrorFolder } from './mirror-folder.ts';
import { findNativePlace, type NativePlace } from './native-place.ts';
import { NativeRepository } from './native-repository.ts';
import { matches } from './reference-name.ts';
import { explainRemote } from './remote-access.ts';
import type { ReferenceUpdate } from './repository.ts';
import { Turns } from './turns.ts';

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
    fetchReferences: (patterns) => repository.fetchReferences(patterns),
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
  return talk(['fetch', '--prune', ...quietly, '--', options.access.url, ...refspecs], options, folder);
}

const quietly = ['--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--progress'];

/** A damaged mirror must fail: without GIT_DIR, git would search the folders above and fetch into what it finds. */
function talk(
  command: readonly string[],
  options: MirrorOptions,
  gitFolder?: string,
  input?: Uint8Array,
): Promise<GitResult> {
  const { access, idleTimeout, signal } = options;
  const environment = { ...access.environment, ...(gitFolder && { GIT_DIR: gitFolder }) };
  // Should this process be killed, nobody is left to cut a hanging git: over HTTP it then cuts itself.
  const patience = ['-c', 'http.lowSpeedLimit=1', '-c', `http.lowSpeedTime=${Math.ceil(idleTimeout / 500)}`];
  return runGit([...patience, ...command], { cwd: options.folder, environment, idleTimeout, signal, input });
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

  /** Fetches what differs: exact names, since git fails on a name that the remote does not have. */
  async fetchReferences(patterns: readonly string[]): Promise<void> {
    await this.#turns.take(async () => {
      for (let attempt = 1; ; attempt++) {
        const wanted = await this.#listRemote(patterns);
        const present = new Map<string, string>();
        for (const pattern of patterns) {
          for (const name of (await this.references(pattern.replace(/\*$/, ''))).keys())
            if (matches(pattern, name)) present.set(name, (await this.readReferences([name]))[0]!);
        }
        const gone = [...present].filter(([name]) => !wanted.has(name));
        await this.#moveHere(gone.map(([reference, from]) => ({ reference, from, to: null })));
        const changed = [...wanted].filter(([name, id]) => present.get(name) !== id);
        if (changed.length === 0) return;
        const input = Buffer.from(changed.map(([name]) => `+${name}:${name}\n`).join(''), 'utf8');
        const command = ['fetch', ...quietly, '--stdin', '--', this.#options.access.url];
        const result = await talk(command, this.#options, this.gitFolder, input);
        if (result.status === 0) return;
        // One of them went in between.
        const isOutdated = /couldn't find remote ref|not our ref/.test(result.stderr);
        if (!isOutdated || attempt === 3) throw explain(result, this.#options);
      }
    });
  }

  protected override async move(updates: readonly ReferenceUpdate[], reason: string): Promise<void> {
    await this.#turns.take(async () => {
      await this.#push(updates);
      const present = await this.readReferences(updates.map(({ reference }) => reference));
      const behind = updates.map((update, index) => ({ ...update, from: present[index] ?? null }));
      // The remote has it: should the mirror not take it, the next fetch brings it.
      await this.#moveHere(behind, reason).catch(() => undefined);
    });
  }

  async #moveHere(updates: readonly ReferenceUpdate[], reason = 'fetch'): Promise<void> {
    const open = updates.filter(({ from, to }) => from !== to);
    if (open.length > 0) await super.move(open, reason);
  }

  /** The references of the remote that the patterns name, with what they name themselves. */
  async #listRemote(patterns: readonly string[]): Promise<Map<string, string>> {
    const command = ['ls-remote', '--refs', '--quiet', '--', this.#options.access.url, ...patterns];
    const result = await talk(command, this.#options, this.gitFolder);
    if (result.status !== 0) throw explain(result, this.#options);
    const found = new Map<string, string>();
    for (const line of result.stdout.toString('utf8').split('\n')) {
      const [id, name] = line.split('\t') as [string, string];
      if (name !== undefined && patterns.some((pattern) => matches(pattern, name))) found.set(name, id);
    }
    return found;
  }

  async #push(updates: readonly ReferenceUpdate[]): Promise<void> {
    const result = await this.#pushOnce(updates, ['--atomic']);
    if (result.status === 0) return;
    if (/does not support --atomic/.test(result.stderr)) return this.#pushEach(updates);
    throw this.#explainPush(updates, result);
  }

  /** To a host that cannot move several references as one: each is compared, and where one fails the others go back. */
  async #pushEach(updates: readonly ReferenceUpdate[]): Promise<void> {
    const result = await this.#pushOnce(updates, []);
    if (result.status === 0) return;
    const moved = updates.filter(({ reference }) => outcomeOf(result, reference)?.isMoved);
    if (moved.length > 0)
      await this.#pushOnce(
        moved.map(({ reference, from, to }) => ({ reference, from: to, to: from })),
        [],
      );
    throw this.#explainPush(updates, result);
  }

  #pushOnce(updates: readonly ReferenceUpdate[], flags: readonly string[]): Promise<GitResult> {
    const leases = updates.map(({ reference, from }) => `--force-with-lease=${reference}:${from ?? ''}`);
    const moves = updates.map(({ reference, to }) => `${to ?? ''}:${reference}`);
    const { url } = this.#options.access;
    const command = ['push', '--porcelain', '--progress', ...flags, ...leases, '--', url, ...moves];
    return talk(command, this.#options, this.gitFolder);
  }

  #explainPush(updates: readonly ReferenceUpdate[], result: GitResult): Error {
    const { access } = this.#options;
    const refused = updates.flatMap((update) => {
      const outcome = outcomeOf(result, update.reference);
      // Those that were fine by themselves are told apart from the one at fault.
      const isAtFault = outcome?.isRefused && !/atomic/.test(outcome.reason);
      return isAtFault ? [{ ...update, reason: outcome.reason }] : [];
    });
    const [first] = refused;
    if (first === undefined) return this.#explainTransaction(updates, result);
    const loser = refused.find(({ reason }) => overtaken.test(reason));
    if (loser !== undefined) return referenceMoved(loser.reference, loser.from, 'another commit');
    return remoteRefused(access.url, access.redact(`${first.reason} ${remoteLines(result.stderr)}`.trim()));
  }

  /** The host compared under its locks and gave all of them one reason; which it was stands in its complaint, if anywhere. */
  #explainTransaction(updates: readonly ReferenceUpdate[], result: GitResult): Error {
    const isOfTransaction = updates.some(({ reference }) => outcomeOf(result, reference)?.isRefused);
    if (!isOfTransaction) return explain(result, this.#options);
    const complaint = remoteLines(result.stderr);
    const { reference, from } =
      updates.find((update) => complaint.includes(`'${update.reference}'`)) ?? updates[0]!;
    if (/exists; cannot create/.test(complaint)) return referenceInvalid(reference);
    if (overtaken.test(complaint)) return referenceMoved(reference, from, 'another commit');
    const { access } = this.#options;
    return remoteRefused(access.url, access.redact(complaint || 'it gave no reason'));
  }
}

interface Outcome {
  readonly isMoved: boolean;
  readonly isRefused: boolean;
  readonly reason: string;
}

/** What the remote said of one reference: a line `<flag>\t<from>:<to>\t<reason>`. */
function outcomeOf(result: GitResult, reference: string): Outcome | undefined {
  for (const line of result.stdout.toString('utf8').split('\n')) {
    const [flag = '', names = '', reason = ''] = line.split('\t');
    if (names.slice(names.indexOf(':') + 1) !== reference) continue;
    return { isMoved: /^[ +*-]$/.test(flag), isRefused: flag === '!', reason };
  }
  return undefined;
}

const overtaken =
  /stale info|fetch first|non-fast-forward|already exists|incorrect old value|cannot lock ref|failed to update ref|reference already exists|remote ref does not exist/;

function remoteLines(complaint: string): string {
  return [...complaint.matchAll(/^remote: (.*)$/gm)]
    .map((match) => match[1]!.trim())
    .join(' ')
    .slice(0, 400);
}
