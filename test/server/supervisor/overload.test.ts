import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { until } from '../../fixtures/until.ts';
import { call, inferJson } from '../../plugins/serving/dataplane/fixtures/client.ts';
import { denseCopyModel } from '../../plugins/serving/dataplane/fixtures/models.ts';
import { desired } from '../../plugins/serving/world.ts';
import { Platform } from './platform.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

let platform: Platform;
afterEach(() => platform?.close());

const width = 1024;
const offset = 7;
const rest = `${',0.0000000000000000000'.repeat(width - 1)}]}]}`;

/** Of 22 KB: what is refused, too, was sent and read. */
const bodyOf = (number: number): string =>
  `{"id":"request ${number}","inputs":[{"name":"x","datatype":"FP32","shape":[1,${width}],"data":[${number}${rest}`;

let asked = 0;

/** What came of a request that is like no other: `answered`, the code of a refusal, or `broken`. Whatever else is wrong is thrown. */
async function ask(port: number, agent: Agent): Promise<string> {
  const number = ++asked;
  let answer: Awaited<ReturnType<typeof inferJson>>;
  try {
    answer = await inferJson(port, 'bird-strike', bodyOf(number), agent);
  } catch (error) {
    if (/ECONNRESET|socket hang up|EPIPE/.test(String(error))) return 'broken';
    throw error;
  }
  const { status, body } = answer;
  // A refusal has no id in the protocol.
  if (status !== 200) return `${status} ${body.code}`;
  const [output] = body.outputs ?? [];
  if (body.id !== `request ${number}`) throw new Error(`request ${number} was given the id ${body.id}`);
  const right = (value: unknown, place: number) => value === (place === 0 ? number + offset : offset);
  if (output?.data?.length !== width || !output.data.every(right))
    throw new Error(`request ${number} was answered ${String(output?.data?.slice(0, 3))}…`);
  return 'answered';
}

const connections = 400;
/** Until V8 has collected what it may keep at first, memory grows whoever asks. */
const warmUpMs = 10_000;

/**
 * Sends so many a second for as long, whether others were answered or not; who is cut off asks once more. Resolves when each has come
 * to an end, and says what came of how many.
 */
async function offer(port: number, perSecond: number, milliseconds: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const outcomes = new Map<string, number>();
  const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const all: Promise<void>[] = [];
  const before = asked;
  const begin = performance.now();
  for (let sent = 0; performance.now() - begin < milliseconds; sent++) {
    const due = begin + (sent * 1000) / perSecond - performance.now();
    if (due > 1) await delay(due);
    all.push(
      (async () => {
        let outcome = await ask(port, agent);
        if (outcome === 'broken') {
          count('broken');
          outcome = await ask(port, agent);
        }
        count(outcome);
      })(),
    );
  }
  await Promise.all(all);
  agent.destroy();
  return { outcomes, sent: asked - before };
}

/** Asks on a connection of its own each time, as a load balancer does, until it is told to stop. */
function watchReadiness(port: number) {
  const statuses = new Set<number | string>();
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const agent = new Agent({ keepAlive: false });
      const answer = await call(port, '/v2/health/ready', { agent }).catch(() => undefined);
      statuses.add(answer?.status ?? 'broken');
      await delay(20);
    }
  })();
  return async () => {
    isOver = true;
    await watching;
    return statuses;
  };
}

function residentMebibytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

it.skipIf(process.platform !== 'linux')(
  'under three times what it can do, a killed process costs nobody more than asking again, and memory stays where it was',
  async () => {
    platform = new Platform();
    const model = platform.version('1.0.0', 0, denseCopyModel(width, 8, offset));
    const limits = { maxQueue: 20, timeoutMs: 1_000 };
    platform.declare(desired([model], { limits, batching: { maxBatchSize: 1, maxDelayMs: 0 } }));
    await platform.start();
    await platform.routed();
    const { port } = platform;

    const agent = new Agent({ keepAlive: true });
    const begin = performance.now();
    let answered = 0;
    const client = async () => {
      while (performance.now() - begin < warmUpMs) if ((await ask(port, agent)) === 'answered') answered++;
    };
    await Promise.all(Array.from({ length: 8 }, client));
    agent.destroy();
    const capacity = answered / (warmUpMs / 1_000);

    const readiness = watchReadiness(port);
    const survivor = platform.inferencePid(1);
    const killed = platform.inferencePid(0);
    const before = residentMebibytes(survivor);
    let most = before;
    const watching = setInterval(() => {
      most = Math.max(most, residentMebibytes(survivor));
    }, 50);
    const overload = offer(port, capacity * 3, 10_000);
    await delay(3_000);
    process.kill(killed, 'SIGKILL');
    // Control says that one is missing, and when it is there again.
    const ready = () => Object.values(platform.status()?.deployments ?? {})[0]?.processes.ready;
    await until(() => ready() === 1, { everyMs: 5 });
    await until(() => platform.inferencePid(0) !== killed);
    await platform.routed(2);
    const { outcomes, sent } = await overload;
    clearInterval(watching);

    expect([...outcomes.values()].reduce((sum, count) => sum + count)).toBe(sent);
    const { answered: good = 0, broken = 0, ...refused } = Object.fromEntries(outcomes);
    expect(Object.keys(refused).filter((outcome) => !/^(429|503|504) \w+$/.test(outcome))).toEqual([]);
    expect(Object.keys(refused).length).toBeGreaterThan(0);
    expect(good).toBeGreaterThan(0);
    // Those connections that the killed process had, and each of them once.
    expect(broken).toBeLessThanOrEqual(connections);
    expect(most).toBeLessThan(before * 1.4);
    // A question that the killed process had taken is cut off; whoever is answered is told that one is ready.
    const told = await readiness();
    told.delete('broken');
    expect(told).toEqual(new Set([200]));

    // Nobody asks any more: at once it answers as if nothing had been.
    const quiet = new Agent({ keepAlive: true });
    for (let turn = 0; turn < 50; turn++) expect(await ask(port, quiet)).toBe('answered');
    quiet.destroy();
    // What V8 has not collected yet it uses again: more of the same takes no more.
    await offer(port, capacity * 3, 5_000);
    expect(residentMebibytes(survivor)).toBeLessThan(most * 1.25);
  },
);
