/** What an inference process is started with. */
import { parseArgs } from 'node:util';
import { messageOf } from '../../../core/plugin.ts';
import { type AccessRules, accessRules } from './access/access-rules.ts';
import { invalidOption } from './errors/process-errors.ts';
import type { WorkerPriority } from './run/thread-priority.ts';

export interface ProcessOptions {
  /** Names the process in its reports. */
  readonly id: string;
  /** The last table that control published, read once at the start. */
  readonly tablePath?: string;
  /** The control plane's Unix-domain socket or named pipe. */
  readonly controlPath?: string;
  /** A port of its own, for a process without a supervisor; 0 takes a free one. */
  readonly port?: number;
  /** The same for gRPC. Without it, or a handle, there is none. */
  readonly grpcPort?: number;
  readonly host: string;
  /** Milliseconds that draining may take. */
  readonly drainTimeoutMs: number;
  /** While draining, milliseconds that a silent connection may still send its next request. */
  readonly lingerMs: number;
  /** Bytes that a request's body may have. */
  readonly bodyLimit: number;
  /** Bytes of bodies that all requests may hold at one time. */
  readonly bodyBudget: number;
  /** Versions that may be loading at once. */
  readonly parallelLoads: number;
  /** Milliseconds that loading and trying a version may take. */
  readonly loadTimeoutMs: number;
  /** Milliseconds after which a run that blocks the event loop is taken to go on for ever. */
  readonly hangAfterMs: number;
  /** How worker threads are ranked beside event loops. */
  readonly workerPriority: WorkerPriority;
  /** Processors that worker threads leave free while versions on the event loop are asked. */
  readonly eventLoopProcessors: number;
  /** Bytes of resident memory beyond which it asks to be started anew; without it, it may have what there is. */
  readonly memoryLimit?: number;
  /** Whether versions are loaded as soon as they are declared and tried, or by their first request. */
  readonly loading: 'eager' | 'lazy';
  /** Whether requests wait, within their deadline, for a version that is being loaded on demand, or are refused. */
  readonly whileLoading: 'hold' | 'refuse';
  /** Bytes that loaded versions may take: beyond them the least recently used is unloaded. */
  readonly memoryBudget?: number;
  /** Which answers get a line of the log. */
  readonly logRequests: 'errors' | 'all' | 'none';
  /** Origins whose pages may ask; `*` for all. */
  readonly corsOrigins: readonly string[];
  /** Bytes from which on answers are compressed for those who take it. */
  readonly compressFrom?: number;
  /** Milliseconds beyond which an answer is slow, and gets one, too. */
  readonly slowMs?: number;
  /** Which requests get a line of the access log; none without it. */
  readonly accessRules?: AccessRules | 'none' | undefined;
  /** Where those lines go, instead of to standard output. */
  readonly accessFile?: string | undefined;
}

const loadings = ['eager', 'lazy'] as const;
const workerPriorities = ['low', 'idle'] as const;
const whilesLoading = ['hold', 'refuse'] as const;
const requestLogs = ['errors', 'all', 'none'] as const;

export const defaultOptions = {
  id: '0',
  host: '127.0.0.1',
  drainTimeoutMs: 30_000,
  lingerMs: 500,
  bodyLimit: 64 * 1024 * 1024,
  bodyBudget: 4 * 64 * 1024 * 1024,
  parallelLoads: 1,
  loadTimeoutMs: 300_000,
  hangAfterMs: 10_000,
  workerPriority: 'low',
  eventLoopProcessors: 1,
  loading: 'eager',
  whileLoading: 'hold',
  logRequests: 'errors',
  corsOrigins: [],
} satisfies ProcessOptions;

