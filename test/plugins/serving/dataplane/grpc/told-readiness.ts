/** What clients are told of readiness, in each of the ways that there are, and whether it was true. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import type { CallsInFlight } from './calls-in-flight.ts';
import type { Answered } from './client.ts';

/** A client may ask while there is nobody, and waits. */
const patience = { timeoutMs: 60_000 };
const everyMs = 10;

/** What `Check`, `ServerReady` and `ModelReady` say; those that were not answered say nothing. */
export async function readinessOf(
  { client }: CallsInFlight,
  model: string,
  options = patience,
): Promise<readonly boolean[]> {
  const answers = await Promise.allSettled([
    client.health('', options),
    client.call('ServerReady', {}, options),
    client.call('ModelReady', { name: model }, options),
  ]);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [saysReady(answer.value)] : []));
}

function saysReady({ body }: Answered): boolean {
  return 'ready' in body ? body.ready === true : body.status === 'SERVING';
}

/** Asks whether there is somebody to ask, on and on, and takes those at their word who say so. */
export class ReadinessAsker {
  readonly told = new Set<boolean>();
  /** Whoever was told that predictions are answered, and was not answered. */
  readonly lies: string[] = [];
  readonly #done: Promise<void>;
  #isOver = false;

  /** `losses`: how many times processes have gone until now; undefined while one is on its way out. */
  constructor(channel: CallsInFlight, model: string, losses: () => number | undefined) {
    this.#done = (async () => {
      while (!this.#isOver) {
        const before = losses();
        const told = await readinessOf(channel, model);
        for (const one of told) this.told.add(one);
        const wasTrue = !told.includes(true) || (await channel.predict());
        // What a process said that has gone since was true when it was said.
        const isGone = before === undefined || before !== losses();
        if (!wasTrue && !isGone) this.lies.push(channel.refusals.at(-1)?.details ?? '');
        await delay(everyMs);
      }
    })();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }
}

/** Watches health as clients do: where a watch ends, it begins the next. */
export class HealthWatch {
  /** What was said, and the status by which each watch ended. */
  readonly heard: string[] = [];
  #isOver = false;
  #watching: ReturnType<CallsInFlight['client']['watch']> | undefined;

  constructor({ client }: CallsInFlight) {
    void (async () => {
      while (!this.#isOver) {
        try {
          this.#watching = client.watch('');
          for await (const { status: said } of this.#watching) this.heard.push(said);
          this.heard.push('OK');
        } catch (error) {
          if (!this.#isOver) this.heard.push(status[(error as ServiceError).code] ?? String(error));
        }
        await delay(everyMs);
      }
    })();
  }

  stop(): void {
    this.#isOver = true;
    this.#watching?.cancel();
  }
}
