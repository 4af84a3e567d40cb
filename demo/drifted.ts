import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Api } from '../cli/client/api.ts';
import { type InferenceTarget, predict } from '../cli/client/inference.ts';
import type { MonitorView } from '../cli/monitors/monitoring.ts';
import { csvHeader, csvLine } from '../cli/output/csv.ts';
import { table } from '../cli/output/table.ts';
import type { SinkStatus } from '../core/capabilities/prediction-sink.ts';
import { runSwitchyard } from './platform.ts';
import { type AlertReceiver, type HeardAlert, openAlertReceiver } from './receiver.ts';
import { commitFiles } from './registry.ts';
import { story } from './story.ts';
import { allStrikes, heldOutStrikes, type Strike, tensorsOf } from './strikes.ts';
import { areReady, until } from './waiting.ts';

const deployment = 'environments/dev/bird-strike.yaml';
const version = '1.0.0';
const drift = 'bird-strike-drift';
const performance = 'bird-strike-performance';
const watched = [
  'Deployment/dev/bird-strike',
  `Monitor/${drift}`,
  `Monitor/${performance}`,
  'AlertRoute/demo',
];

export interface DriftScene {
  readonly registry: string;
  readonly api: Api;
  readonly server: string;
  readonly signal: AbortSignal;
}

/** A prediction of some rows, to be told later what was true of them. */
interface Asked {
  readonly id: string;
  readonly strikes: readonly Strike[];
}

/**
 * Years go by: a version that knows 1990–94 answers about the strikes of each year that followed. Answers whether nothing was
 * raised for strikes like those that it learnt from, drift was told of in 1995, and what was true confirmed it later.
 */
export async function drifted(scene: DriftScene): Promise<boolean> {
  story.chapter('Years go by');
  const receiver = await openAlertReceiver();
  try {
    return await watch(scene, receiver);
  } finally {
    await receiver.close();
  }
}

async function watch(scene: DriftScene, receiver: AlertReceiver): Promise<boolean> {
  const { registry, api, signal } = scene;
  story.say(
    `${version} learnt from the strikes of 1990–94. In dev it answers about those that came after, and is watched:`,
  );
  story.say(
    'its predictions are kept, one monitor compares them with the data that it learnt from, another with what was true,',
  );
  story.say('and whoever is to be told of alerts listens here.');
  const commit = await commitFiles(
    registry,
    'Watch bird-strike in dev',
    await manifests(registry, receiver.url),
  );
  await until(() => areReady(api, commit, watched), { patience: 60_000, what: 'dev is watched', signal });

  const data = join(registry, 'data', 'bird-strikes.csv');
  const usual = await heldOutStrikes(data, 1990, 1994);
  const rows: string[][] = [];
  const asked = await ask(scene, usual);
  await tell(scene, asked);
  const calm = [await check(scene, drift), await check(scene, performance)];
  rows.push(rowOf('1990–94', usual, calm));
  const isCalm = calm.every(({ isBreached }) => !isBreached) && receiver.heard.length === 0;

  let early: HeardAlert | undefined;
  const later: Asked[] = [];
  for (let year = 1995; year <= 2002; year++) {
    const strikes = await allStrikes(data, year);
    const now = await ask(scene, strikes);
    if (year >= 1999) later.push(...now);
    const found = await check(scene, drift);
    if (year === 1995 && found.isBreached) early = await heard(receiver, drift, signal);
    rows.push(rowOf(String(year), strikes, [found]));
  }
  story.say('');
  story.printed(table(['', 'strikes', 'drifted', 'drift', 'AUC'], rows, { width: 110 }));
  story.say('');
  story.check(isCalm, 'nothing was raised for strikes of 1990–94 that it was not trained on');
  story.check(early !== undefined, 'drift was told of in 1995, before anybody knew what was true:');
  if (early !== undefined) told(early);

  story.say('Years later it is known which strikes of 1999–2002 did damage, and told:');
  await tell(scene, later);
  const found = await check(scene, performance);
  const late = found.isBreached ? await heard(receiver, performance, signal) : undefined;
  story.printed(await runSwitchyard(['monitor', 'show', performance, '--api', api.url]));
  story.check(late !== undefined, 'the truth confirms it, and that is told, too:');
  if (late !== undefined) told(late);
  return isCalm && early !== undefined && late !== undefined;
}

