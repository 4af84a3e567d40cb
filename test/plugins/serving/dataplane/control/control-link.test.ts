import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ControlLink } from '../../../../../plugins/serving/dataplane/control/control-link.ts';
import { until } from '../../../../fixtures/until.ts';
import { ControlEnd } from '../fixtures/control-end.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';

let folder: ReturnType<typeof temporaryFolder>;
let serving: Serving;
let link: ControlLink;
let age: number;
let lines: string[];
let path: string;

beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder.path, 'control.sock');
  serving = await startServing();
  age = 0;
  lines = [];
  link = new ControlLink({
    path,
    hello: { type: 'hello', id: '0', pid: 1, startedAt: new Date().toISOString() },
    report: () => serving.process.report(),
    onTable: () => {},
    log: (message, _facts, level = 'info') => lines.push(`${level} ${message}`),
    firstRetryMs: 10,
    ageMs: () => age,
  });
});

afterEach(async () => {
  await link.close();
  await serving.stop();
  folder.remove();
});

it('a young process alarms nobody because control is not there yet', async () => {
  link.start();
  await until(() => lines.length > 2);
  expect(new Set(lines)).toEqual(new Set(['debug control cannot be reached']));
  const end = await ControlEnd.listen(path);
  await until(() => end.hellos.length === 1);
  await end.close();
  expect(lines.filter((line) => !line.startsWith('debug'))).toEqual([]);
});

it('an older one warns once, and says when it is over', async () => {
  age = 5_000;
  link.start();
  await until(() => lines.length > 0);
  const end = await ControlEnd.listen(path);
  await until(() => end.hellos.length === 1);
  await end.close();
  expect(lines).toEqual(['warn control cannot be reached', 'info control reached again']);
});

it('finds control within about half a second, however long it was away', async () => {
  link.start();
  await until(() => lines.length > 8);
  const end = await ControlEnd.listen(path);
  const since = performance.now();
  await until(() => end.hellos.length === 1);
  expect(performance.now() - since).toBeLessThan(1_500);
  await end.close();
});

it('alarms nobody that control has gone first where all of a platform ends', async () => {
  age = 5_000;
  const end = await ControlEnd.listen(path);
  link.start();
  await until(() => end.hellos.length === 1);
  link.leave();
  await end.close();
  await until(() => lines.length > 1);
  expect(new Set(lines)).toEqual(new Set(['debug control cannot be reached']));
});
