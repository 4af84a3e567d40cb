import { type ChildProcess, fork } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { parse } from 'node:path';
import type { Preview } from '../../../core/capabilities/model-preview.ts';
import { bareEnvironment, heapFlags } from '../dataplane/interface/process-memory.ts';
import type { RoutingTable } from '../dataplane/interface/routing-table.ts';
import { previewEnded } from '../errors.ts';
import { type MemoryWatch, watchMemory } from '../memory/memory-watch.ts';

export interface PreviewProcessOptions {
  /** The compiled program of an inference process. */
  readonly program: string;
  /** Where its table is written; the file goes with the process. */
  readonly tablePath: string;
  readonly table: RoutingTable;
  readonly maxBytes: number;
  /** Milliseconds that loading a version may take. */
  readonly loadTimeoutMs: number;
}

/** Headers that mean the same on both sides. */
const passedOn = ['content-type', 'accept', 'inference-header-content-length'];

/**
 * An inference process that knows one table and listens on a port of its own, for this machine alone. Like a trial it treats
 * memory as what serves does, is given no other environment, yields to what serves, is watched, and ends with the process that started it.
 */
export class PreviewProcess implements Preview {
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #memory: MemoryWatch;
  readonly #closing = new AbortController();
  #port: number | undefined;
  #reason: string | undefined;

  /** Resolves once every version of the table is ready or has failed. */
  static async start(options: PreviewProcessOptions, signal: AbortSignal): Promise<PreviewProcess> {
    await writeFile(options.tablePath, JSON.stringify(options.table), { mode: 0o600 });
    signal.throwIfAborted();
    const started = new PreviewProcess(options);
    const leave = () => void started.close();
    signal.addEventListener('abort', leave, { once: true });
    try {
      await started.#listening();
      return started;
    } catch (error) {
      await started.close();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  private constructor(options: PreviewProcessOptions) {
    const { program, tablePath, loadTimeoutMs, maxBytes } = options;
    const flags = { id: 'preview', table: tablePath, port: '0', host: '127.0.0.1', 'drain-timeout': '1000' };
    const words = Object.entries({ ...flags, 'load-timeout': String(loadTimeoutMs) });
    this.#child = fork(
      program,
      words.flatMap(([name, value]) => [`--${name}`, value]),
      {
        env: bareEnvironment(),
        cwd: parse(process.execPath).root,
        execArgv: [...heapFlags],
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      },
    );
    yieldToOthers(this.#child.pid);
    this.#memory = watchMemory(this.#child.pid ?? 0, maxBytes, (bytes) => {
      this.#end(`it took ${Math.round(bytes / 1024 ** 2)} MiB of memory`);
    });
    this.ended = new Promise((resolve) => {
      const gone = (reason: string): void => {
        this.#reason ??= reason;
        this.#memory.stop();
        this.#closing.abort();
        void rm(tablePath, { force: true }).finally(() => resolve(this.#reason ?? reason));
      };
      this.#child.once('error', (error) => gone(`its process did not start: ${error.message}`));
      this.#child.once('exit', (status, how) =>
        gone(`it ended its process with ${how ?? `status ${status}`}`),
      );
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async ask(path: string, request: globalThis.Request): Promise<Response> {
    if (this.#reason !== undefined) throw previewEnded(this.#reason);
    const headers = new Headers();
    for (const name of passedOn) {
      const value = request.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
    try {
      const answer = await fetch(`http://127.0.0.1:${this.#port}${path}`, {
        method: request.method,
        headers,
        ...(hasBody ? { body: await request.arrayBuffer() } : {}),
        signal: AbortSignal.any([this.#closing.signal, request.signal]),
        redirect: 'error',
      });
      return new Response(answer.body, { status: answer.status, headers: answerHeaders(answer) });
    } catch (error) {
      request.signal.throwIfAborted();
      throw previewEnded(this.#reason ?? 'it does not answer', error);
    }
  }

  memory(): Promise<number> {
    return this.#memory.current();
  }

  async close(): Promise<void> {
    this.#end('it was released');
    await this.ended;
  }

  #end(reason: string): void {
    this.#reason ??= reason;
    this.#child.kill('SIGKILL');
  }

  #listening(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.on('message', (message: { readonly type?: unknown; readonly port?: unknown }) => {
        if (message.type !== 'listening' || typeof message.port !== 'number') return;
        this.#port = message.port;
        resolve();
      });
      void this.ended.then((reason) => reject(previewEnded(reason)));
    });
  }
}

/** What belongs to the connection stays behind; the rest is the answer. */
function answerHeaders(answer: Response): Headers {
  const headers = new Headers(answer.headers);
  const id = headers.get('switchyard-prediction-id');
  if (id !== null) headers.set('switchyard-prediction-id', asPreviewId(id));
  for (const name of ['connection', 'keep-alive', 'transfer-encoding', 'date']) headers.delete(name);
  return headers;
}

/** A UUIDv8 with the time of its UUIDv7: whoever asks for it later is not shown what deployments answered at that moment. */
function asPreviewId(id: string): string {
  return `${id.slice(0, 14)}8${id.slice(15)}`;
}

function yieldToOthers(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It ended already, or the system does not allow it.
  }
}
