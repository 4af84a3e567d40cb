import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { InferenceTarget } from '../../cli/client/inference.ts';
import type { ShownResource } from '../../cli/client/resources.ts';
import type { Head } from '../../core/kernel-api.ts';
import type { JournalEntry } from '../../core/plugin.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { type RunFile, readRunFile } from '../../server/run-file.ts';

const run = promisify(execFile);

/** A registry in a temporary folder, and the platforms that a test starts from it. */
export class Yard {
  readonly folder: string;
  readonly registry: string;
  readonly data: string;
  readonly #children: ChildProcess[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.registry = join(folder, 'registry');
    this.data = join(folder, 'data');
  }

  /**
   * Makes the registry from the template, with the command that people use. Production takes versions at once: the
   * template's walk takes longer than a test may.
   */
  static async open(): Promise<Yard> {
    const yard = new Yard(await mkdtemp(join(tmpdir(), 'switchyard-journey-')));
    const made = await yard.switchyard(['init', yard.registry, '--name', 'yard']);
    if (made.status !== 0) throw new Error(made.err);
    await yard.strategy('production', 'direct: {}');
    return yard;
  }

  /** Ends what still runs and removes everything. */
  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        const stuck = setTimeout(() => child.kill('SIGTERM'), 10_000);
        await ended;
        clearTimeout(stuck);
      }
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Runs a verb of the compiled command line to its end. */
  async switchyard(
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; out: string; err: string }> {
    const child = this.#spawn(words, environment);
    let out = '';
    let err = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    const [status] = (await once(child, 'close')) as [number];
    return { status, out, err };
  }

  /** Starts `switchyard up` on free ports, and waits until its API answers. */
  async up(
    repository = this.registry,
    more: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Platform> {
    const words = [
      'up',
      repository,
      ...['--port', '0', '--api-port', '0', '--data', this.data, '--log-format', 'json'],
      ...more,
    ];
    const child = this.#spawn(words, environment);
    this.#children.push(child);
    const platform = new Platform(child, this.data, environment.SWITCHYARD_API_TOKEN);
    await platform.start();
    return platform;
  }

  git(...words: string[]): Promise<string> {
    return this.gitIn(this.registry, ...words);
  }

  async gitIn(folder: string, ...words: string[]): Promise<string> {
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@localhost', '-c', 'commit.gpgsign=false'];
    const { stdout } = await run('git', ['-C', folder, ...identity, ...words]);
    return stdout.trim();
  }

  /** Changes one file and commits it. Answers the commit. */
  async commit(path: string, edit: (text: string) => string, folder = this.registry): Promise<string> {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, edit(await readFile(file, 'utf8').catch(() => '')));
    await this.gitIn(folder, 'add', path);
    await this.gitIn(folder, 'commit', '-q', '-m', `Change ${path}`);
    return this.gitIn(folder, 'rev-parse', 'HEAD');
  }

  /** The one line that a promotion changes. Answers the commit. */
  promote(environment: string, version: string, folder = this.registry): Promise<string> {
    return this.commit(
      `environments/${environment}/bird-strike.yaml`,
      (text) => text.replace(/^( {2}version: )\S+/m, `$1${version}`),
      folder,
    );
  }

  /** How versions walk into an environment from now on, as YAML; and the version that is declared. Answers the commit. */
  strategy(environment: string, strategy: string, version?: string): Promise<string> {
    const lines = strategy.trim().replaceAll(/^(?=.)/gm, '    ');
    return this.commit(`environments/${environment}/bird-strike.yaml`, (text) => {
      const walked = text.replace(/^ {2}strategy:\n( {4}.*\n)+/m, `  strategy:\n${lines}\n`);
      return version === undefined ? walked : walked.replace(/^( {2}version: )\S+/m, `$1${version}`);
    });
  }

  #spawn(words: readonly string[], more: Readonly<Record<string, string>> = {}): ChildProcess {
    const { SWITCHYARD_API: _, SWITCHYARD_API_TOKEN: __, ...environment } = process.env;
    return spawn(process.execPath, [packageFile('dist/cli/main.js'), ...words], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...environment,
        HOME: this.folder,
        XDG_DATA_HOME: '',
        XDG_STATE_HOME: '',
        NO_COLOR: '1',
        ...more,
      },
    });
  }
}

