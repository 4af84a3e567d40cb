/** Brings the artifacts that deployments want onto this disk, and keeps trying where trying can help. */
import type { ArtifactStore } from '../../../core/capabilities/artifact-store.ts';
import type { VersionToServe } from '../../../core/capabilities/serving-runtime.ts';
import { codeOf, type Logger, messageOf, type Providers, SwitchyardError } from '../../../core/plugin.ts';
import {
  type ContentCache,
  ContentCacheError,
  type ContentId,
  contentKey,
  type Source,
} from '../../../libraries/content-cache/index.ts';
import { artifactSchemeMissing } from '../errors.ts';
import { Turns } from '../turns.ts';

export type FetchState =
  | { readonly phase: 'fetching'; readonly reason: string; readonly message: string }
  | { readonly phase: 'fetched'; readonly path: string }
  | {
      readonly phase: 'failed';
      readonly reason: string;
      readonly message: string;
      readonly retryable: boolean;
    };

export interface ArtifactFetcherOptions {
  /** Opened when it is used first. */
  readonly cache: () => Promise<ContentCache>;
  readonly stores: Providers<ArtifactStore>;
  /** Bytes that the cache may take beside what is needed. */
  readonly cacheSize: number;
  /** Downloads that may run at once. */
  readonly downloads: number;
  /** Digests that must stay. */
  readonly needed: () => ReadonlySet<string>;
  readonly log: Logger;
  /** The state of a digest changed. */
  readonly onChange: (digest: string) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

const firstRetryMs = 1_000;
const slowestRetryMs = 300_000;
/** After a final failure, or one of another source of the same content, how long somebody who asks again gets the same answer. */
const finalFor = 30_000;
/** A digest whose file turned out bad is fetched anew at most this often. */
const repairEvery = 600_000;

export class ArtifactFetcher {
  /** How often an artifact was brought here, could not be, and had to be fetched anew because its file had gone bad. */
  readonly counts = { fetched: 0, failed: 0, repaired: 0, bytes: 0 };
  readonly #options: ArtifactFetcherOptions;
  /** By `contentKey`. */
  readonly #jobs = new Map<string, Job>();
  readonly #repairs = new Map<string, number>();
  readonly #turns: Turns;

  constructor(options: ArtifactFetcherOptions) {
    this.#options = options;
    this.#turns = new Turns(options.downloads);
  }

