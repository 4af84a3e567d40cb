import { describe, expect, it } from 'vitest';
import type { Report } from '../../../../plugins/serving/dataplane/interface/messages.ts';
import type { RoutingTable } from '../../../../plugins/serving/dataplane/interface/routing-table.ts';
import type { Connection } from '../../../../plugins/serving/processes/control-socket.ts';
import { InferenceProcesses } from '../../../../plugins/serving/processes/inference-processes.ts';

const stable = 'production/bird-strike/1.0.0';
const candidate = 'production/bird-strike/1.1.0';
const table = {
  revision: 2,
  deployments: [
    {
      environment: 'production',
      name: 'bird-strike',
      versions: [{ version: '1.0.0' }, { version: '1.1.0' }],
    },
  ],
} as unknown as RoutingTable;

/** Process 0, which follows the table that has stable alone; time and death are made by hand. */
function world() {
  let now = 0;
  let changes = 0;
  const running = new Set([7]);
  const processes = new InferenceProcesses({
    livenessMs: 5_000,
    now: () => now,
    isRunning: (pid) => running.has(pid),
    onChange: () => {
      changes += 1;
    },
  });
  const connection = () => ({ send() {}, close() {} }) as unknown as Connection;
  const report = (pid: number, revision: number) =>
    ({
      id: '0',
      pid,
      revision,
      versions: { [stable]: { state: 'ready' } },
      routes: {},
      ready: true,
      at: new Date().toISOString(),
    }) as unknown as Report;
  const first = connection();
  processes.hello(first, { type: 'hello', id: '0', pid: 7, startedAt: '' });
  processes.report(first, report(7, 1));
  return {
    processes,
    running,
    first,
    report,
    connection,
    changes: () => changes,
    wait(ms: number) {
      now += ms;
      processes.checkLiveness();
    },
    counted: () => [stable, candidate].map((version) => processes.lossesOf(version).length),
  };
}

describe('a process that ended', () => {
  it('stands against what it was just sent, although no successor lives to tell', () => {
    const { processes, running, first, wait, counted, changes } = world();
    processes.sentTo(first, table);
    running.clear();
    processes.gone(first);
    wait(5_000);
    expect(counted()).toEqual([0, 0]);
    const before = changes();
    wait(1);
    expect(counted()).toEqual([1, 1]);
    expect(changes()).toBeGreaterThan(before);
    wait(60_000);
    expect(counted()).toEqual([1, 1]);
  });

  it('is counted once, whether or not its successor comes later', () => {
    const { processes, running, first, wait, counted, connection, report } = world();
    running.clear();
    processes.gone(first);
    wait(6_000);
    const next = connection();
    processes.hello(next, { type: 'hello', id: '0', pid: 8, startedAt: '' });
    processes.report(next, report(8, 1));
    expect(counted()).toEqual([1, 0]);
    expect(processes.lossesBy('0')).toEqual({ died: 1, stuck: 0, memory: 0 });
  });

  it.each([
    ['without a successor', false],
    ['before its successor was there', true],
  ])('%s did so at a time of the clock that rollouts go by, which nobody sets', (_, hasNext) => {
    const { processes, running, first, wait, connection, report } = world();
    running.clear();
    wait(1_000);
    processes.gone(first);
    if (hasNext) {
      const next = connection();
      processes.hello(next, { type: 'hello', id: '0', pid: 8, startedAt: '' });
      // Its machine was set back by an hour.
      processes.report(next, { ...report(8, 1), at: new Date(Date.now() - 3_600_000).toISOString() });
    } else wait(5_001);
    expect(processes.lossesOf(stable).map(({ at }) => at)).toEqual([hasNext ? 1_000 : 6_001]);
  });

  it('does not stand against what it reported to hold no more', () => {
    const { processes, running, first, wait, counted, report } = world();
    processes.sentTo(first, table);
    processes.report(first, report(7, 2));
    running.clear();
    processes.gone(first);
    wait(6_000);
    expect(counted()).toEqual([1, 0]);
  });

  it('has not, while it only lost its connection', () => {
    const { processes, first, wait, counted } = world();
    processes.gone(first);
    wait(6_000);
    expect(counted()).toEqual([0, 0]);
  });
});
