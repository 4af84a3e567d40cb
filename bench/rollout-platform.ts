/** A whole platform, and those who ask it without a pause. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { packageFile } from '../libraries/package-files/index.ts';
import { type RunFile, readRunFile } from '../server/run-file.ts';

/** Connections that each ask again as soon as they have their answer. */
export class Load {
  requests = 0;
  failed = 0;
  /** When the candidate answered last, by this process's clock. */
  lastCandidate = 0;
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  #isStopping = false;
  #lines: readonly Promise<void>[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  start(body: string, connections: number): void {
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

export interface Facts {
  readonly serving?: readonly { readonly version: string }[];
  readonly rollout?: { readonly step: number };
  readonly aborted?: { readonly version: string };
}

export class Platform {
  readonly run: RunFile;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, run: RunFile) {
    this.#child = child;
    this.run = run;
  }

  static async start(registry: string, data: string, folder: string): Promise<Platform> {
    const words = ['up', registry, '--port', '0', '--api-port', '0', '--data', data, '--log-format', 'json'];
    const { SWITCHYARD_API_TOKEN: _, ...environment } = process.env;
    const child = spawn(process.execPath, [packageFile('dist/cli/main.js'), ...words], {
      stdio: 'ignore',
      cwd: folder,
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

  async facts(name: string): Promise<Facts> {
    const response = await fetch(`${this.run.api}/api/v1/resources/Deployment/${name}`);
    if (!response.ok) return {};
    return ((await response.json()) as { status: { facts?: Facts } | null }).status?.facts ?? {};
  }

  async say(name: string, verb: string): Promise<void> {
    const response = await fetch(`${this.run.api}/plugins/rollout/deployments/${name}/${verb}`, {
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
