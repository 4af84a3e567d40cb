/** Asks in whatever way, with whatever fate, and knows what should be answered. */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { type ServiceError, status } from '@grpc/grpc-js';
import { InferenceClient } from '../grpc/client.ts';
import { ownRow, ownRows, strangeIn } from './own-values.ts';

/** `goes`: before it can have an answer, or just then. `hurries`: gives it hardly any time. */
export type Fate = 'stays' | 'goes' | 'hurries';

export interface Question {
  readonly model: string;
  readonly width: number;
  /** The number of each row. */
  readonly numbers: readonly number[];
  /** One above 3 fails. */
  readonly indexes: readonly number[];
  readonly way: 'json' | 'binary' | 'rows' | 'grpc raw' | 'grpc typed';
  readonly fate: Fate;
  /** Whether it is sent twice at once, under one key. */
  readonly isTwin: boolean;
  /** When it goes, or how much time it gives. */
  readonly afterMs: number;
}

interface Given {
  readonly status: number;
  readonly id: string;
  readonly code: string;
  readonly bytes: Buffer;
  readonly jsonLength: number | undefined;
}

export class Asker {
  readonly counts: Record<string, number> = {};
  /** The rows of each prediction that was answered and is to be logged. */
  readonly logged = new Map<string, readonly number[]>();
  readonly #port: number;
  readonly #agent: Agent;
  /** They share a connection. */
  readonly #grpc: readonly InferenceClient[];
  readonly #began = performance.now();
  #resets = 0;

  constructor(port: number, grpcAddress: string, connections: number) {
    this.#port = port;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#grpc = Array.from({ length: 4 }, () => new InferenceClient(grpcAddress));
  }

  close(): void {
    this.#agent.destroy();
    for (const client of this.#grpc) client.close();
  }

  /** Gives what is wrong with the answer; undefined where nothing is. */
  async ask(question: Question): Promise<string | undefined> {
    const { model, way, fate, numbers } = question;
    const problem = way.startsWith('grpc') ? await this.#askGrpc(question) : await this.#askRest(question);
    return problem && `${way} to ${model}, which ${fate}, for ${numbers}: ${problem}`;
  }

  async #askRest(question: Question): Promise<string | undefined> {
    const key: Record<string, string> = question.isTwin ? { 'idempotency-key': randomUUID() } : {};
    const sent = [this.#send(question, key)];
    if (question.isTwin) sent.push(this.#send(question, key));
    const problems = (await Promise.all(sent)).map((given) => this.#judgeRest(question, given));
    return problems.find((problem) => problem !== undefined);
  }

  #judgeRest(question: Question, given: Given | undefined): string | undefined {
    if (given === undefined) return this.#count('gone');
    if (question.isTwin) this.#count('twins');
    const { status: code, bytes, jsonLength } = given;
    if (code !== 200) return this.#judgeError(question, given.code);
    const { width } = question;
    const json = JSON.parse(bytes.subarray(0, jsonLength).toString()) as {
      readonly predictions?: readonly { readonly y: readonly number[]; readonly found: number }[];
      readonly outputs?: readonly { readonly data: readonly number[] }[];
    };
    const { predictions, outputs } = json;
    if (predictions !== undefined) {
      const [y, found] = [predictions.flatMap((row) => row.y), predictions.map((row) => row.found)];
      return this.#judge(question, given.id, y, found);
    }
    if (jsonLength === undefined)
      return this.#judge(question, given.id, outputs![0]!.data.flat(), outputs![1]!.data.flat());
    const numbers = new Float32Array(Uint8Array.from(bytes.subarray(jsonLength)).buffer);
    const split = question.numbers.length * width;
    return this.#judge(question, given.id, numbers.subarray(0, split), numbers.subarray(split));
  }

  #judge(
    { numbers, indexes, width, model }: Question,
    id: string,
    y: ArrayLike<number>,
    found: ArrayLike<number>,
  ): string | undefined {
    this.#count('answered');
    if (model !== 'silent') this.logged.set(id, numbers);
    const isFound =
      indexes.every((index, row) => found[row] === 10 + index) && found.length === indexes.length;
    return (
      strangeIn(y, numbers, width) ?? (isFound ? undefined : `found ${Array.from(found)} for ${indexes}`)
    );
  }

  #judgeError({ fate, indexes, isTwin }: Question, code: string): string | undefined {
    if (code === 'InferenceFailed' && indexes.includes(4)) return this.#count('failed');
    if ((code === 'DeadlineExceeded' || code === 'WouldBeLate') && fate === 'hurries')
      return this.#count('late');
    if (code === 'IdempotentRequestUnderWay' && isTwin) return undefined;
    return code;
  }

