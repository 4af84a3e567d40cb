/** Which previews are loaded, for whom they answer, and when they go. */
import type { Forge, Proposal } from '../../core/capabilities/forge.ts';
import { proposalNotFound } from '../../core/capabilities/forge-errors.ts';
import type { ModelPreview, Preview, PreviewedModel } from '../../core/capabilities/model-preview.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import { isCodedError, type Logger, messageOf } from '../../core/plugin.ts';
import {
  artifactOfAFork,
  nothingToPreview,
  previewFailed,
  previewLoading,
  previewNotLoaded,
  proposalInvalid,
  proposalNotOpen,
  tooManyPreviews,
} from './errors.ts';
import { mergeResult } from './merge-result.ts';
import { proposedModels } from './proposed-models.ts';
import type { PreviewSettings } from './settings.ts';

export interface PreviewsOptions {
  readonly forge: () => Forge;
  readonly registry: () => Registry;
  readonly runtime: () => ModelPreview;
  readonly settings: PreviewSettings;
  readonly log: Logger;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** What is told of a preview. */
export interface PreviewStatus {
  readonly proposal: number;
  readonly state: 'not loaded' | 'loading' | 'ready' | 'failed';
  readonly head?: string;
  readonly commit?: string;
  readonly models?: readonly { readonly name: string; readonly versions: readonly string[] }[];
  readonly reason?: string;
}

/** How long what the forge said of a proposal holds: a request must not cost a request to somebody else's server. */
const knownForMs = 2_000;
/** After a failure, how long somebody who asks again gets the same answer. */
const failedForMs = 30_000;
/** One that was asked within so long is not taken away for another. */
const inUseMs = 30_000;

export class Previews {
  readonly #options: PreviewsOptions;
  readonly #held = new Map<number, Held>();
  readonly #known = new Map<number, { readonly at: number; readonly proposal: Promise<Proposal> }>();

  constructor(options: PreviewsOptions) {
    this.#options = options;
  }

  /**
   * Answers a request for a model of a proposal; a prediction loads the preview. Throws what the answer should be where
   * there is none yet, or never will be.
   */
  async ask(number: number, path: string, request: globalThis.Request): Promise<Response> {
    const proposal = await this.#open(number);
    if (request.method !== 'POST' && !this.#isCurrent(number, proposal)) {
      await this.#forget(number, proposal);
      throw previewNotLoaded(number);
    }
    const held = await this.#ensure(proposal);
    held.usedAt = this.#options.now();
    await Promise.race([held.settled, patience()]);
    if (held.failure !== undefined) throw failureOf(number, held.failure.thrown);
    if (held.preview === undefined) throw previewLoading(number);
    refuseUnknownName(number, path, held.models);
    const answer = await held.preview.ask(path, request);
    answer.headers.set('switchyard-proposal', String(number));
    return answer;
  }

  /** Begins to load, and says how far it is. */
  async load(number: number): Promise<PreviewStatus> {
    const held = await this.#ensure(await this.#open(number));
    held.usedAt = this.#options.now();
    return statusOf(held);
  }

  async status(number: number): Promise<PreviewStatus> {
    const proposal = await this.#open(number);
    await this.#forget(number, proposal);
    const held = this.#held.get(number);
    return held === undefined ? { proposal: number, state: 'not loaded' } : statusOf(held);
  }

  /** Idempotent. */
  async release(number: number, why: string): Promise<void> {
    const held = this.#held.get(number);
    if (held === undefined) return;
    this.#held.delete(number);
    held.controller.abort(new Error(why));
    await held.preview?.close();
    await this.#record('preview.released', held, `the preview of proposal ${number} was released: ${why}`);
  }