/** One `switchyard up`. */
export class Platform {
  readonly #child: ChildProcess;
  readonly #data: string;
  readonly #token: string | undefined;
  readonly ended: Promise<number | NodeJS.Signals>;
  log = '';
  #run: RunFile | undefined;

  constructor(child: ChildProcess, data: string, token?: string) {
    this.#child = child;
    this.#data = data;
    this.#token = token;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.log += chunk.toString();
      });
    }
    this.ended = once(child, 'exit').then(
      ([status, signal]) => (status ?? signal) as number | NodeJS.Signals,
    );
  }

  async start(): Promise<void> {
    await this.until('the API answers', async () => {
      if (this.#child.exitCode !== null) throw new Error(`it ended with ${this.#child.exitCode}`);
      // A file that an earlier platform left names another process.
      const found = await readRunFile(this.#data);
      if (found?.pid !== this.#child.pid) return false;
      this.#run = found;
      return true;
    });
  }

  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  get run(): RunFile {
    if (this.#run === undefined) throw new Error('the platform is not up');
    return this.#run;
  }

  target(environment: string): InferenceTarget {
    return { server: this.run.inference, deployment: 'bird-strike', environment };
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.run.api}${path}`, {
      signal: AbortSignal.timeout(10_000),
      headers: this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  head(): Promise<Head> {
    return this.get('/api/v1/head');
  }

  async resources(): Promise<readonly ShownResource[]> {
    return (await this.get<{ items: readonly ShownResource[] }>('/api/v1/resources?limit=1000')).items;
  }

  resource(ref: string): Promise<ShownResource> {
    return this.get(`/api/v1/resources/${ref}`);
  }

  async journal(query = ''): Promise<readonly JournalEntry[]> {
    return (await this.get<{ items: readonly JournalEntry[] }>(`/api/v1/journal?limit=1000${query}`)).items;
  }

  /**
   * Waits until that commit (default: whatever is applied) is applied, every resource is ready, and every inference
   * process follows: one that has just been started answers by the last table until it has found control.
   */
  async converged(commit?: string): Promise<void> {
    await this.until(`${commit ?? 'the registry'} is applied and all is ready`, async () => {
      const head = await this.head();
      if (head.applied === null || (commit !== undefined && head.applied !== commit)) return false;
      const resources = await this.resources();
      return resources.length > 0 && resources.every(isReady) && (await this.allFollow());
    });
  }

  async allFollow(): Promise<boolean> {
    const { expected, revision, processes } = await this.get<{
      expected: number;
      revision: number;
      processes: readonly { state: string; ready?: boolean; revision?: number }[];
    }>('/plugins/serving/processes');
    const live = processes.filter(({ state }) => state === 'live');
    return live.length === expected && live.every((one) => one.ready === true && one.revision === revision);
  }

  /** Waits, without a guess at how long, for something that the API can tell; while it does not answer, asks again. */
  async until(what: string, look: () => Promise<boolean>, patience = 60_000): Promise<void> {
    const deadline = Date.now() + patience;
    let last: unknown;
    while (Date.now() < deadline) {
      try {
        if (await look()) return;
      } catch (error) {
        last = error;
        if (this.#child.exitCode !== null) break;
      }
      await wait(25);
    }
    throw new Error(`in vain: ${what}\n${String(last ?? '')}\n${this.log}`);
  }

  /** Processes that it started, by what they run; that of jobs is one of control. */
  async children(program: 'control' | 'inference' | 'jobs'): Promise<readonly number[]> {
    const parents = program === 'jobs' ? await this.children('control') : [this.pid];
    const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,args=']);
    return stdout
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(
        ([, parent, ...rest]) =>
          parents.includes(Number(parent)) && rest.join(' ').includes(programs[program]),
      )
      .map(([pid]) => Number(pid));
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Asks it to end and answers its status. */
  stop(): Promise<number | NodeJS.Signals> {
    this.signal('SIGTERM');
    return this.ended;
  }
}

const programs = {
  control: 'server/control.js',
  inference: 'dataplane/main.js',
  jobs: 'jobs/worker/main.js',
} as const;

/** Whether what is declared now is what is so, and nothing is under way. */
export function isReady({ digest, status }: ShownResource): boolean {
  const has = (wanted: string) =>
    status?.conditions.some(({ type, status: is }) => type === wanted && is === 'True') === true;
  return status?.observedDigest === digest && has('Ready') && !has('Progressing');
}
