import { Agent } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../../../../fixtures/until.ts';
import { type Child, spawnChild } from '../fixtures/child.ts';
import { call, inferJson, row } from '../fixtures/client.ts';
import { ControlEnd } from '../fixtures/control-end.ts';
import { temporaryFolder } from '../fixtures/in-process.ts';
import { countingModel, linearModel, pin } from '../fixtures/models.ts';
import { deployment, table, writeTable } from '../fixtures/tables.ts';

let folder: ReturnType<typeof temporaryFolder>;
let end: ControlEnd;
let child: Child | undefined;

beforeEach(async () => {
  folder = temporaryFolder();
  end = await ControlEnd.listen(join(folder.path, 'control.sock'));
});

afterEach(async () => {
  // What it runs does not end.
  child?.process.kill('SIGKILL');
  await child?.ended;
  await end.close();
  folder.remove();
});

const turns = 20_000;
const number = (name: string, value: number) => ({ name, datatype: 'FP32', shape: [1, 1], data: [value] });

it('a model that is measured to be heavy runs where light ones are answered before its run is over', async () => {
  // Its example is what it is measured with.
  const examples = [{ name: 'long', inputs: [number('x', turns)], outputs: [number('y', 2 * turns)] }];
  const heavy = pin(folder.path, '1.0.0', countingModel('x'), { examples });
  const light = pin(folder.path, '1.0.0', linearModel(2, 0));
  const path = join(folder.path, 'table.json');
  const limits = { maxQueue: 10, timeoutMs: 3_600_000 };
  writeTable(path, table(deployment('heavy', [heavy], { limits }), deployment('light', [light])));
  const { port } = await started('--table', path, '--control', join(folder.path, 'control.sock'));
  const placement = (name: string) => end.report?.versions[`production/${name}/1.0.0`]?.placement;
  await until(() => placement('heavy') !== undefined && placement('light') !== undefined);
  expect([placement('heavy'), placement('light')]).toEqual(['worker', 'inline']);

  // Runs that no test sees the end of.
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  const agents = [1, 2, 3].map(() => new Agent());
  for (const agent of agents) inferJson(port, 'heavy', row(1e15), agent).then(over, over);
  // One runs and another one is at hand to the thread; the third waits.
  await until(() => end.report?.metrics.waiting['production/heavy/1.0.0'] === 1);
  for (let x = 1; x <= 20; x++) {
    const { body } = await inferJson(port, 'light', row(x));
    expect(body.outputs?.[0]?.data).toEqual([2 * x]);
  }
  expect((await call(port, '/v2/health/ready')).status).toBe(200);
  expect(isOver).toBe(false);
  for (const agent of agents) agent.destroy();
});

async function started(...words: readonly string[]): Promise<Child> {
  child = await spawnChild(...words);
  return child;
}
