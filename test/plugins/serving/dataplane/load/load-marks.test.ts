import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LoadMarks, openLoadMarks } from '../../../../../plugins/serving/dataplane/load/load-marks.ts';
import { VersionPool } from '../../../../../plugins/serving/dataplane/load/version-pool.ts';
import { startWorker } from '../../../../../plugins/serving/dataplane/run/start-worker.ts';
import { until } from '../../../../fixtures/until.ts';
import { temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'loading-0.json');
});
afterEach(() => folder.remove());

/** A process that ends by itself while it loads that version. */
function endsWhileLoading(key: string): void {
  openLoadMarks(path).begin(key);
}

it('counts the processes in a row that ended while they loaded a version', () => {
  expect(openLoadMarks(path).ended('a')).toBe(0);
  endsWhileLoading('a');
  endsWhileLoading('a');
  const third = openLoadMarks(path);
  expect([third.ended('a'), third.ended('b')]).toEqual([2, 0]);
});

it('counts neither loads that came to an end nor a process that was told to go', () => {
  const first = openLoadMarks(path);
  first.begin('a');
  first.finish('a');
  expect(openLoadMarks(path).ended('a')).toBe(0);
  endsWhileLoading('a');
  const leaving = openLoadMarks(path);
  leaving.begin('a');
  leaving.leave();
  leaving.begin('b');
  const next = openLoadMarks(path);
  expect([next.ended('a'), next.ended('b')]).toEqual([1, 0]);
});

it('forgets all of a version that was loaded after all', () => {
  endsWhileLoading('a');
  const second = openLoadMarks(path);
  second.begin('a');
  second.finish('a');
  expect(openLoadMarks(path).ended('a')).toBe(0);
});

it.each(['', '{', 'null', '{"loading":1,"ended":[]}', '{"loading":[7],"ended":{"a":"x"}}'])(
  'knows nothing from a file that holds %j',
  (text) => {
    writeFileSync(path, text);
    expect(openLoadMarks(path).ended('a')).toBe(0);
  },
);

it('costs no load where it cannot be written', () => {
  const marks = openLoadMarks(join(folder.path, 'no', 'such', 'folder.json'));
  marks.begin('a');
  marks.finish('a');
  expect(marks.ended('a')).toBe(0);
});

/** A pool of a process that comes after others. */
function poolWith(loadMarks: LoadMarks): VersionPool {
  return new VersionPool({
    startWorker,
    onChange: () => {},
    parallelLoads: 1,
    loadTimeoutMs: 60_000,
    firstRetryMs: 50,
    loadMarks,
  });
}

it('puts a version off that two processes in a row ended by, tries it again, and loads the others meanwhile', async () => {
  const bad = pin(folder.path, '2.0.0', linearModel(3, 0));
  const good = pin(folder.path, '1.0.0', linearModel(2, 0));
  const first = poolWith(openLoadMarks(path));
  const key = first.acquire(bad).key;
  await first.idle();
  endsWhileLoading(key);
  endsWhileLoading(key);
  const pool = poolWith(openLoadMarks(path));
  const [held, other] = [pool.acquire(bad), pool.acquire(good)];
  await held.settled();
  expect(held.status).toMatchObject({ state: 'failed', reason: 'LoadEndedProcess' });
  // Somebody else who wants it does not hurry it.
  expect(pool.acquire(bad).status.state).toBe('failed');
  await other.settled();
  expect(other.status.state).toBe('ready');
  await until(() => held.status.state === 'ready');
  expect(existsSync(path)).toBe(false);
  for (const one of [held, held, other]) pool.release(one);
  await pool.idle();
});