/** Reads the command line. Throws `InvalidOption`. */
export function parseOptions(args: readonly string[]): ProcessOptions {
  let values: Partial<Record<keyof typeof declared, string>>;
  try {
    values = parseArgs({ args: [...args], options: declared, strict: true }).values;
  } catch (error) {
    throw invalidOption('the command line', messageOf(error));
  }
  const whole = (name: keyof typeof declared, standard: number, smallest: number): number => {
    const text = values[name];
    if (text === undefined) return standard;
    if (!/^\d{1,15}$/.test(text) || Number(text) < smallest) {
      throw invalidOption(`--${name}`, `must be a whole number from ${smallest} on, is ${text}`);
    }
    return Number(text);
  };
  const logRequests = oneOf('log-requests', requestLogs, values['log-requests']);
  const loading = oneOf('loading', loadings, values.loading);
  const whileLoading = oneOf('while-loading', whilesLoading, values['while-loading']);
  const access = accessRules(values['log-access'] ?? 'none');
  if (access === undefined) {
    throw invalidOption('--log-access', 'must be none, errors, all, or a share of what goes well: 10%');
  }
  const bodyLimit = whole('body-limit', defaultOptions.bodyLimit, 1);
  return {
    id: values.id ?? defaultOptions.id,
    tablePath: values.table,
    controlPath: values.control,
    port: values.port === undefined ? undefined : whole('port', 0, 0),
    grpcPort: values['grpc-port'] === undefined ? undefined : whole('grpc-port', 0, 0),
    host: values.host ?? defaultOptions.host,
    drainTimeoutMs: whole('drain-timeout', defaultOptions.drainTimeoutMs, 0),
    lingerMs: whole('linger', defaultOptions.lingerMs, 0),
    bodyLimit,
    bodyBudget: whole('body-budget', 4 * bodyLimit, 2 * bodyLimit),
    parallelLoads: whole('parallel-loads', defaultOptions.parallelLoads, 1),
    loadTimeoutMs: whole('load-timeout', defaultOptions.loadTimeoutMs, 1),
    hangAfterMs: whole('hang-after', defaultOptions.hangAfterMs, 100),
    memoryLimit: values['memory-limit'] === undefined ? undefined : whole('memory-limit', 0, 1),
    workerPriority: oneOf('worker-priority', workerPriorities, values['worker-priority']),
    eventLoopProcessors: whole('event-loop-processors', defaultOptions.eventLoopProcessors, 0),
    loading,
    whileLoading,
    memoryBudget: values['memory-budget'] === undefined ? undefined : whole('memory-budget', 0, 1),
    logRequests,
    corsOrigins: values['cors-origins']?.split(',') ?? [],
    compressFrom: values['compress-from'] === undefined ? undefined : whole('compress-from', 0, 1),
    accessRules: access,
    accessFile: values['access-file'],
    slowMs: values['slow-after'] === undefined ? undefined : whole('slow-after', 0, 1),
  };
}

/** The first is meant where nothing is said. */
function oneOf<Word extends string>(option: string, words: readonly Word[], given: string | undefined): Word {
  const word = words.find((one) => one === (given ?? words[0]));
  if (word === undefined) throw invalidOption(`--${option}`, `must be one of ${words.join(', ')}`);
  return word;
}

const declared = {
  id: { type: 'string' },
  table: { type: 'string' },
  control: { type: 'string' },
  port: { type: 'string' },
  'grpc-port': { type: 'string' },
  host: { type: 'string' },
  'drain-timeout': { type: 'string' },
  linger: { type: 'string' },
  'body-limit': { type: 'string' },
  'body-budget': { type: 'string' },
  'parallel-loads': { type: 'string' },
  'load-timeout': { type: 'string' },
  'hang-after': { type: 'string' },
  'worker-priority': { type: 'string' },
  'event-loop-processors': { type: 'string' },
  'memory-limit': { type: 'string' },
  loading: { type: 'string' },
  'while-loading': { type: 'string' },
  'memory-budget': { type: 'string' },
  'log-requests': { type: 'string' },
  'log-access': { type: 'string' },
  'access-file': { type: 'string' },
  'slow-after': { type: 'string' },
  'cors-origins': { type: 'string' },
  'compress-from': { type: 'string' },
} as const;
