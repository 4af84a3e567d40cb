/**
 * Intents become proposals, proposals are judged, allowed ones are merged. Everything but the wiring of the plugin: it runs
 * in the server as in the command line.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor, Forge, Proposal } from '../../core/capabilities/forge.ts';
import { proposalClosed, proposalNotFound } from '../../core/capabilities/forge-errors.ts';
import type { Gate } from '../../core/capabilities/gate.ts';
import type { MetricsSource } from '../../core/capabilities/metrics-source.ts';
import type { ProposalCheck } from '../../core/capabilities/proposal-check.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import type { Logger, Providers } from '../../core/plugin.ts';
import { openingBody } from './comment/opening-body.ts';
import { baseMissing, proposalElsewhere } from './errors.ts';
import { IntentQueue } from './intents/intent-queue.ts';
import { KeptIntents } from './intents/kept-intents.ts';
import { plannedChanges } from './intents/planned-changes.ts';
import { proposeOnce } from './intents/proposing.ts';
import { JournalOnce } from './journal-once.ts';
import { CheckCache } from './judging/check-cache.ts';
import { CheckRunner } from './judging/check-runner.ts';
import { JudgeAndTell } from './judging/judge-and-tell.ts';
import { type Case, Judging } from './judging/judging.ts';
import { KeptProposals } from './kept-proposals.ts';
import { Looking } from './looking.ts';
import { mergeProposal } from './merging/merge.ts';
import { ProposalMetrics } from './metrics.ts';
import type { Proposals, ShowOptions } from './proposals.ts';
import { defaultSettings, type ProposalSettings } from './settings.ts';
import type { OnStep } from './step.ts';
import { Telling } from './telling.ts';
import { Tracking } from './tracking.ts';

export interface ProposalsOptions {
  readonly registry: Registry;
  readonly forge: Forge;
  /** The name of the forge's provider: `git`. */
  readonly forgeName: string;
  readonly checks: Providers<ProposalCheck>;
  readonly gates: Providers<Gate>;
  /** Where requests are counted; without it, no traffic is known. */
  readonly sources?: Providers<MetricsSource>;
  /** What is asked for and known is kept here. One process at a time writes in it. */
  readonly folder: string;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly settings?: Partial<ProposalSettings>;
  /** Who the platform is, when it acts by itself. */
  readonly actor?: Actor & { readonly email: string };
  readonly onStep?: OnStep;
}