/** The deployment with the version and a log, what watches it, and whom to tell. By path. */
async function manifests(registry: string, url: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(registry, deployment), 'utf8');
  const served = text.replace(/^ {2}version: .*$/m, `  version: ${version}`);
  const monitor = (name: string, spec: string): string => `apiVersion: switchyard/v1
kind: Monitor
metadata: { name: ${name} }
spec:
  target: { deployment: bird-strike, environment: dev }
${spec}`;
  return {
    [deployment]: `${served.trimEnd()}\n  logging: { sample: 1.0, retain: 30d }\n`,
    [`monitors/${drift}.yaml`]: monitor(
      drift,
      `  window: { rows: 600 } # a year of strikes is a few hundred
  schedule: { every: 1h }
  reference: { dataset: { name: bird-strike, version: "1" } } # the profile of the rows that versions are trained on
  drift: { share: 50 }
`,
    ),
    [`monitors/${performance}.yaml`]: monitor(
      performance,
      `  window: { rows: 3700 } # the newest of which it is known what was true: four years
  schedule: { every: 1h }
  reference: { dataset: { name: bird-strike, version: "1" } }
  performance:
    metrics: [{ name: auc, min: 0.8 }] # what it had when it was registered
`,
    ),
    'alerts/demo.yaml': `apiVersion: switchyard/v1
kind: AlertRoute
metadata: { name: demo }
spec:
  matchers: ['alertname="monitor-breached"']
  receiver: listener
  groupBy: [alertname, name]
  groupWait: 0s
  receivers:
    - name: listener
      webhook: { url: "${url}" }
`,
  };
}

const rowsOfARequest = 50;

/** Asks about strikes, and waits until the log has the predictions. */
async function ask(
  { api, server, signal }: DriftScene,
  strikes: readonly Strike[],
): Promise<readonly Asked[]> {
  const target: InferenceTarget = { server, deployment: 'bird-strike', environment: 'dev' };
  const before = await api.get<SinkStatus>('/plugins/prediction-log/status');
  const asked: Asked[] = [];
  for (let at = 0; at < strikes.length; at += rowsOfARequest) {
    const some = strikes.slice(at, at + rowsOfARequest);
    const { predictionId = '' } = await predict(target, { inputs: tensorsOf(some) }, signal);
    asked.push({ id: predictionId, strikes: some });
  }
  const kept = async (): Promise<boolean> => {
    const { predictions, waiting } = await api.get<SinkStatus>('/plugins/prediction-log/status');
    return waiting === 0 && predictions >= before.predictions + strikes.length;
  };
  await until(kept, { patience: 30_000, what: 'the log has the predictions', signal });
  return asked;
}

/** Says of predictions what was true: `switchyard feedback --file`. */
async function tell({ registry, api }: DriftScene, asked: readonly Asked[]): Promise<void> {
  const file = join(registry, '..', 'labels.csv');
  const lines = asked.flatMap(({ id, strikes }) =>
    strikes.map(({ damaged }, row) => csvLine([id, row, damaged ? 1 : 0])),
  );
  await writeFile(file, csvHeader(['id', 'row', 'label']) + lines.join(''));
  story.printed(await runSwitchyard(['feedback', '--file', file, '--api', api.url]));
}

/** `switchyard monitor run`. */
async function check({ api }: DriftScene, monitor: string): Promise<MonitorView> {
  const words = ['monitor', 'run', monitor, '--output', 'json', '--api', api.url];
  return JSON.parse(await runSwitchyard(words)) as MonitorView;
}

function rowOf(year: string, strikes: readonly Strike[], [first, second]: readonly MonitorView[]): string[] {
  const { drifted, compared } = (first?.verdict?.parts.drift?.facts ?? {}) as {
    drifted?: number;
    compared?: number;
  };
  const { figures } = (second?.verdict?.parts.performance?.facts ?? {}) as {
    figures?: Record<string, unknown>;
  };
  const auc = figures?.auc;
  return [
    year,
    String(strikes.length),
    `${drifted ?? '?'} of ${compared ?? '?'}`,
    first?.status ?? '?',
    auc === undefined ? 'not known yet' : shownFigure(auc),
  ];
}

function shownFigure(figure: unknown): string {
  return typeof figure === 'number' ? figure.toFixed(3) : JSON.stringify(figure);
}

/** The alert about that monitor, once it has arrived. */
function heard({ heard: all }: AlertReceiver, monitor: string, signal: AbortSignal): Promise<HeardAlert> {
  const find = async () => all.find(({ ref, status }) => ref === `Monitor/${monitor}` && status === 'firing');
  return until(find, { patience: 60_000, what: `the alert about ${monitor}`, signal });
}

function told({ name, severity, summary, description, evidence, help }: HeardAlert): void {
  const lines = [
    `${severity}: ${summary}`,
    ...(description === undefined ? [] : [description]),
    ...evidence.map((one) => `${one.name}: ${one.value}`),
    ...help.flatMap(({ command }) => command ?? []),
  ];
  story.printed(`${name}\n${lines.map((line) => `  ${line}\n`).join('')}`);
  story.say('');
}
