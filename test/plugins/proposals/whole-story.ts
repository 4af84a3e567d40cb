import type { Forge, Proposal } from '../../../core/capabilities/forge.ts';
import { codeOf } from '../../../core/plugin.ts';
import type { Proposals } from '../../../plugins/proposals/proposals.ts';
import { grace, promotion, type World } from './proposal-world.ts';

/** A promotion from the wish to the merge, as people would do it, and do again after a crash. Answers the merge commit. */
export async function wholeStory({ forge }: Pick<World<Forge>, 'forge'>, engine: Proposals): Promise<string> {
  engine.start();
  try {
    await engine.propose(promotion('1.1.0'), { waitMs: 60_000 });
  } catch (error) {
    // Merged before the crash.
    if (codeOf(error) !== 'NothingToPropose') throw error;
  }
  await engine.idle();
  const [proposal] = await forge.list({ limit: 1 });
  if (proposal === undefined) throw new Error('nothing was proposed');
  const { number, head } = proposal as Proposal;
  if (proposal.state === 'open') {
    await forge.review(number, { verdict: 'approve', head, body: 'yes', by: grace });
    engine.look();
    await engine.idle();
  }
  const { commit } = await engine.merge(number, { by: grace });
  engine.look();
  await engine.idle();
  return commit;
}

/** A promotion that somebody closes. */
export async function closingStory({ forge }: Pick<World<Forge>, 'forge'>, engine: Proposals): Promise<void> {
  engine.start();
  if ((await forge.list({ limit: 1 })).length === 0) await engine.propose(promotion('1.1.0'));
  await engine.idle();
  const [proposal] = await forge.list({ limit: 1 });
  if (proposal?.state === 'open') await engine.close(proposal.number, { by: grace, reason: 'Not now.' });
  engine.look();
  await engine.idle();
}

/** By name, for a process of its own. */
export const stories = { whole: wholeStory, closing: closingStory };
export type StoryName = keyof typeof stories;
