/**
 * The whole of Switchyard in half a minute: a registry, a platform that serves what it declares, and a new version that
 * takes over under traffic because one line of YAML changed. `--once` ends by itself, with status 0 only if no request
 * failed and every answer was its version's; otherwise the platform stays up until Ctrl-C.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Api, connect } from '../cli/client/api.ts';
import type { InferenceTarget } from '../cli/client/inference.ts';
import { modelUrl } from '../cli/client/inference.ts';
import { allFollow, readProcesses } from '../cli/client/processes.ts';
import type { ShownResource } from '../cli/client/resources.ts';
import { processTerminal } from '../cli/terminal.ts';
import type { Plan } from '../core/control/plan.ts';
import { messageOf } from '../core/errors.ts';
import type { Head } from '../core/kernel-api.ts';
import { packageFile } from '../libraries/package-files/index.ts';
import { type Answer, askAll } from './answers.ts';
import { type Platform, runSwitchyard, startPlatform } from './platform.ts';
import { qualityOf } from './quality.ts';
import { promote } from './registry.ts';
import { story } from './story.ts';
import { heldOutStrikes, type Strike, tensorsOf } from './strikes.ts';
import { Traffic, type TrafficReport } from './traffic.ts';

const environment = 'staging';
const deployment = 'bird-strike';
const [current, next] = ['1.0.0', '1.1.0'];
const ref = `Deployment/${environment}/${deployment}`;

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
  await rm(folder, { recursive: true, force: true });
}
process.exit(status);

async function tell(): Promise<boolean> {
  const registry = join(folder, 'registry');
  const { signal } = interrupted;

  story.chapter('A registry');
  story.say((await runSwitchyard(['init', registry, '--name', 'demo'])).split('\n')[0] ?? '');
  story.say((await runSwitchyard(['check', registry])).trimEnd());

  story.chapter('A platform that runs from it');
  const started = Date.now();
  platform = await startPlatform(registry, join(folder, 'data'));
  const { run } = platform;
  const api = await connect({ api: run.api }, processTerminal(signal));
  await until(() => isSettled(api), 60_000, 'every resource is ready');
  story.check(true, `every resource is ready, ${seconds(started)} after \`switchyard up\``);
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
  const traffic = new Traffic(target, strikes, 8);
  let report: TrafficReport;
  let after: readonly Answer[];
  try {
    await until(async () => traffic.answeredBy(current) >= 200, 30_000, 'traffic flows');
    story.say('Eight callers ask without a pause. Meanwhile somebody merges:');
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
    await until(async () => traffic.answeredBy(next) > 0, 60_000, `${next} answers`);
    story.say('');
    story.check(true, `${next} answers, ${seconds(committed)} after the commit`);
    await until(() => isSettled(api, edit.commit), 60_000, 'every resource is as the commit declares it');
    const soFar = traffic.answeredBy(next);
    await until(async () => traffic.answeredBy(next) >= soFar + 500, 30_000, 'traffic goes on');
    after = await askAll(target, strikes, signal);
  } finally {
    report = await traffic.stop();
  }
  const wrong = report.answers.filter(
    (answer) => !isAnswerOf(answer, before[answer.strike]) && !isAnswerOf(answer, after[answer.strike]),
  ).length;
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

  story.chapter('What the platform says');
  story.printed(await runSwitchyard(['get', 'deployments', '--api', run.api]));
  story.say('');
  story.printed(await runSwitchyard(['journal', '--ref', ref, '--limit', '8', '--api', run.api]));

  const isWell =
    report.failed === 0 &&
    wrong === 0 &&
    report.answers.length === report.sent &&
    only(before, current) &&
    only(after, next);
  story.say('');
  story.check(
    isWell,
    isWell ? 'No request failed, and every answer was its version’s.' : 'Something was lost.',
  );
  if (once || !isWell) return isWell;

  await stayUp(platform, registry, strikes);
  return isWell;
}

async function stayUp({ run }: Platform, registry: string, strikes: readonly Strike[]): Promise<void> {
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
  story.say('Promote the new version to production yourself, and ask again:');
  story.code([
    `sed -i.bak 's/version: ${current}/version: ${next}/' ${registry}/environments/production/${deployment}.yaml`,
    `git -C ${registry} -c user.name=You -c user.email=you@localhost commit -qam 'Promote ${deployment} ${next} to production'`,
  ]);
  await new Promise((resolve) => interrupted.signal.addEventListener('abort', resolve, { once: true }));
  story.say('');
}

/** Whether every resource is as that commit (default: whichever is applied) declares it, and nothing is under way. */
async function isSettled(api: Api, commit?: string): Promise<boolean> {
  const head = await api.get<Head>('/head');
  if (head.applied === null || (commit !== undefined && head.applied !== commit)) return false;
  const { items } = await api.get<{ items: readonly ShownResource[] }>('/resources?limit=500');
  if (!allFollow(await readProcesses(api))) return false;
  return items.every(({ digest, status }) => {
    const has = (wanted: string) =>
      status?.conditions.some(({ type, status: is }) => type === wanted && is === 'True') === true;
    return status?.observedDigest === digest && has('Ready') && !has('Progressing');
  });
}

async function until<T>(
  look: () => Promise<T | undefined | false>,
  patience: number,
  what: string,
): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    interrupted.signal.throwIfAborted();
    const found = await look();
    if (found !== undefined && found !== false) return found as T;
    if (Date.now() > deadline) throw new Error(`waited ${patience / 1000} s in vain: ${what}`);
    await wait(25);
  }
}

function only(answers: readonly Answer[], version: string): boolean {
  return answers.length > 0 && answers.every((answer) => answer.version === version);
}

/** Whether an answer is what its version says: single precision leaves a little room. */
function isAnswerOf(answer: Answer, known: Answer | undefined): boolean {
  return known?.version === answer.version && Math.abs(known.probability - answer.probability) < 1e-6;
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

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