  /** Releases what nobody asks for, and what belongs to a proposal that is no longer open. Call it now and then. */
  async sweep(): Promise<void> {
    for (const [number, held] of [...this.#held]) {
      if (this.#options.now() - held.usedAt >= this.#options.settings.idleMs) {
        await this.release(number, 'nobody asked it for a while');
        continue;
      }
      try {
        await this.#forget(number, await this.#open(number));
      } catch (thrown) {
        const isGone = isCodedError(thrown) && ['ProposalNotOpen', 'ProposalNotFound'].includes(thrown.code);
        if (isGone) await this.release(number, 'its proposal is no longer open');
      }
    }
    for (const [number, { at }] of this.#known)
      if (this.#options.now() - at > knownForMs) this.#known.delete(number);
  }

  async close(): Promise<void> {
    for (const number of [...this.#held.keys()]) await this.release(number, 'the platform stops');
  }

  /** The proposal, open. Throws `ProposalNotFound`, `ProposalNotOpen`, or what the forge throws. */
  async #open(number: number): Promise<Proposal> {
    const now = this.#options.now();
    let known = this.#known.get(number);
    if (known === undefined || now - known.at > knownForMs) {
      const proposal = this.#options
        .forge()
        .get(number)
        .then((found) => {
          if (found === undefined) throw proposalNotFound(number);
          return found;
        });
      known = { at: now, proposal };
      this.#known.set(number, known);
      proposal.catch(() => this.#known.delete(number));
    }
    const proposal = await known.proposal;
    if (proposal.state !== 'open') throw proposalNotOpen(number, proposal.state);
    return proposal;
  }

  #isCurrent(number: number, proposal: Proposal): boolean {
    return this.#held.get(number)?.head === proposal.head;
  }

  /** A head that moved is another proposal as far as trying goes. */
  async #forget(number: number, proposal: Proposal): Promise<void> {
    const held = this.#held.get(number);
    if (held !== undefined && held.head !== proposal.head) await this.release(number, 'its proposal moved');
  }

  async #ensure(proposal: Proposal): Promise<Held> {
    const { number, head } = proposal;
    await this.#forget(number, proposal);
    const before = this.#held.get(number);
    const isOver = before?.failure !== undefined && this.#options.now() - before.failure.at >= failedForMs;
    if (before !== undefined && !isOver) return before;
    this.#held.delete(number);
    await this.#makeRoom();
    // Somebody else may have asked for the same one meanwhile.
    const meanwhile = this.#held.get(number);
    if (meanwhile !== undefined) return meanwhile;
    const held = new Held(number, head, this.#options.now());
    this.#held.set(number, held);
    held.settled = this.#load(proposal, held);
    return held;
  }

  /** Failed ones hold no process. Of the others, the one that was asked longest ago goes, if nobody uses it now. */
  async #makeRoom(): Promise<void> {
    const { settings, now } = this.#options;
    for (;;) {
      const running = [...this.#held.values()].filter(({ failure }) => failure === undefined);
      if (running.length < settings.atOnce) return;
      const [oldest] = running.sort((one, other) => one.usedAt - other.usedAt);
      if (oldest === undefined || now() - oldest.usedAt < inUseMs) throw tooManyPreviews(settings.atOnce);
      await this.release(oldest.number, 'another one was asked for');
    }
  }

  async #load(proposal: Proposal, held: Held): Promise<void> {
    const { forge, registry, runtime, settings, log, now } = this.#options;
    const { number } = proposal;
    try {
      await forge().fetch(number);
      const own = registry();
      const base = await own.repository.resolve(proposal.base);
      if (base === undefined) throw proposalInvalid(number, `there is no ${proposal.base}`);
      const commit = await mergeResult(own, proposal, base);
      const [before, after] = [await own.examine(base), await own.examine(commit)];
      const models = proposedModels(before, after);
      if (models.length === 0) {
        const broken = after.issues.find(
          ({ severity, path }) => severity === 'error' && !isIn(before.issues, path),
        );
        if (broken !== undefined)
          throw proposalInvalid(number, `${broken.path}:${broken.line}: ${broken.message}`);
        throw nothingToPreview(number, []);
      }
      if (proposal.fromFork) refuseArtifactsElsewhere(number, models);
      held.commit = commit;
      held.models = models;
      const { signal } = held.controller;
      const preview = await runtime().open({ commit, models, maxBytes: settings.maxBytes }, signal);
      if (this.#held.get(number) !== held) {
        await preview.close();
        return;
      }
      held.preview = preview;
      held.usedAt = now();
      void preview.ended.then((reason) => this.#lost(held, reason));
      await this.#record('preview.loaded', held, `proposal ${number} can be tried: ${names(models)}`);
    } catch (thrown) {
      held.failure = { at: now(), thrown };
      if (!held.controller.signal.aborted)
        log.warn({ proposal: number, error: messageOf(thrown) }, 'a preview could not be loaded');
    }
  }

  #lost(held: Held, reason: string): void {
    if (this.#held.get(held.number) !== held) return;
    held.preview = undefined;
    held.failure = { at: this.#options.now(), thrown: new Error(reason) };
    this.#options.log.warn({ proposal: held.number, reason }, 'a preview ended');
  }

  async #record(type: string, held: Held, message: string): Promise<void> {
    const { number, head, models } = held;
    const data = { proposal: number, head, models: models.map(describe) };
    try {
      await this.#options.registry().record({ type, ref: null, commit: held.commit ?? null, message, data });
    } catch (thrown) {
      this.#options.log.warn(
        { proposal: number, error: messageOf(thrown) },
        'a preview is not in the journal',
      );
    }
  }
}

/** The preview of one head of one proposal. */
class Held {
  readonly number: number;
  readonly head: string;
  readonly controller = new AbortController();
  settled: Promise<void> = Promise.resolve();
  usedAt: number;
  commit: string | undefined;
  models: readonly PreviewedModel[] = [];
  preview: Preview | undefined;
  failure: { readonly at: number; readonly thrown: unknown } | undefined;

  constructor(number: number, head: string, usedAt: number) {
    this.number = number;
    this.head = head;
    this.usedAt = usedAt;
  }
}

/** A small model is there before a client would have asked again. */
function patience(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2_000).unref());
}

function statusOf({ number, head, commit, models, preview, failure }: Held): PreviewStatus {
  const state = failure !== undefined ? 'failed' : preview === undefined ? 'loading' : 'ready';
  return {
    proposal: number,
    state,
    head,
    ...(commit === undefined ? {} : { commit }),
    models: models.map(describe),
    ...(failure === undefined ? {} : { reason: messageOf(failure.thrown) }),
  };
}

function describe({ name, versions }: PreviewedModel) {
  return { name, versions: versions.map(({ version }) => version) };
}

function names(models: readonly PreviewedModel[]): string {
  return models
    .map(({ name, versions }) => `${name} ${versions.map(({ version }) => version).join(', ')}`)
    .join('; ');
}

/** What is wrong with the proposal itself is said as it is; the rest is that it could not be loaded. */
function failureOf(number: number, thrown: unknown): unknown {
  const isOfProposal = isCodedError(thrown) && thrown.status !== undefined && thrown.status < 500;
  return isOfProposal ? thrown : previewFailed(number, thrown);
}

/** Names the proposal's own, where the data plane would only know that there is none. */
function refuseUnknownName(number: number, path: string, models: readonly PreviewedModel[]): void {
  const [, name] = /^\/v2\/models\/([^/?]+)/.exec(path) ?? [];
  if (name === undefined || models.some((model) => encodeURIComponent(model.name) === name)) return;
  throw nothingToPreview(
    number,
    models.map((model) => model.name),
  );
}

function refuseArtifactsElsewhere(number: number, models: readonly PreviewedModel[]): void {
  for (const { versions } of models) {
    const elsewhere = versions.find(({ artifact }) => !artifact.uri.startsWith('file:'));
    if (elsewhere !== undefined) throw artifactOfAFork(number, elsewhere.resource.origin.path);
  }
}

function isIn(issues: readonly { readonly path: string }[], path: string): boolean {
  return issues.some((issue) => issue.path === path);
}
