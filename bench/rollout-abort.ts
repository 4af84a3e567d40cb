/** From a person's `abort` to the last request that the candidate answered, on a whole platform under load. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeRegistry } from '../cli/init/make-registry.ts';
import { heldOutStrikes, tensorsOf } from '../demo/strikes.ts';
import { packageFile } from '../libraries/package-files/index.ts';
import { type RunFile, readRunFile } from '../server/run-file.ts';

export interface Aborts {
  /** Milliseconds of each, ascending. */
  readonly took: readonly number[];
  readonly requests: number;
  /** Answers other than 200, and connections that broke. */
  readonly failed: number;
}

const connections = 32;
const deployment = 'staging/bird-strike';
/** So long nothing of the candidate must come before a rollback counts as over. */
const quietMs = 500;

/** So many rollouts of half of the traffic, each aborted by hand. */
export async function measureAborts(cycles: number, progress: (text: string) => void): Promise<Aborts> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-bench-'));
  const registry = join(folder, 'registry');
  await makeRegistry(registry, 'bench');
  const platform = await Platform.start(registry, join(folder, 'data'));
  const load = new Load(
    `${platform.run.inference}/environments/${deployment.replace('/', '/v2/models/')}/infer`,
  );
  try {
    const [strike] = await heldOutStrikes(join(registry, 'data', 'bird-strikes.csv'), 1995, 1996);
    await platform.until(async () => (await platform.facts()).serving?.[0]?.version === '1.0.0');
    await promote(registry);
    load.start(JSON.stringify({ inputs: tensorsOf(strike === undefined ? [] : [strike]) }));
    const took: number[] = [];
    for (let cycle = 0; cycle < cycles; cycle++) {
      await platform.until(async () => (await platform.facts()).rollout?.step === 2);
      const seen = load.lastCandidate;
      while (load.lastCandidate === seen) await wait(5);
      const said = performance.now();
      await platform.say('abort');
      while (performance.now() - Math.max(load.lastCandidate, said) < quietMs) await wait(20);
      took.push(Math.max(0, load.lastCandidate - said));
      if (cycle + 1 < cycles) await platform.say('retry');
      if (cycle % 10 === 9) progress(`${cycle + 1} of ${cycles} rollbacks`);
    }
    await load.stop();
    return { took: took.sort((a, b) => a - b), requests: load.requests, failed: load.failed };
  } finally {
    await load.stop();
    await platform.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function promote(registry: string): Promise<void> {
  const path = 'environments/staging/bird-strike.yaml';
  const file = join(registry, path);
  const strategy = '    canary: { steps: [{ setWeight: 50 }, { pause: {} }] }\n';
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text.replace(/^( {2}version: )\S+/m, '$11.1.0').replace(/^ {4}direct: .*\n/m, strategy),
  );
  const identity = [
    '-c',
    'user.name=Bench',
    '-c',
    'user.email=bench@localhost',
    '-c',
    'commit.gpgsign=false',
  ];
  const git = promisify(execFile);
  await git('git', ['-C', registry, ...identity, 'commit', '-q', '-m', 'Promote', path]);
}

/** Connections that each ask again as soon as they have their answer. */
class Load {
  requests = 0;
  failed = 0;
  /** When the candidate answered last, by this process's clock. */
  lastCandidate = 0;
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: connections });
  #isStopping = false;
  #lines: readonly Promise<void>[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  start(body: string): void {
    this.#lines = Array.from({ length: connections }, async () => {
      while (!this.#isStopping) await this.#ask(body);
    });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#lines);
    this.#agent.destroy();
  }

  #ask(body: string): Promise<void> {
    return new Promise((resolve) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const outgoing = request(this.#url, { method: 'POST', agent: this.#agent, headers }, (response) => {
        response.resume();
        response.on('end', () => {
          this.requests++;
          if (response.statusCode !== 200) this.failed++;
          if (response.headers['switchyard-variant'] === 'candidate') this.lastCandidate = performance.now();
          resolve();
        });
      });
      outgoing.on('error', () => {
        this.failed++;
        resolve();
      });
      outgoing.end(body);
    });
  }
}

interface Facts {
  readonly serving?: readonly { readonly version: string }[];
  readonly rollout?: { readonly step: number };
}

class Platform {
  readonly run: RunFile;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, run: RunFile) {
    this.#child = child;
    this.run = run;
  }

  static async start(registry: string, data: string): Promise<Platform> {
    const words = ['up', registry, '--port', '0', '--api-port', '0', '--data', data, '--log-format', 'json'];
    const { SWITCHYARD_API_TOKEN: _, ...environment } = process.env;
    const child = spawn(process.execPath, [packageFile('dist/cli/main.js'), ...words], {
      stdio: 'ignore',
      env: environment,
    });
    for (let turn = 0; turn < 600; turn++) {
      const run = await readRunFile(data);
      if (run?.pid === child.pid && run !== undefined) return new Platform(child, run);
      if (child.exitCode !== null) break;
      await wait(100);
    }
    child.kill('SIGTERM');
    throw new Error('the platform did not come up');
  }

  async facts(): Promise<Facts> {
    const response = await fetch(`${this.run.api}/api/v1/resources/Deployment/${deployment}`);
    if (!response.ok) return {};
    return ((await response.json()) as { status: { facts?: Facts } | null }).status?.facts ?? {};
  }

  async say(verb: string): Promise<void> {
    const response = await fetch(`${this.run.api}/plugins/rollout/deployments/${deployment}/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by: 'the benchmark' }),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  async until(isSo: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (!(await isSo().catch(() => false))) {
      if (performance.now() > deadline) throw new Error('the platform does not get on');
      await wait(20);
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}
