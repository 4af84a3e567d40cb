import type { Api } from '../cli/client/api.ts';
import type { InferenceTarget } from '../cli/client/inference.ts';
import type { ShownProposal } from '../plugins/proposals/proposals.ts';
import type { Answer } from './answers.ts';
import { runSwitchyard, trySwitchyard } from './platform.ts';
import { story } from './story.ts';
import type { Strike } from './strikes.ts';
import type { Colleague, Team } from './team.ts';

/** What the acts about review play with. */
export interface Scene {
  readonly registry: string;
  readonly api: Api;
  readonly team: Team;
  /** The deployment in production. */
  readonly target: InferenceTarget;
  readonly strikes: readonly Strike[];
  /** What each version says about each strike. */
  readonly known: readonly (readonly Answer[])[];
  readonly signal: AbortSignal;
}

/** Shows a command and what it prints, as that person runs it in the registry. Throws where it ends badly. */
export async function does(who: Colleague, words: readonly string[], { registry }: Scene): Promise<void> {
  story.command(who.name, words);
  story.printed(await runSwitchyard(words, { folder: registry, environment: who.environment }));
}

/** The same for a command that may be refused; what it prints is for the caller to show. */
export function tries(who: Colleague, words: readonly string[], { registry }: Scene) {
  story.command(who.name, words);
  return trySwitchyard(words, { folder: registry, environment: who.environment });
}

/** A proposal as that person is shown it, with its judgement, once all checks have ended. */
export async function proposalAs(
  who: Colleague,
  number: number,
  { registry }: Scene,
): Promise<ShownProposal> {
  const words = ['show', String(number), '--wait', '--output', 'json'];
  const { out, err } = await trySwitchyard(words, { folder: registry, environment: who.environment });
  if (out === '') throw new Error(err);
  return JSON.parse(out) as ShownProposal;
}
