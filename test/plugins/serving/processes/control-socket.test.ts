import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ControlLink } from '../../../../plugins/serving/dataplane/control/control-link.ts';
import type { AskName } from '../../../../plugins/serving/dataplane/interface/asks.ts';
import { Claims } from '../../../../plugins/serving/dataplane/interface/claims.ts';
import { type Connection, openControlSocket } from '../../../../plugins/serving/processes/control-socket.ts';
import { type RecordingLog, recordingLog } from '../../../fixtures/recording-log.ts';
import { until } from '../../../fixtures/until.ts';
import { type Serving, startServing, temporaryFolder } from '../dataplane/fixtures/in-process.ts';

/** No ask of these tests waits so long for its answer. */
const patienceMs = 600_000;

let folder: ReturnType<typeof temporaryFolder>;
let serving: Serving;
let log: RecordingLog;
let socket: Awaited<ReturnType<typeof openControlSocket>>;
let link: ControlLink;
let gone: Connection[];

beforeEach(async () => {
  folder = temporaryFolder();
  serving = await startServing();
  log = recordingLog();
  gone = [];
  const path = join(folder.path, 'control.sock');
  const claims = new Claims();
  socket = await openControlSocket({
    path,
    log,
    onHello() {},
    onReport() {},
    onGone: (connection) => gone.push(connection),
    answerers: {
      statistics() {
        throw new Error('there are no counts');
      },
      claim: (asker, { key, fingerprint }) => claims.claim(key, fingerprint, asker),
      settle: (asker, { key, answer }) => claims.settle(key, asker, answer),
    },
  });
  link = new ControlLink({
    path,
    hello: { type: 'hello', id: '0', pid: 1, startedAt: new Date().toISOString() },
    report: () => serving.process.report(),
    onTable() {},
    log() {},
  });
  link.start();
  await until(() => link.isHeard);
});

afterEach(async () => {
  await link.close();
  await socket.close();
  await serving.stop();
  folder.remove();
});

it('answers what a process asks, with what was said before', async () => {
  const about = { key: 'k', fingerprint: 'f' };
  expect(await link.ask('claim', about, patienceMs)).toEqual({ state: 'yours' });
  const answer = { status: 200, headers: [], text: 'done' };
  link.tell('settle', { key: 'k', answer });
  expect(await link.ask('claim', about, patienceMs)).toEqual({ state: 'answered', answer });
});

it('knows nothing of what a process of another release asks, and goes on to hear it', async () => {
  expect(await link.ask('weather' as AskName, {}, patienceMs)).toBeUndefined();
  expect(await link.ask('toString' as AskName, {}, patienceMs)).toBeUndefined();
  expect(await link.ask('claim', { key: 'k', fingerprint: 'f' }, patienceMs)).toEqual({ state: 'yours' });
  expect(gone).toEqual([]);
});

it('says which ask could not be answered, and lets its process go on', async () => {
  expect(await link.ask('statistics', {}, patienceMs)).toBeUndefined();
  expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([
    {
      level: 'warn',
      facts: { what: 'statistics', error: 'there are no counts' },
      message: 'what an inference process asked could not be answered',
    },
  ]);
  expect(gone).toEqual([]);
});
