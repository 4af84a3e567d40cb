/**
 * The whole of Switchyard in a minute: a registry, a platform that serves what it declares, a new version that takes over
 * under traffic because one line of YAML changed, a promotion to production that a second person reviews and that walks in
 * step by step, one that policy blocks, one that production itself finds out and sends back, and one that years of traffic outgrow. `--once` ends by itself,
 * with status 0 only if no request failed, every answer was its version's, and what should be refused was; otherwise the
 * platform stays up until Ctrl-C.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../cli/client/api.ts';
import type { InferenceTarget } from '../cli/client/inference.ts';
import { modelUrl } from '../cli/client/inference.ts';
import { processTerminal } from '../cli/terminal.ts';
import type { Plan } from '../core/control/plan.ts';
import { messageOf } from '../core/errors.ts';
import { packageFile } from '../libraries/package-files/index.ts';
import { type Answer, askAll, wrongAnswers } from './answers.ts';
import { drifted } from './drifted.ts';
import { type Platform, runSwitchyard, startPlatform } from './platform.ts';
import { qualityOf } from './quality.ts';
import { refusedPromotion } from './refused.ts';
import { promote } from './registry.ts';
import { reviewedPromotion } from './reviewed.ts';
import { rolledBack } from './rolled-back.ts';
import type { Scene } from './scene.ts';
import { story } from './story.ts';
import { heldOutStrikes, type Strike, tensorsOf } from './strikes.ts';
import { assembleTeam, missingTools, type Team } from './team.ts';
import { isWithoutLoss, underTraffic } from './traffic.ts';
import { isSettled, secondsSince, until as untilFound } from './waiting.ts';

const environment = 'staging';
const deployment = 'bird-strike';
const [current, next] = ['1.0.0', '1.1.0'];

const once = process.argv.includes('--once');
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const folder = await mkdtemp(join(tmpdir(), 'switchyard-demo-'));
let platform: Platform | undefined;
let status = 1;
try {
  status = (await tell()) ? 0 : 1;
} catch (error) {
  if (interrupted.signal.aborted) status = 130;
  else {
    story.check(false, messageOf(error));
    if (platform) story.printed(platform.log());
  }
} finally {
  if (platform) {
    const ended = await platform.stop();
    story.check(ended === 0, `the platform ended with status ${ended}`);
    if (ended !== 0 && status === 0) status = 1;
  }
  // A check that an act left going on may write once more.
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(status);

async function tell(): Promise<boolean> {
  const registry = join(folder, 'registry');
  const { signal } = interrupted;

  story.chapter('A registry');
  story.say((await runSwitchyard(['init', registry, '--name', 'demo'])).split('\n')[0] ?? '');
  const missing = await missingTools();
  const team = missing.length === 0 ? await assembleTeam(registry, join(folder, 'people')) : undefined;
  if (team)
    story.say(`${team.ada.name} and ${team.grace.name} are its team; each signs with a key of their own.`);
  story.say((await runSwitchyard(['check', registry])).trimEnd());

  story.chapter('A platform that runs from it');
  const started = Date.now();
  platform = await startPlatform(registry, join(folder, 'data'));
  const { run } = platform;
  const api = await connect({ api: run.api }, processTerminal(signal));
  await until(() => isSettled(api), 60_000, 'every resource is ready');
  story.check(true, `every resource is ready, ${secondsSince(started)} after \`switchyard up\``);
  story.printed(await runSwitchyard(['get', 'deployments', '--api', run.api]));

  story.chapter('Real bird strikes');
  const strikes = await heldOutStrikes(join(registry, 'data', 'bird-strikes.csv'), 1995, 1998);
  const target: InferenceTarget = { server: run.inference, deployment, environment };
  story.say(
    `${strikes.length} strikes of 1995–98 that no version was trained on. Will each damage the aircraft?`,
  );
  const before = await askAll(target, strikes, signal);
  story.check(only(before, current), `${current} of ${environment} has answered them all`);

  story.chapter('One line, under traffic');
  const { report, result: after } = await underTraffic(target, strikes, async (traffic) => {
    await traffic.goesOn(current, 200, signal);
    story.say(
      'Eight callers ask without a pause. Meanwhile somebody commits to main, which is enough for staging:',
    );
    const edit = await promote(registry, environment, deployment, next);
    const committed = Date.now();
    story.edit(edit);
    const plan = await until(
      () => api.get<Plan>(`/plans/${edit.commit}`).catch(() => undefined),
      30_000,
      'the platform made a plan',
    );
    story.say('');
    story.say('The plan, as the platform made it of the commit:');
    story.plan(plan);
    await traffic.goesOn(next, 1, signal, 60_000);
    story.say('');
    story.check(true, `${next} answers, ${secondsSince(committed)} after the commit`);
    await until(() => isSettled(api, edit.commit), 60_000, 'every resource is as the commit declares it');
    await traffic.goesOn(next, 500, signal);
    return askAll(target, strikes, signal);
  });
  const wrong = wrongAnswers(report.answers, [before, after]);
  story.say('');
  story.traffic(report, current, next, wrong);

  story.chapter('Before and after, for the same strikes');
  story.say(
    'The eight about which the two versions differ most: probability of damage, and whether the verdict was right.',
  );
  story.say('');
  story.answers(...telling(strikes, before, after));
  story.say('');
  story.say(`All ${strikes.length}, judged by what really happened:`);
  story.say('');
  story.quality([qualityOf(strikes, before), qualityOf(strikes, after)], strikes);
  story.note(
    `What really happened is in data/bird-strikes.csv; ${next} has seen more years than ${current}.`,
  );

  const scene = team && {
    ...{ registry, api, team, strikes, signal },
    known: [before, after],
    target: { ...target, environment: 'production' },
  };
  const isReviewed = scene ? await review(scene) : false;
  const isWatched = await drifted({ registry, api, server: run.inference, signal });
  if (!scene)
    story.note(`Three acts about production are left out: this machine has no ${missing.join(' and no ')}.`);

  story.chapter('What the platform says');
  story.printed(await runSwitchyard(['get', 'deployments', '--api', run.api]));
  story.say('');
  story.printed(await runSwitchyard(['journal', '--limit', '12', '--api', run.api]));

  const isWell =
    (isReviewed || !scene) &&
    isWatched &&
    isWithoutLoss(report, wrong) &&
    only(before, current) &&
    only(after, next);
  story.say('');
  story.check(
    isWell,
    isWell
      ? 'No request failed, and every answer was its version’s.'
      : 'Something did not go as it should: see above.',
  );
  if (once || !isWell) return isWell;

  await stayUp(platform, registry, strikes, team);
  return isWell;
}

async function review(scene: Scene): Promise<boolean> {
  const isPromoted = await reviewedPromotion(scene, current, next);
  const isRefused = await refusedPromotion(scene, next);
  return (await rolledBack(scene, next)) && isRefused && isPromoted;
}

async function stayUp(
  { run }: Platform,
  registry: string,
  strikes: readonly Strike[],
  team: Team | undefined,
): Promise<void> {
  const body = join(folder, 'request.json');
  await writeFile(body, JSON.stringify({ inputs: tensorsOf(strikes.slice(0, 1)) }));
  const cli = `node ${packageFile('dist/cli/main.js')}`;
  const url = modelUrl({ server: run.inference, deployment });
  story.chapter('Your turn');
  story.say(`The platform is up until Ctrl-C. Its API is ${run.api}, described at ${run.api}/docs.`);
  story.code([
    `curl -s ${url}`,
    `curl -s ${url}/infer -H 'content-type: application/json' -d @${body}`,
    `curl -s '${run.api}/api/v1/resources?kind=Deployment'`,
    `${cli} status --api ${run.api}`,
  ]);
  if (team === undefined) {
    story.say('Promote the new version to production yourself, and ask again:');
    story.code([
      `sed -i.bak 's/version: ${current}/version: ${next}/' ${registry}/environments/production/${deployment}.yaml`,
      `git -C ${registry} -c user.name=You -c user.email=you@localhost commit -qam 'Promote ${deployment} ${next} to production'`,
    ]);
  } else {
    const as = ({ environment }: Team['ada']) => `GIT_CONFIG_GLOBAL=${environment.GIT_CONFIG_GLOBAL} ${cli}`;
    story.say('Put Git right, as Grace and as Ada, and look at production again:');
    story.code([
      `cd ${registry}`,
      `${as(team.grace)} review 3 --approve`,
      `${as(team.ada)} merge 3`,
      `${as(team.ada)} rollout status production/${deployment}`,
    ]);
  }
  await new Promise((resolve) => interrupted.signal.addEventListener('abort', resolve, { once: true }));
  story.say('');
}

function until<T>(look: () => Promise<T | undefined | false>, patience: number, what: string): Promise<T> {
  return untilFound(look, { patience, what, signal: interrupted.signal });
}

function only(answers: readonly Answer[], version: string): boolean {
  return answers.length > 0 && answers.every((answer) => answer.version === version);
}

/** A few strikes that show most: those where the two versions differ, and the clearest of the others. */
function telling(
  strikes: readonly Strike[],
  before: readonly Answer[],
  after: readonly Answer[],
): [readonly Strike[], readonly Answer[], readonly Answer[]] {
  const gap = (row: number) => Math.abs((before[row]?.probability ?? 0) - (after[row]?.probability ?? 0));
  const rows = strikes
    .map((_, row) => row)
    .sort((a, b) => gap(b) - gap(a))
    .slice(0, 8)
    .sort((a, b) => a - b);
  const pick = <T>(list: readonly T[]) => rows.flatMap((row) => list[row] ?? []);
  return [pick(strikes), pick(before), pick(after)];
}
