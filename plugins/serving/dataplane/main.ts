/**
 * The program of an inference process. The supervisor forks it: it says `prepared` over IPC once it can answer, and
 * gets `{type: 'listen'}` with the shared listening handle back. With `--port` it listens by itself. It leaves on SIGTERM
 * and when the supervisor is gone: what is under way is answered first. A second SIGTERM ends it at once, where no
 * supervisor does.
 */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { codeOf, messageOf } from '../../../core/plugin.ts';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { InferenceProcess } from './inference-process.ts';
import type { Leaving } from './interface/messages.ts';
import { openLoadMarks } from './load/load-marks.ts';
import { openTriedNotes } from './load/tried-notes.ts';
import type { Log } from './log.ts';
import { watchMemory } from './memory-watch.ts';
import { parseOptions } from './options.ts';
import { watchForHangs } from './run/hang-watch.ts';
import { startWorker } from './run/start-worker.ts';
import { canBeIdle } from './run/thread-priority.ts';
import type { Tracing } from './tracing/tracing.ts';

/** What the process tells its supervisor over IPC. */
export type ToSupervisor =
  | { readonly type: 'prepared' }
  | { readonly type: 'listening'; readonly port: number; readonly grpcPort?: number | undefined }
  /** It has more memory than it may have, and would be replaced. */
  | { readonly type: 'outgrown' };

/**
 * What the supervisor tells the process. `listen` and `listen-grpc`: with `openListeningHandle`'s handle beside the
 * message. `giveWay`: it has outgrown its memory, and is replaced now.
 */
export interface FromSupervisor {
  readonly type: 'listen' | 'listen-grpc' | 'giveWay';
}

/** The exit status by which the supervisor is asked for another process at once. */
const restartStatus = 75;

const log = pino(
  { base: { program: 'inference', pid: process.pid } },
  pino.destination({ dest: 2, sync: true }),
);

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  const isSupervised = process.connected;
  let isLeaving = false;
  const { tablePath, hangAfterMs } = options;
  const say = (message: string, facts: object, level: 'debug' | 'info' | 'warn' = 'info') =>
    log[level]({ id: options.id, ...facts }, message);
  const inference = new InferenceProcess({
    ...options,
    ...(await tracingOf(options.id, version, say)),
    // What is known of versions that hang, or take the process with them, is kept beside the table that names them.
    ...(tablePath === undefined
      ? {}
      : {
          hangWatch: watchForHangs({
            path: join(dirname(tablePath), `hung-${options.id}.json`),
            processName: options.id,
            hangAfterMs,
          }),
          loadMarks: openLoadMarks(join(dirname(tablePath), `loading-${options.id}.json`)),
          triedNotes: openTriedNotes(join(dirname(tablePath), `tried-${options.id}.json`), version),
        }),
    onStuck: () => {
      log.error({ id: options.id, code: 'RunStuck' }, 'a run does not end, and its thread cannot be ended');
      // Whoever started it starts another, with all processors for itself.
      if (process.connected && !isLeaving) leave('a run does not end', 'stuck');
    },
    serverVersion: version,
    startWorker: (data) => startWorker({ ...data, priority: options.workerPriority }),
    log: say,
  });

  if (options.workerPriority === 'idle' && !canBeIdle())
    say(
      'worker threads cannot be ranked idle here, and get a low priority',
      { needs: 'Linux, chrt' },
      'warn',
    );

  const leave = (cause: string, why: Leaving = 'asked'): void => {
    if (isLeaving) {
      // Where all of a group is stopped, the system says so and the supervisor, who kills when it has waited for long enough.
      if (isSupervised) return;
      log.warn({ id: options.id, cause }, 'ended before everything was answered');
      endAtOnce();
    }
    isLeaving = true;
    log.info({ id: options.id, cause }, 'draining');
    void inference.stop(why).then((isClean) => {
      if (isClean) process.exit(why === 'memory' ? restartStatus : 0);
      log.warn({ id: options.id }, 'draining took too long, or a thread works on');
      endAtOnce();
    });
  };
  process.on('SIGTERM', () => leave('SIGTERM'));
  process.on('SIGINT', () => leave('SIGINT'));
  if (process.connected) process.on('disconnect', () => leave('the supervisor is gone'));

  await inference.prepare();
  if (options.memoryLimit !== undefined) {
    const limit = watchMemory({
      limit: options.memoryLimit,
      onExceeded(bytes, limit) {
        const facts = { id: options.id, code: 'MemoryLimitExceeded', bytes, limit };
        log.error(facts, 'the process has grown beyond its memory limit');
        // Without a supervisor nobody would take its place.
        if (!process.connected) return;
        announce({ type: 'outgrown' });
      },
    });
    inference.boundedBy(limit);
  }
  if (options.port !== undefined) {
    const { port, grpcPort: wanted, host } = options;
    const grpcPort = wanted === undefined ? undefined : await inference.listenGrpc({ port: wanted, host });
    announce({ type: 'listening', port: await inference.listen({ port, host }), grpcPort });
    return;
  }
  let grpc: Promise<unknown> = Promise.resolve();
  process.on('message', (message: FromSupervisor, handle: Server | undefined) => {
    if (message.type === 'giveWay' && !isLeaving) leave('it has grown beyond its memory limit', 'memory');
    if (handle === undefined) return;
    if (message.type === 'listen-grpc') grpc = inference.listenGrpc({ handle });
    if (message.type !== 'listen') return;
    // Whoever hears that it is up may ask in both ways.
    void grpc
      .then(() => inference.listen({ handle }))
      .then((port) => announce({ type: 'listening', port }), fail);
  });
  announce({ type: 'prepared' });
}

/** Loaded where it is asked for alone. */
async function tracingOf(id: string, version: string, say: Log): Promise<{ readonly tracing?: Tracing }> {
  if (!Object.keys(process.env).some((name) => name.startsWith('OTEL_'))) return {};
  const { openTracing } = await import('./tracing/tracing.ts');
  try {
    const tracing = openTracing({ environment: process.env, id, version, log: say });
    return tracing === undefined ? {} : { tracing };
  } catch (error) {
    say('no traces are sent', { error: messageOf(error) }, 'warn');
    return {};
  }
}

/** To the supervisor, or as a line on standard output where there is none. */
function announce(message: ToSupervisor): void {
  if (process.send !== undefined) process.send(message);
  else process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** `process.exit` ends worker threads, and one that is in the middle of a run would take the process down with a crash. */
function endAtOnce(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('the process was killed');
}

function fail(error: unknown): void {
  log.fatal({ code: codeOf(error), error: messageOf(error) }, 'the inference process cannot go on');
  process.exitCode = 1;
  process.exit();
}

main().catch(fail);
