/** From what condemns a version to the last request that it answered, on a whole platform under load. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeRegistry } from '../cli/init/make-registry.ts';
import { heldOutStrikes, tensorsOf } from '../demo/strikes.ts';
import { Load, Platform } from './rollout-platform.ts';

export interface Rollbacks {
  /** Milliseconds of each, in order of time: until the last answer of the candidate. */
  readonly byHand: readonly number[];
  /** Milliseconds until whoever said `abort` was told that it is so. */
  readonly told: readonly number[];
  /** The same, from the measurement that fails. */
  readonly byMeasurement: readonly number[];
  readonly requests: number;
  /** Answers other than 200, and connections that broke. */
  readonly failed: number;
}

const connections = 32;
const deployment = 'staging/bird-strike';
/** So long nothing of the candidate must come before a rollback counts as over. */
const quietMs = 500;

/** So many rollouts of half of the traffic that are aborted by hand, and then so many that an analysis ends. */
export async function measureRollbacks(
  cycles: { readonly byHand: number; readonly byMeasurement: number },
  progress: (text: string) => void,
): Promise<Rollbacks> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-bench-'));
  const registry = join(folder, 'registry');
  const judge = await Judge.listen();
  await makeRegistry(registry, 'bench');
  await commit(registry, 'platform.yaml', (text) =>
    text.replace(/^( +)- name: rollout\n/m, '$&$1- name: metrics-web\n'),
  );
  await commit(registry, 'analyses/judged.yaml', () => templateAsking(judge.origin));
  await writeFile(
    join(folder, 'switchyard.config.yaml'),
    `plugins: { metrics-web: { origins: { '${judge.origin}': {} } } }\n`,
  );
  const platform = await Platform.start(registry, join(folder, 'data'), folder);
  const path = `/environments/${deployment.replace('/', '/v2/models/')}/infer`;
  const load = new Load(`${platform.run.inference}${path}`);
  const facts = () => platform.facts(deployment);
  const byHand: number[] = [];
  const told: number[] = [];
  const byMeasurement: number[] = [];

  /** Waits until the candidate answers, condemns it, and gives how long it went on answering. */
  const rollBack = async (condemn: () => Promise<number>): Promise<number> => {
    await platform.until(async () => (await facts()).rollout?.step === 2);
    const seen = load.lastCandidate;
    while (load.lastCandidate === seen) await wait(5);
    const condemned = await condemn();
    while (performance.now() - Math.max(load.lastCandidate, condemned) < quietMs) await wait(20);
    await platform.until(async () => (await facts()).aborted !== undefined);
    return Math.max(0, load.lastCandidate - condemned);
  };
  const byAbort = async (): Promise<number> => {
    const said = performance.now();
    await platform.say(deployment, 'abort');
    told.push(performance.now() - said);
    return said;
  };

  try {
    const [strike] = await heldOutStrikes(join(registry, 'data', 'bird-strikes.csv'), 1995, 1996);
    await platform.until(async () => (await facts()).serving?.[0]?.version === '1.0.0');
    await walk(registry, '{ pause: {} }');
    load.start(JSON.stringify({ inputs: tensorsOf(strike === undefined ? [] : [strike]) }), connections);
    while (byHand.length < cycles.byHand) {
      if (byHand.length > 0) await platform.say(deployment, 'retry');
      byHand.push(await rollBack(byAbort));
      if (byHand.length % 10 === 0) progress(`${byHand.length} of ${cycles.byHand} aborted by hand`);
    }
    await walk(registry, '{ analysis: { templates: [{ templateName: judged }] } }');
    // What was given up stays so with other steps; they must be known before it is tried again.
    await wait(3_000);
    while (byMeasurement.length < cycles.byMeasurement) {
      judge.isContent = true;
      await platform.say(deployment, 'retry');
      byMeasurement.push(await rollBack(() => judge.condemn()));
      if (byMeasurement.length % 10 === 0) {
        progress(`${byMeasurement.length} of ${cycles.byMeasurement} ended by a measurement`);
      }
    }
    await load.stop();
    return { byHand, told, byMeasurement, requests: load.requests, failed: load.failed };
  } finally {
    await load.stop();
    await platform.stop();
    judge.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A server of quality that somebody else runs: what it says decides. */
class Judge {
  readonly origin: string;
  isContent = true;
  readonly #server: ReturnType<typeof createServer>;
  #onCondemned: ((at: number) => void) | undefined;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ isBad: !this.isContent }));
      if (!this.isContent) this.#onCondemned?.(performance.now());
    });
  }

  static async listen(): Promise<Judge> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Judge(server);
  }

  /** Finds the candidate bad from now on; resolves with the moment at which the platform was told so. */
  condemn(): Promise<number> {
    return new Promise((resolve) => {
      this.#onCondemned = (at) => {
        this.#onCondemned = undefined;
        resolve(at);
      };
      this.isContent = false;
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function templateAsking(origin: string): string {
  return `apiVersion: switchyard/v1
kind: AnalysisTemplate
metadata: { name: judged }
spec:
  metrics:
    - name: quality
      interval: 1s
      count: 1000
      successCondition: result == false
      provider: { web: { url: '${origin}/quality', value: body.isBad } }
`;
}

/** Promotes to 1.1.0 by a canary that stops at half of the traffic. */
function walk(registry: string, step: string): Promise<void> {
  return commit(registry, 'environments/staging/bird-strike.yaml', (text) =>
    text
      .replace(/^( {2}version: )\S+/m, '$11.1.0')
      .replace(/^ {4}(?:direct|canary): .*\n/m, `    canary: { steps: [{ setWeight: 50 }, ${step}] }\n`),
  );
}

async function commit(registry: string, path: string, change: (text: string) => string): Promise<void> {
  const file = join(registry, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, change(await readFile(file, 'utf8').catch(() => '')));
  const who = ['-c', 'user.name=Bench', '-c', 'user.email=bench@localhost', '-c', 'commit.gpgsign=false'];
  const git = (...words: string[]) => promisify(execFile)('git', ['-C', registry, ...who, ...words]);
  await git('add', path);
  await git('commit', '-q', '-m', `Change ${path}`);
}