  /** Node 20 cuts a connection whose calls are given up more often: a thousand of them, and 33 a second. */
  #mayReset(): boolean {
    const seconds = (performance.now() - this.#began) / 1000;
    if (this.#resets >= 500 + 20 * seconds) return false;
    this.#resets++;
    return true;
  }

  #count(what: string): undefined {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** Undefined where it went before it was answered. */
  #send(question: Question, more: Readonly<Record<string, string>>): Promise<Given | undefined> {
    const { model, way, fate, afterMs } = question;
    const { body, jsonLength } = bodyOf(question);
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const outgoing = request(
        {
          port: this.#port,
          host: '127.0.0.1',
          path: `/v2/models/${model}/${way === 'rows' ? 'predict' : 'infer'}`,
          method: 'POST',
          agent: this.#agent,
          headers: {
            'content-type': 'application/json',
            'content-length': body.length,
            ...(jsonLength === undefined ? {} : { 'inference-header-content-length': jsonLength }),
            ...(fate === 'hurries' ? { 'switchyard-timeout': `${1 + Math.floor(afterMs)}ms` } : {}),
            ...more,
          },
        },
        (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.on('error', () => resolve(undefined));
          response.on('end', () => {
            clearTimeout(timer);
            const bytes = Buffer.concat(pieces);
            const { headers, statusCode = 0 } = response;
            const length = headers['inference-header-content-length'];
            resolve({
              status: statusCode,
              id: String(headers['switchyard-prediction-id']),
              code:
                statusCode === 200 ? '' : String((JSON.parse(bytes.toString()) as { code: unknown }).code),
              bytes,
              jsonLength: length === undefined ? undefined : Number(length),
            });
          });
        },
      );
      outgoing.on('error', (error) => (fate === 'goes' ? resolve(undefined) : reject(error)));
      outgoing.end(body);
      if (fate === 'goes') timer = setTimeout(() => outgoing.destroy(), afterMs);
    });
  }

  async #askGrpc(question: Question): Promise<string | undefined> {
    const { model, way, fate, numbers, indexes, width, afterMs } = question;
    const isRaw = way === 'grpc raw';
    const x = ownRows(numbers, width);
    const tensors = [
      { name: 'x', datatype: 'FP32', shape: [numbers.length, width], contents: { fp32_contents: x } },
      { name: 'index', datatype: 'INT64', shape: [numbers.length, 1], contents: { int64_contents: indexes } },
    ];
    const message = isRaw
      ? {
          model_name: model,
          inputs: tensors.map(({ contents, ...tensor }) => tensor),
          raw_input_contents: [bytesOfFloats(x), bytesOfIntegers(indexes)],
        }
      : { model_name: model, inputs: tensors };
    const client = this.#grpc[numbers[0]! % this.#grpc.length]!;
    try {
      // Who has no time and who goes are the same here.
      const timeoutMs = fate !== 'stays' && this.#mayReset() ? 1 + afterMs : 60_000;
      const { body, metadata } = await client.call('ModelInfer', message, { timeoutMs });
      const id = String(metadata['switchyard-prediction-id']);
      const raw = body.raw_output_contents as readonly Buffer[];
      const outputs = body.outputs as readonly { readonly contents: { readonly fp32_contents: number[] } }[];
      const [y, found] = isRaw
        ? raw.map((bytes) => new Float32Array(Uint8Array.from(bytes).buffer))
        : outputs.map(({ contents }) => contents.fp32_contents);
      return this.#judge(question, id, y!, found!);
    } catch (error) {
      const { code, details } = error as ServiceError;
      if (code === status.DEADLINE_EXCEEDED && fate !== 'stays') return this.#count('gone');
      if (code === status.INTERNAL && indexes.includes(4)) return this.#count('failed');
      if (code === status.RESOURCE_EXHAUSTED && fate !== 'stays') return this.#count('late');
      return `${status[code]}: ${details}`;
    }
  }
}

function bodyOf({ numbers, indexes, width, way }: Question): { body: Buffer; jsonLength?: number } {
  if (way === 'rows') {
    const rows = numbers.map((number, row) => ({
      ...Object.fromEntries(ownRow(number, width).map((one, at) => [`x${at}`, one])),
      index: indexes[row],
    }));
    return { body: Buffer.from(JSON.stringify({ rows })) };
  }
  const x = { name: 'x', datatype: 'FP32', shape: [numbers.length, width] };
  const index = { name: 'index', datatype: 'INT64', shape: [numbers.length, 1] };
  const values = ownRows(numbers, width);
  if (way === 'json') {
    const inputs = [
      { ...x, data: values },
      { ...index, data: indexes },
    ];
    return { body: Buffer.from(JSON.stringify({ inputs })) };
  }
  const parts = [bytesOfFloats(values), bytesOfIntegers(indexes)];
  const json = Buffer.from(
    JSON.stringify({
      inputs: [x, index].map((input, at) => ({
        ...input,
        parameters: { binary_data_size: parts[at]!.length },
      })),
      parameters: { binary_data_output: true },
    }),
  );
  return { body: Buffer.concat([json, ...parts]), jsonLength: json.length };
}

function bytesOfFloats(values: readonly number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}

function bytesOfIntegers(values: readonly number[]): Buffer {
  return Buffer.from(BigInt64Array.from(values.map(BigInt)).buffer);
}