export async function createProposals(options: ProposalsOptions): Promise<Proposals> {
  const { registry, forge, forgeName, checks, gates, sources, folder, log, now } = options;
  const { onStep = () => {} } = options;
  const settings = { ...defaultSettings, ...options.settings };
  const actor = options.actor ?? { name: 'Switchyard', email: 'switchyard@localhost' };
  await mkdir(folder, { recursive: true });
  const keptIntents = await KeptIntents.open(join(folder, 'intents'), log, now);
  const kept = await KeptProposals.open(join(folder, 'proposals'), log);
  const cache = await CheckCache.open(join(folder, 'checks'), log, now);
  const metrics = new ProposalMetrics();
  const journal = new JournalOnce(registry);
  const tracking = new Tracking({ forge, kept, journal, onStep });
  const telling = new Telling({ forge, kept, journal, now, onStep });
  const runner = new CheckRunner({
    checks,
    cache,
    log,
    now,
    parallel: settings.parallelChecks,
    timeoutMs: (name) => settings.checkTimeoutsMs[name] ?? settings.checkTimeoutMs,
    onEnd: (name, outcome, durationMs) => metrics.checked(name, outcome, durationMs),
  });
  const judging = new Judging({ registry, forge, forgeName, gates, sources, runner, log, now });
  const queue = new IntentQueue({
    kept: keptIntents,
    log,
    now,
    onStep,
    attempt: (one, sign) =>
      proposeOnce(one, sign, {
        registry,
        forge,
        actor,
        maxPerHour: settings.maxPerHour,
        now,
        onStep,
        bodyOf: async (draft) =>
          openingBody(one.intent, draft.on, await plannedChanges(registry, draft, log)),
      }),
    async onOpened({ intent }, { proposal }) {
      await tracking.opened(proposal, intent.type);
      looking.look();
    },
  });

  const baseNow = async (): Promise<string> => {
    const base = await registry.repository.resolve(registry.reference);
    if (base === undefined) throw baseMissing(registry.reference);
    return base;
  };
  const get = async (number: number): Promise<Proposal> => {
    const proposal = Number.isSafeInteger(number) && number > 0 ? await forge.get(number) : undefined;
    if (proposal === undefined) throw proposalNotFound(number);
    return proposal;
  };

  const judged = new JudgeAndTell({
    registry,
    forge,
    judging,
    telling,
    log,
    interimMs: settings.interimMs,
    showMs: settings.showMs,
  });

  /** The judgement of an open proposal, as much of it as one waits for. */
  async function look(proposal: Proposal, base: string, asked: ShowOptions): Promise<Case> {
    const { run = 'background', ...rest } = asked;
    const known = asked.again === undefined ? judging.known(proposal.number, proposal.head, base) : undefined;
    if (known !== undefined && (known.isEnded || run !== 'wait')) return known;
    if (run === 'none') return judging.glance(proposal, base, asked.again);
    const quiet = { ...rest, tell: false };
    return run === 'wait' ? judged.judge(proposal, base, quiet) : judged.begin(proposal, base, quiet);
  }

  const looking = new Looking({
    registry,
    forge,
    kept,
    tracking,
    judging,
    queue,
    metrics,
    settings,
    log,
    now,
    judge: (proposal, base, again) => judged.judge(proposal, base, again === undefined ? {} : { again }),
    async allowed(proposal) {
      if (!settings.autoMerge) return;
      await proposals.merge(proposal.number, { by: actor, expectedHead: proposal.head });
    },
  });

  let stopHints: (() => void) | undefined;
  const proposals: Proposals = {
    propose: (intent, asked = {}) => queue.propose(intent, asked),

    latest: async (key) => (await forge.list({ key, limit: 1 }))[0],

    async list(query) {
      const base = await registry.repository.resolve(registry.reference);
      return (await forge.list(query)).map((proposal) => {
        const found = base === undefined ? undefined : judging.known(proposal.number, proposal.head, base);
        return { proposal, verdict: found?.judgement.verdict ?? null };
      });
    },

    broken: async () => (await forge.broken?.()) ?? [],

    async show(number, asked = {}) {
      const proposal = await get(number);
      const isJudged = proposal.state === 'open' && proposal.base === registry.reference;
      const found = isJudged ? await look(proposal, await baseNow(), asked) : undefined;
      return { proposal, reviews: await forge.reviews(number), judgement: found?.judgement ?? null };
    },

    async judge(number, { wait = true, ...asked } = {}) {
      const proposal = await get(number);
      if (proposal.state !== 'open') throw proposalClosed(number);
      if (proposal.base !== registry.reference) {
        throw proposalElsewhere(number, proposal.base, registry.reference);
      }
      const base = await baseNow();
      const found = await (wait ? judged.judge(proposal, base, asked) : judged.begin(proposal, base, asked));
      return found.judgement;
    },

    async merge(number, request) {
      const judgeHere = (proposal: Proposal, base: string) => judged.judge(proposal, base, {});
      const merging = { registry, forge, kept, tracking, actor, onStep, judge: judgeHere };
      const merged = await mergeProposal(number, request, merging);
      judging.drop(number, 'it was merged');
      looking.look();
      return merged;
    },

    async close(number, { by, reason, sign }) {
      await onStep('close');
      await forge.close(number, { by, reason, ...(sign === undefined ? {} : { sign }) });
      judging.drop(number, 'it was closed');
      await tracking.gone(number);
    },

    queue: async () => queue.list(),

    start() {
      for (const name of Object.keys(settings.checkTimeoutsMs)) {
        const known = checks.names();
        if (known.includes(name)) continue;
        log.warn({ check: name, known }, 'checks.timeouts names a check that there is not');
      }
      stopHints ??= forge.onHint?.(() => looking.look());
      looking.start();
      queue.work();
    },

    look: () => looking.look(),

    async idle() {
      await queue.idle();
      await looking.idle();
    },

    metrics: () => metrics.exposition(queue.length),

    async stop() {
      stopHints?.();
      await looking.stop();
      await queue.stop();
      judging.dropAll('the platform stops');
      await Promise.allSettled(judging.running);
    },
  };
  return proposals;
}
