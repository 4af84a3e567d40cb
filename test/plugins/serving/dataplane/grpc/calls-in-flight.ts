/** Many predictions at a time, each with an id and inputs of its own, and an answer that only those inputs give. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ChannelOptions, type ServiceError, status } from '@grpc/grpc-js';
import { until } from '../../../../fixtures/until.ts';
import { type Answered, InferenceClient } from './client.ts';

export interface CallsOptions {
  readonly address: string;
  readonly model: string;
  /** The model answers y = x + offset. */
  readonly offset: number;
  /** Calls at a time. */
  readonly atOnce: number;
  /** Beside a connection of its own. */
  readonly channel?: ChannelOptions;
}

/** A call that ended with `UNAVAILABLE`. */
export interface Refusal {
  readonly id: string;
  readonly details: string;
  /** Whether its answer had begun to come. */
  readonly wasBeingAnswered: boolean;
}

/** Where nobody listens, calls are refused as fast as they are made. */
const restMs = 50;
/** Of all channels: no two calls are alike. */
let next = 1;

/** A channel with a connection of its own, that asks without a pause. */
export class CallsInFlight {
  readonly client: InferenceClient;
  answered = 0;
  readonly refusals: Refusal[] = [];
  /** Whatever a client must never see. */
  readonly problems: string[] = [];
  readonly #options: CallsOptions;
  /** How often each call has ended. */
  readonly #ends = new Map<string, number>();
  #isStopping = false;
  #isClosed = false;

  constructor(options: CallsOptions) {
    this.#options = options;
    // Channels to one address share their connections otherwise.
    const own = { 'grpc.use_local_subchannel_pool': 1 };
    this.client = new InferenceClient(options.address, { ...own, ...options.channel });
  }

  start(): void {
    for (let slot = 0; slot < this.#options.atOnce; slot++) void this.#askOnAndOn();
  }

  /** The ids of calls that have not ended. */
  get open(): readonly string[] {
    return [...this.#ends].filter(([, times]) => times === 0).map(([id]) => id);
  }

  /** Makes no more calls, and resolves once each has ended; rejects where one hangs: no call has a deadline that would end it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await until(() => this.open.length === 0, { what: 'every call has ended' });
    // By now a call that ends twice has done so.
    await new Promise(setImmediate);
    for (const [id, times] of this.#ends) if (times > 1) this.problems.push(`${id} ended ${times} times`);
  }

  /** Closes the channel, whatever is open. */
  close(): void {
    this.#isStopping = true;
    this.#isClosed = true;
    this.client.close();
  }

  /** Makes one call, and gives whether it was answered, and rightly. */
  predict(): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false);
    const number = next++;
    const id = `call-${number}`;
    const given = Array.from({ length: 1 + (number % 3) }, (_, row) => number * 3 + row);
    this.#ends.set(id, 0);
    return new Promise((resolve) => {
      let wasBeingAnswered = false;
      const call = this.client.begin(requestOf(this.#options.model, id, given), (error, body) => {
        this.#ends.set(id, this.#ends.get(id)! + 1);
        if (error === null) resolve(this.#isRight(id, given, body!));
        else {
          this.#refused(error, { id, details: error.details, wasBeingAnswered });
          resolve(false);
        }
      });
      call.on('metadata', () => {
        wasBeingAnswered = true;
      });
    });
  }

  async #askOnAndOn(): Promise<void> {
    while (!this.#isStopping) if (!(await this.predict())) await delay(restMs);
  }

  #isRight(id: string, given: readonly number[], body: Answered['body']): boolean {
    const expected = given.map((x) => x + this.#options.offset);
    const y = valuesOf(body);
    if (body.id !== id) this.problems.push(`${id} got the answer of ${body.id}`);
    else if (y.join() !== expected.join()) this.problems.push(`${id} got ${y} instead of ${expected}`);
    else {
      this.answered++;
      return true;
    }
    return false;
  }

  #refused({ code, details }: ServiceError, refusal: Refusal): void {
    if (code === status.UNAVAILABLE) this.refusals.push(refusal);
    else this.problems.push(`${refusal.id} ended with ${status[code]}: ${details}`);
  }
}

/** Typed and raw contents, by their rows. */
function requestOf(model: string, id: string, given: readonly number[]): object {
  const x = { name: 'x', datatype: 'FP32', shape: [given.length, 1] };
  if (given.length === 2)
    return { model_name: model, id, inputs: [{ ...x, contents: { fp32_contents: given } }] };
  const raw = Buffer.from(Float32Array.from(given).buffer);
  return { model_name: model, id, inputs: [x], raw_input_contents: [raw] };
}

function valuesOf(body: Answered['body']): readonly number[] {
  const { outputs, raw_output_contents: raw } = body as {
    readonly outputs: readonly { readonly contents: { readonly fp32_contents: readonly number[] } | null }[];
    readonly raw_output_contents: readonly Buffer[];
  };
  const [bytes] = raw;
  if (bytes === undefined) return outputs[0]?.contents?.fp32_contents ?? [];
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
