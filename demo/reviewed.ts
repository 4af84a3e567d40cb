import { setTimeout as wait } from 'node:timers/promises';
import type { ShownResource } from '../cli/client/resources.ts';
import { wrongAnswers } from './answers.ts';
import { strategyLines } from './quick-walk.ts';
import { does, proposalAs, type Scene } from './scene.ts';
import { story } from './story.ts';
import { isWithoutLoss, underTraffic } from './traffic.ts';
import { isSettled, secondsSince, until } from './waiting.ts';

/** A promotion to production that somebody else approves, under traffic. Answers whether nothing was lost. */
export async function reviewedPromotion(scene: Scene, current: string, next: string): Promise<boolean> {
  const { registry, team, target, strikes, known, signal, api } = scene;
  const { ada, grace, rule } = team;
  story.chapter('Production, reviewed');
  story.say('Production takes what policies/promotion.yaml in the registry lets in:');
  story.code(rule.map((line) => line.slice(4)));
  await does(
    ada,
    ['promote', target.deployment, '--to', 'production', '--reason', 'It has seen more years.'],
    scene,
  );
  story.say('');
  story.say(`${grace.name} looks. This is what the platform makes of the merge, before anybody decides:`);
  story.say('');
  const { judgement } = await proposalAs(grace, 1, scene);
  if (judgement === null) throw new Error('proposal 1 was not judged');
  story.judgement(judgement);
  story.say('');
  await does(
    grace,
    ['review', '1', '--approve', '--message', 'It ranks the years since better, and no caller notices.'],
    scene,
  );
  story.note(
    'A commit in the registry, signed with her own key. Ada could sign one too; hers would not count.',
  );
  story.say('');

  const { report } = await underTraffic(target, strikes, async (traffic) => {
    await traffic.goesOn(current, 200, signal);
    const soaked = judgement.verdict.requirements.find(({ metAt }) => metAt !== undefined)?.metAt;
    if (soaked !== undefined) await wait(Math.max(0, Date.parse(soaked) + 1000 - Date.now()));
    await does(ada, ['merge', '1'], scene);
    const merged = Date.now();
    story.say('');
    story.say(
      'Merged, it walks in as the deployment says, judged by analyses/; here with seconds for minutes:',
    );
    story.code((await strategyLines(registry)).map((line) => line.slice(2)));
    await until(() => isMeasured(scene), { patience: 60_000, what: `${next} is measured`, signal });
    await does(grace, ['rollout', 'status', `production/${target.deployment}`], scene);
    await traffic.goesOn(next, 1, signal, 60_000);
    story.say('');
    story.check(true, `${next} answers its first requests, ${secondsSince(merged)} after the merge`);
    await until(() => isSettled(api), { patience: 60_000, what: 'every resource is ready', signal });
    story.check(true, `and all of them, ${secondsSince(merged)} after the merge`);
    await traffic.goesOn(next, 500, signal);
  });
  const wrong = wrongAnswers(report.answers, known);
  story.say('');
  story.traffic(report, current, next, wrong);
  story.say('');
  await does(grace, ['rollout', 'history', `production/${target.deployment}`, '--limit', '9'], scene);
  story.say('');
  story.say('Git says who let it in, in every clone:');
  story.say('');
  await does(grace, ['history', target.deployment, '--limit', '1'], scene);
  return isWithoutLoss(report, wrong);
}

/** Whether its first analysis has looked twice, or is over already. */
async function isMeasured({ api, target }: Scene): Promise<boolean> {
  const { status } = await api.get<ShownResource>(`/resources/Deployment/production/${target.deployment}`);
  const { rollout } = (status?.facts ?? {}) as { rollout?: Walk };
  if (rollout === undefined) return false;
  const { step, measured = [] } = rollout;
  return step > 2 || (step === 2 && measured.length > 0 && measured.every(({ looks }) => looks >= 2));
}

interface Walk {
  readonly step: number;
  readonly measured?: readonly { readonly looks: number }[];
}
