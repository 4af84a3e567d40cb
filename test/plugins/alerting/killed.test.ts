/** A process that is killed with SIGKILL at moments that matter: what it had to tell is told, by the same name, and is not told anew. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openReceiver, type Receiver } from '../../fixtures/receiver.ts';
import { until } from '../../fixtures/until.ts';

let folder: string;
let receiver: Receiver;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-killed-'));
  receiver = await openReceiver();
});
afterEach(async () => {
  await kill();
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

function run(state: 'held' | 'applied'): void {
  const program = join(import.meta.dirname, 'killed-main.ts');
  const given = ['--import', 'tsx', program, folder, `${receiver.url}/alerts`, state];
  child = spawn(process.execPath, given, { stdio: ['ignore', 'inherit', 'inherit'] });
}

async function kill(): Promise<void> {
  if (child === undefined) return;
  const gone = child.exitCode ?? child.signalCode ?? once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  child = undefined;
}

const arrived = () =>
  receiver.received.map(({ headers, body }) => ({
    id: headers['webhook-id'],
    status: (JSON.parse(body) as { data: { status: string } }).data.status,
  }));
const outbox = () =>
  (JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as { outbox: readonly unknown[] }).outbox;

it('tells after its death what nobody took, and what was taken unknown to it by the same name', {
  timeout: 120_000,
}, async () => {
  // Killed when it was told to come again: nobody has taken it.
  receiver.answer = () => ({ status: 503 });
  run('held');
  await receiver.atLeast(1);
  await kill();
  expect(outbox()).toHaveLength(1);

  // Killed in the moment in which it is taken, before any answer.
  receiver.answer = () => {
    child?.kill('SIGKILL');
    return {};
  };
  run('held');
  await receiver.atLeast(2);
  await kill();
  expect(outbox()).toHaveLength(1);

  // Killed when it knows that it is taken.
  receiver.answer = () => ({});
  run('held');
  await receiver.atLeast(3);
  await until(() => outbox().length === 0, { what: 'it is written down that it was told' });
  await kill();

  // What was told is told no more, but that it is over.
  run('applied');
  await receiver.atLeast(4);
  const [first, ...others] = arrived();
  expect(first?.status).toBe('firing');
  expect(others).toEqual([
    first,
    first,
    { id: expect.not.stringMatching(first?.id as string), status: 'resolved' },
  ]);
});
