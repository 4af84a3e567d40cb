import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogProcess } from '../../../plugins/prediction-log/log-process.ts';
import { logPaths } from '../../../plugins/prediction-log/paths.ts';
import { defaultLogSettings } from '../../../plugins/prediction-log/settings.ts';
import { type RecordingLog, recordingLog } from '../../fixtures/recording-log.ts';
import { until } from '../../fixtures/until.ts';

const node = process.execPath;
let folder: string;
let log: RecordingLog;
let keeper: LogProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-log-process-'));
  log = recordingLog();
});

afterEach(async () => {
  process.execPath = node;
  await keeper.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A process that says it is ready, and then does this. */
function keeping(then: string): LogProcess {
  const program = join(folder, 'program.mjs');
  writeFileSync(program, `process.send({ type: 'ready' }, () => { ${then} });\n`);
  const settings = defaultLogSettings;
  return new LogProcess({
    ...{ program, folder, paths: logPaths(folder), settings, log, firstRestartMs: 1 },
    greeting: () => [],
  });
}

const untilClosed = "process.on('message', ({ type }) => { if (type === 'close') process.exit(0); });";
const pauses = () =>
  log.lines.flatMap(({ facts }) => ('restartInMs' in facts ? [facts.restartInMs as number] : []));

/** As where the system has no room for another process: nothing comes of it but an error. */
function withoutNode(): void {
  process.execPath = join(folder, 'no-such-program');
}

describe('the process of the prediction log', () => {
  it('is started anew where it could not be started', async () => {
    keeper = keeping(untilClosed);
    withoutNode();
    keeper.start();
    await until(() => pauses().length >= 2);
    process.execPath = node;
    await until(() => keeper.isReady);
    expect(keeper.pid).toBeDefined();
  });

  it('is closed where it could not be started, and nobody waits for its answer', async () => {
    keeper = keeping(untilClosed);
    withoutNode();
    const asked = keeper.call({ call: 'status', given: null });
    const outcome = expect(asked).rejects.toMatchObject({ code: 'LogUnavailable' });
    await keeper.close();
    await outcome;
  });

  it('is started anew later each time where it ends as soon as it is ready', async () => {
    keeper = keeping('process.exit(1)');
    keeper.start();
    await until(() => pauses().length >= 5);
    expect(pauses().slice(0, 5)).toEqual([1, 2, 4, 8, 16]);
  });
});
