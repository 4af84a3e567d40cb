/**
 * The process of the prediction log: it alone loads DuckDB and touches the files of the log. It ends with the control process;
 * what was handed in and is in no file yet waits in the inbox for the next one.
 */
import { isCodedError, messageOf } from '../../../core/plugin.ts';
import { lockOrWait } from '../../../libraries/socket-lock/index.ts';
import type { CarriedError, FromLog, LogCall, LogStart, ToLog } from './messages.ts';
import { PredictionStore } from './prediction-store.ts';

/** How long another process of this log may take to end. */
const patienceMs = 30_000;
const lookEveryMs = 250;
const tidyEveryMs = 15_000;
const keepEveryMs = 1_000;

async function main(): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  // Whoever stops the platform stops the control process, and that stops this one.
  process.on('SIGINT', () => {});
  const start = JSON.parse(process.env.PREDICTION_LOG ?? '') as LogStart;
  // Two of them would take the same predictions in twice.
  if (!(await lockOrWait(start.socket, patienceMs)))
    throw new Error('another process keeps this log, and does not end');
  const { paths, settings } = start;
  const store = await PredictionStore.open({
    paths,
    settings,
    now: Date.now,
    log: (level, message, facts) => {
      send({ type: 'log', level, message, facts });
      endWhereBroken(String(facts.reason));
    },
  });
  let isBusy = false;
  let trouble = '{}';
  const look = setInterval(() => {
    const now = JSON.stringify(store.trouble);
    if (now !== trouble) send({ type: 'trouble', trouble: store.trouble });
    trouble = now;
    if (isBusy) return;
    isBusy = true;
    void store.tick().finally(() => {
      isBusy = false;
    });
  }, lookEveryMs);
  const tidy = setInterval(() => void store.tidy(), tidyEveryMs);
  let isKeeping = false;
  const keep = setInterval(() => {
    if (isKeeping) return;
    isKeeping = true;
    void store.keepInBucket().finally(() => {
      isKeeping = false;
    });
  }, keepEveryMs);
  const calls = new Map<number, AbortController>();
  process.on('message', (message: ToLog) => {
    if (message.type === 'declare') store.declare(message.rules);
    else if (message.type === 'credentials') store.setCredentials(message.credentials);
    else if (message.type === 'ended') void store.ended(message.process).catch(() => {});
    else if (message.type === 'abandon') calls.get(message.id)?.abort();
    else if (message.type === 'call') {
      const abandoned = new AbortController();
      calls.set(message.id, abandoned);
      void answer(store, message, abandoned.signal).finally(() => calls.delete(message.id));
    } else if (message.type === 'close') {
      clearInterval(look);
      clearInterval(tidy);
      clearInterval(keep);
      void store.close().then(() => process.exit(0));
    }
  });
  send({ type: 'ready' });
  void store.tidy();
}

async function answer(
  store: PredictionStore,
  { id, ...call }: LogCall & { readonly id: number },
  signal: AbortSignal,
): Promise<void> {
  try {
    send({ type: 'answer', id, value: (await answerTo(store, call, signal)) ?? null });
  } catch (error) {
    send({ type: 'failed', id, error: carried(error) });
    endWhereBroken(messageOf(error));
  }
}

function answerTo(store: PredictionStore, { call, given }: LogCall, signal: AbortSignal): Promise<unknown> {
  switch (call) {
    case 'query':
      return store.query(given, signal);
    case 'find':
      return store.find(given);
    case 'label':
      return store.label(given);
    case 'measureLabels':
      return store.measureLabels(given, signal);
    case 'profile':
      return store.profile(given, signal);
    case 'erase':
      return store.erase(given);
    case 'status':
      return store.status();
    case 'flush':
      return store.flush();
  }
}

function carried(error: unknown): CarriedError {
  if (!isCodedError(error)) return { message: messageOf(error) };
  const { code, message, where, hint, status } = error;
  return { code, message, where, hint, status };
}

/** After an error of its own, DuckDB answers nothing any more: another process can. */
function endWhereBroken(reason: string): void {
  if (/database has been invalidated/i.test(reason)) setImmediate(() => process.exit(1));
}

function send(message: FromLog): void {
  if (process.connected) process.send?.(message);
}

main().catch((error: unknown) => {
  send({
    type: 'log',
    level: 'warn',
    message: 'the prediction log cannot begin',
    facts: { reason: messageOf(error) },
  });
  process.exitCode = 1;
  process.disconnect?.();
});
