import { join } from 'node:path';
import { allFollow, readProcesses } from '../cli/client/processes.ts';
import type { ShownResource } from '../cli/client/resources.ts';
import type { ListedProposal } from '../plugins/proposals/proposals.ts';
import { wrongAnswers } from './answers.ts';
import { filesOfVersion, lineageOf } from './registered.ts';
import { commitFiles, renamed } from './registry.ts';
import { does, type Scene, tries } from './scene.ts';
import { trainedOnShuffledLabels } from './shuffled-model.ts';
import { story } from './story.ts';
import { isWithoutLoss, underTraffic } from './traffic.ts';
import { secondsSince, until } from './waiting.ts';

/** What the platform says of a version that it gave up. */
interface Aborted {
  readonly version: string;
  readonly at: string;
}

/**
 * A version that learnt nothing is pushed past review, and production itself finds out. Answers whether it was sent back in
 * its first steps without a request lost or answered by it, and the proposal that puts Git right is there.
 */
export async function rolledBack(scene: Scene, serving: string): Promise<boolean> {
  const { registry, target, team, strikes, known, signal, api } = scene;
  const { ada, grace } = team;
  const version = '1.3.0';
  story.chapter('Production, judged by what it answers');
  const data = join(registry, 'data', 'bird-strikes.csv');
  const files = await filesOfVersion(
    scene,
    version,
    trainedOnShuffledLabels(data),
    await lineageOf(scene, serving),
  );
  const { path, text, before, after } = await renamed(registry, 'production', target.deployment, version);
  story.say(
    `${ada.name} trains ${version}, and a slip gives each strike the outcome of another. It loads, it is as fast,`,
  );
  story.say(
    'it has the same signature; that it has learnt nothing nobody sees, for it is pushed straight to main:',
  );
  const { report } = await underTraffic(target, strikes, async (traffic) => {
    await traffic.goesOn(serving, 200, signal);
    const message = `Serve ${target.deployment} ${version} in production`;
    const commit = await commitFiles(registry, message, { ...files, [path]: text });
    const committed = Date.now();
    story.edit({ path, before: before.trim(), after: after.trim(), commit });
    const ref = `Deployment/production/${target.deployment}`;
    const { at } = await until(
      async () => {
        const { status } = await api.get<ShownResource>(`/resources/${ref}`);
        const { aborted } = (status?.facts ?? {}) as { aborted?: Aborted };
        return aborted?.version === version && allFollow(await readProcesses(api)) ? aborted : undefined;
      },
      { patience: 60_000, what: `${version} is sent back`, signal },
    );
    story.say('');
    story.check(
      true,
      `sent back by its analysis ${((Date.parse(at) - committed) / 1000).toFixed(1)} s after the commit, all traffic of every process back after ${secondsSince(committed)}`,
    );
    await traffic.goesOn(serving, 200, signal);
  });
  const wrong = wrongAnswers(report.answers, known);
  story.say('');
  story.traffic(report, serving, version, wrong);
  story.say('');
  await does(grace, ['rollout', 'status', `production/${target.deployment}`], scene);
  story.say('');
  story.say(
    'Git still says otherwise, so the platform asks for one change that puts it right, with what was measured:',
  );
  const number = await until(() => asksFor(scene, serving), {
    patience: 60_000,
    what: 'the proposal that puts Git right',
    signal,
  });
  // Waits for every check: none goes on in the background when the demonstration removes its folder.
  const { out } = await tries(grace, ['show', String(number), '--wait'], scene);
  story.printed(out);
  story.say('');
  const isAskedFor =
    out.includes(`/spec/version: ${version} → ${serving}`) && out.includes('/spec/quarantine');
  const isWell = isAskedFor && isWithoutLoss(report, wrong) && !report.byVersion.has(version);
  story.check(
    isWell,
    isWell
      ? `Nobody got an answer of ${version}, no request failed, and #${number} waits for a reviewer.`
      : 'It should have been sent back before it answered anybody, with a proposal to review.',
  );
  return isWell;
}

/** The number of the open proposal that takes production back to that version. */
async function asksFor({ api }: Scene, serving: string): Promise<number | undefined> {
  const { items } = await api.get<{ items: readonly ListedProposal[] }>(
    '/plugins/proposals/proposals?state=open',
  );
  return items.find(({ proposal }) => proposal.title.includes(`roll back to ${serving} in production`))
    ?.proposal.number;
}
