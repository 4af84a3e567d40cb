/** One attempt to make a proposal of an intent. Whatever crashed before, it ends with exactly one open proposal. */
import type { Actor, Draft, Forge, Proposal, Sign } from '../../../core/capabilities/forge.ts';
import type { Proposed } from '../../../core/capabilities/proposer.ts';
import type { Registry } from '../../../core/capabilities/registry.ts';
import { codeOf } from '../../../core/plugin.ts';
import { readTrailers } from '../../../libraries/git/trailers.ts';
import {
  baseMissing,
  nothingToPropose,
  proposalDeclined,
  proposalTakenOver,
  rollbackOpen,
  tooManyProposals,
} from '../errors.ts';
import type { OnStep } from '../step.ts';
import { applyIntent } from './apply-intent.ts';
import { commitMessage } from './commit-message.ts';
import type { KeptIntent } from './kept-intents.ts';

export interface ProposingOptions {
  readonly registry: Registry;
  readonly forge: Forge;
  /** Who the platform is, when it acts by itself. */
  readonly actor: Actor & { readonly email: string };
  readonly maxPerHour: number;
  readonly now: () => number;
  readonly onStep: OnStep;
  /** The text that the proposal opens with. */
  readonly bodyOf: (draft: Pick<Draft, 'on' | 'changes'>, kept: KeptIntent) => Promise<string>;
}

export interface Opened {
  readonly proposal: Proposal;
  readonly done: Extract<Proposed, { state: 'open' }>['done'];
}

/** Looks at the forge, decides, acts; and looks again where somebody was faster. */
export async function proposeOnce(
  kept: KeptIntent,
  sign: Sign | undefined,
  options: ProposingOptions,
): Promise<Opened> {
  for (let round = 1; ; round += 1) {
    try {
      return await attempt(kept, sign, options);
    } catch (error) {
      const wasFaster = ['ProposalExists', 'ProposalMoved', 'ReferenceMoved'].includes(codeOf(error));
      if (!wasFaster || round === maxRounds) throw error;
    }
  }
}

const maxRounds = 10;

async function attempt(kept: KeptIntent, sign: Sign | undefined, options: ProposingOptions): Promise<Opened> {
  const { registry, forge, onStep } = options;
  const { key } = kept.intent;
  await onStep('look for proposal');
  const [open] = await forge.list({ state: 'open', key, limit: 1 });
  const base = await registry.repository.resolve(registry.reference);
  if (base === undefined) throw baseMissing(registry.reference);
  if (open === undefined) {
    await refuseDeclined(kept, options);
    const draft = await draftOf(kept, base, sign, options);
    if (draft === undefined) throw nothingToPropose(kept.intent.title, undefined);
    await refuseTooMany(options);
    await onStep('open proposal');
    const proposal = await forge.open(draft);
    return { proposal, done: 'opened' };
  }
  const { digest, change, author } = await headOf(open, options);
  if (digest === kept.digest && !(await isInConflict(open, base, options))) {
    return addLabels(open, kept, sign, options);
  }
  const draft = await draftOf(kept, base, sign, options);
  if (draft === undefined) throw nothingToPropose(kept.intent.title, open.number);
  if (digest === undefined) throw proposalTakenOver(open.number);
  // What was measured and the quarantine would be gone without a word, and what failed could be promoted again.
  if (kept.byHand && change === 'rollback' && author === options.actor.email) {
    throw rollbackOpen(open.number);
  }
  await onStep('update proposal');
  const proposal = await forge.update(open.number, draft, open.head);
  return { proposal, done: 'updated' };
}

/**
 * Puts on what the open proposal lacks, each as the word of whoever asks about the head that wants what they want: with
 * their signature, and never for a commit that somebody pushed meanwhile.
 */
async function addLabels(
  open: Proposal,
  { intent: { labels = [], author } }: KeptIntent,
  sign: Sign | undefined,
  { forge, onStep }: ProposingOptions,
): Promise<Opened> {
  if (labels.length === 0) return { proposal: open, done: 'nothing' };
  const before = await forge.get(open.number);
  for (const name of labels) {
    await onStep('add label');
    await forge.label(open.number, name, 'add', author, sign, open.head);
  }
  const after = (await forge.get(open.number)) ?? open;
  const isSame = JSON.stringify(before?.labels) === JSON.stringify(after.labels);
  return { proposal: after, done: isSame ? 'nothing' : 'labelled' };
}

/** Undefined where the base already says it. */
async function draftOf(
  kept: KeptIntent,
  base: string,
  sign: Sign | undefined,
  { registry, bodyOf }: ProposingOptions,
): Promise<Draft | undefined> {
  const { key, title, files, author, labels } = kept.intent;
  const changes = await applyIntent(registry.repository, base, files);
  if (changes.size === 0) return undefined;
  return {
    key,
    on: base,
    changes,
    message: commitMessage(kept.intent),
    title,
    body: await bodyOf({ on: base, changes }, kept),
    author,
    ...(labels === undefined ? {} : { labels }),
    ...(sign === undefined ? {} : { sign }),
  };
}

/** What a person closed stays closed, until something differs or a person asks by hand. */
async function refuseDeclined(kept: KeptIntent, options: ProposingOptions): Promise<void> {
  if (kept.byHand) return;
  const [last] = await options.forge.list({ key: kept.intent.key, limit: 1 });
  if (last?.state !== 'closed' || last.supersededBy !== undefined) return;
  if (last.closedBy !== undefined && last.closedBy.email === options.actor.email) return;
  if ((await headOf(last, options)).digest !== kept.digest) return;
  throw proposalDeclined(last.number, last.closedBy?.name);
}

async function refuseTooMany({ forge, maxPerHour, now }: ProposingOptions): Promise<void> {
  const latest = await forge.list({ limit: Math.min(1000, maxPerHour * 4) });
  const since = now() - hour;
  const opened = latest
    .filter(({ key, openedAt }) => key !== null && Date.parse(openedAt) > since)
    .map(({ openedAt }) => Date.parse(openedAt))
    .sort((one, other) => other - one);
  const nth = opened[maxPerHour - 1];
  if (nth !== undefined) throw tooManyProposals(maxPerHour, new Date(nth + hour).toISOString());
}

const hour = 3_600_000;

/** Which intent the head of a proposal was made of, of what type it is, and whose; no digest where somebody else made it. */
async function headOf(
  { number, head }: Proposal,
  { forge, registry }: ProposingOptions,
): Promise<Readonly<Record<'digest' | 'change' | 'author', string | undefined>>> {
  await forge.fetch(number);
  const { message, author } = await registry.repository.commit(head);
  const trailers = readTrailers(message);
  const last = (name: string) => trailers.get(name)?.at(-1);
  return { digest: last('Switchyard-Intent'), change: last('Switchyard-Change'), author: author.email };
}

async function isInConflict(
  { head }: Proposal,
  base: string,
  { registry }: ProposingOptions,
): Promise<boolean> {
  return 'conflicts' in (await registry.repository.mergeTree(base, head));
}