  /**
   * Asks for an artifact. Resolves as soon as it is known whether it is here already; the download goes on by itself.
   * Throws where no store reads such URIs.
   */
  async want(version: VersionToServe): Promise<void> {
    const store = this.#storeFor(version.artifact.uri, version.resource.origin.path);
    const { digest, size } = version.artifact;
    const key = contentKey(version.artifact);
    const job = this.#jobs.get(key);
    if (job?.state.phase === 'fetched' && (await this.#cached({ digest, size })) === job.state.path) {
      Object.assign(job, { version, store });
      return;
    }
    const isOtherSource = job !== undefined && job.version.artifact.uri !== version.artifact.uri;
    if (job !== undefined && job.state.phase !== 'fetched' && !this.#mayTryAgain(job, version)) {
      if (!isOtherSource) job.version = version;
      return;
    }
    job?.controller.abort();
    clearTimeout(job?.retry);
    const path = await this.#cached({ digest, size });
    // Another deployment asked for the same artifact meanwhile: its job does for both.
    if (this.#jobs.get(key) !== job) return;
    const state: FetchState =
      path === undefined
        ? { phase: 'fetching', reason: 'Fetching', message: fetchingMessage(size) }
        : { phase: 'fetched', path };
    const next: Job = {
      version,
      store,
      state,
      controller: new AbortController(),
      isUnderWay: false,
      // What makes a source wait longer and longer is not undone by another that fails, too.
      failures: isOtherSource && job.version.resource.ref !== version.resource.ref ? job.failures : 0,
      failsSince: undefined,
      failedAt: job?.failedAt ?? new Map(),
      retry: undefined,
    };
    this.#jobs.set(key, next);
    if (path === undefined) this.#start(next);
  }

  state(content: ContentId): FetchState | undefined {
    return this.#jobs.get(contentKey(content))?.state;
  }

  /** Throws away a file that did not contain what it should, and fetches it anew. False where that was done lately. */
  repair(content: ContentId): boolean {
    const { digest } = content;
    const job = this.#jobs.get(contentKey(content));
    const last = this.#repairs.get(digest);
    const now = this.#options.now();
    if (job?.state.phase !== 'fetched' || (last !== undefined && now - last < repairEvery)) return false;
    this.#repairs.set(digest, now);
    this.counts.repaired++;
    job.state = {
      phase: 'fetching',
      reason: 'Refetching',
      message: 'the file had gone bad; fetching it anew',
    };
    this.#options.log.warn({ digest }, 'an artifact in the cache had gone bad');
    const { controller } = job;
    void this.evict(digest).then(() => {
      if (!controller.signal.aborted) this.#start(job);
    });
    return true;
  }

  /** Brings an artifact here and waits for it; tried once. Gives its path, and throws what `fetchFailure` judges. */
  async obtain({ artifact, resource }: VersionToServe, signal: AbortSignal): Promise<string> {
    const { digest, size, uri } = artifact;
    const store = this.#storeFor(uri, resource.origin.path);
    const found = await this.#cached({ digest, size });
    if (found !== undefined) return found;
    const giveBack = await this.#turns.take(signal);
    const source: Source = (given, resume) =>
      store.open({ uri, resource, maxBytes: size, digest, signal: given, ...(resume && { resume }) });
    try {
      const path = await this.#fetchMakingRoom({ digest, size }, source, signal);
      this.counts.fetched++;
      this.counts.bytes += size;
      await this.trim();
      return path;
    } catch (error) {
      if (!signal.aborted) this.counts.failed++;
      throw error;
    } finally {
      giveBack();
    }
  }

  /** Throws away the file of an artifact, so that it is fetched anew when it is wanted next. */
  async evict(digest: string): Promise<void> {
    await (await this.#options.cache()).evict(digest);
  }

  /** Ends what is under way for an artifact that nobody wants any more. */
  drop(content: ContentId): void {
    const key = contentKey(content);
    const job = this.#jobs.get(key);
    if (job === undefined) return;
    end(job);
    this.#jobs.delete(key);
  }

  /** Removes from the cache what no deployment needs, beyond its size. */
  async trim(limit = this.#options.cacheSize): Promise<void> {
    const removed = await (await this.#options.cache()).trim(limit, this.#options.needed());
    for (const { digest, size } of removed)
      this.#options.log.info({ digest, size }, 'artifact removed from the cache');
  }

  close(): void {
    for (const job of this.#jobs.values()) end(job);
    this.#jobs.clear();
  }

  async #cached(content: { digest: string; size: number }): Promise<string | undefined> {
    return (await this.#options.cache()).find(content);
  }

  #storeFor(uri: string, where: string): ArtifactStore {
    const scheme = /^([a-z][a-z0-9+.-]*):/.exec(uri)?.[1];
    if (scheme === undefined) throw artifactSchemeMissing(where);
    return this.#options.stores.get(scheme);
  }

  /**
   * Whether a job that is not done should begin anew: the manifest says something else, or a final failure is old. What another
   * version of the same content has under way does for both; where that failed, each has its turn, and none before its time.
   */
  #mayTryAgain(job: Job, version: VersionToServe): boolean {
    const { state, isUnderWay, failedAt } = job;
    const { uri } = version.artifact;
    const isOther = uri !== job.version.artifact.uri;
    if (isOther && isUnderWay) return job.version.resource.ref === version.resource.ref;
    if (state.phase !== 'failed' || (!isOther && state.retryable)) return false;
    return this.#options.now() - (failedAt.get(uri) ?? Number.NEGATIVE_INFINITY) >= finalFor;
  }

  #start(job: Job): void {
    job.isUnderWay = true;
    const { signal } = job.controller;
    const { state } = job;
    const waits =
      this.#turns.areTaken && state.phase === 'fetching' ? { ...state, message: waitingMessage } : undefined;
    if (waits !== undefined) job.state = waits;
    void this.#turns.take(signal).then(
      (giveBack) => {
        const message = fetchingMessage(job.version.artifact.size);
        if (waits !== undefined) this.#set(job, { ...waits, message });
        return this.#download(job).finally(giveBack);
      },
      // Not wanted any more.
      () => {},
    );
  }

  async #download(job: Job): Promise<void> {
    const { signal } = job.controller;
    if (signal.aborted) return;
    const { artifact, resource } = job.version;
    const { digest, size, uri } = artifact;
    const started = this.#options.now();
    const source: Source = (given, resume) =>
      job.store.open({ uri, resource, maxBytes: size, digest, signal: given, ...(resume && { resume }) });
    try {
      const path = await this.#fetchMakingRoom({ digest, size }, source, signal);
      if (signal.aborted) return;
      job.failures = 0;
      job.failsSince = undefined;
      job.isUnderWay = false;
      this.counts.fetched++;
      this.counts.bytes += size;
      this.#set(job, { phase: 'fetched', path });
      this.#options.log.info(
        { ref: resource.ref, digest, size, milliseconds: Math.round(this.#options.now() - started) },
        'artifact fetched',
      );
      await this.trim();
    } catch (error) {
      if (!signal.aborted) this.#fail(job, error);
    }
  }

  /** A full disk may be full of artifacts that nobody needs any more. */
  async #fetchMakingRoom(
    content: { digest: string; size: number },
    source: Source,
    signal: AbortSignal,
  ): Promise<string> {
    try {
      return await (await this.#options.cache()).fetch(content, source, signal);
    } catch (error) {
      if (!(error instanceof ContentCacheError) || error.problem !== 'NoSpace') throw error;
      await (await this.#options.cache()).sweep();
      await this.trim(0);
      return await (await this.#options.cache()).fetch(content, source, signal);
    }
  }

  #fail(job: Job, error: unknown): void {
    const { reason, retryable } = fetchFailure(error);
    this.counts.failed++;
    job.failures++;
    job.failsSince ??= new Date().toISOString();
    job.isUnderWay = false;
    job.failedAt.set(job.version.artifact.uri, this.#options.now());
    this.#options.log.warn(
      { ref: job.version.resource.ref, reason, retryable, attempt: job.failures, error: messageOf(error) },
      'artifact could not be fetched',
    );
    if (retryable) {
      const delay =
        Math.min(firstRetryMs * 2 ** (job.failures - 1), slowestRetryMs) * (0.8 + Math.random() * 0.4);
      job.retry = setTimeout(() => this.#start(job), delay).unref();
    }
    // The same at each try: whoever is told of a change is told of none.
    const message = retryable
      ? `${messageOf(error)}; it fails since ${job.failsSince}, and is tried again`
      : messageOf(error);
    this.#set(job, { phase: 'failed', reason, message, retryable });
  }

  #set(job: Job, state: FetchState): void {
    job.state = state;
    this.#options.onChange(job.version.artifact.digest);
  }
}

interface Job {
  version: VersionToServe;
  /** Reads the URI of the version. */
  store: ArtifactStore;
  state: FetchState;
  readonly controller: AbortController;
  /** Whether it is being fetched, or waits for its turn. */
  isUnderWay: boolean;
  /** Failures in a row. */
  failures: number;
  /** When the first of them was, in RFC 3339. */
  failsSince: string | undefined;
  /** When the content could not be had at each URI last. */
  readonly failedAt: Map<string, number>;
  retry: NodeJS.Timeout | undefined;
}

const waitingMessage = 'waits until others are fetched: as many downloads are under way as may be';

function fetchingMessage(size: number): string {
  return `fetching ${size} bytes since ${new Date().toISOString()}`;
}

function end(job: Job): void {
  job.controller.abort(new Error('the artifact is not wanted any more'));
  clearTimeout(job.retry);
}

/** The stable reason of a failure, and whether it can go away by itself. */
export function fetchFailure(error: unknown): { readonly reason: string; readonly retryable: boolean } {
  if (error instanceof ContentCacheError) {
    const isFinal = error.problem === 'DigestMismatch' || error.problem === 'TooLarge';
    return { reason: cacheReasons[error.problem], retryable: !isFinal };
  }
  const code = codeOf(error);
  const isFinal = ['ArtifactMissing', 'ArtifactTooLarge', 'ArtifactRefused', 'DigestMismatch'].includes(code);
  return { reason: error instanceof SwitchyardError ? code : 'ArtifactUnreachable', retryable: !isFinal };
}

const cacheReasons = {
  NoSpace: 'DiskFull',
  NotWritable: 'CacheNotWritable',
  Truncated: 'ArtifactTruncated',
  TooLarge: 'ArtifactTooLarge',
  DigestMismatch: 'DigestMismatch',
  DiskFailed: 'DiskFailed',
} as const;
