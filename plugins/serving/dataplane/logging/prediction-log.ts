/**
 * The log of predictions, as far as it lives in the inference process: a request only puts what it has at hand into a ring.
 * Behind it, a few at a time, predictions are redacted and gathered, and twice a second written to the inbox as one batch. It
 * never makes a request wait: what finds no room is dropped and counted.
 */
import { readFile } from 'node:fs/promises';
import { messageOf } from '../../../../core/plugin.ts';
import {
  BatchEncoder,
  batchFileName,
  type TakenBatch,
  type ToldLabel,
} from '../../../../libraries/prediction-batch/index.ts';
import { feedbackNotTaken } from '../errors/feedback-errors.ts';
import type { RequestFacts } from '../http/request-facts.ts';
import type { PredictionLogCounts } from '../interface/process-metrics.ts';
import type { LogPlace } from '../interface/routing-table.ts';
import type { Log } from '../log.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import { giveBack, isShared } from '../tensor/row-memory.ts';
import { bytesOf, bytesOfTexts, type Tensor } from '../tensor/tensor.ts';
import { putIntoInbox } from './inbox.ts';
import type { LoggedVersion } from './logged-version.ts';
import { OutlierCounts } from './outlier-counts.ts';
import { Pseudonyms } from './pseudonyms.ts';
import { gather, type Waiting } from './record.ts';
import { Ring } from './ring.ts';
import { Told } from './told.ts';

export interface PredictionLogOptions {
  /** The name of this process. */
  readonly process: string;
  readonly log: Log;
  readonly flushMs?: number;
  /** Predictions that may wait. */
  readonly slots?: number;
  /** Bytes that may wait, in the ring and once more as a batch. */
  readonly mostBytes?: number;
}

interface Batch extends TakenBatch {
  readonly name: string;
}

/** Redacted and gathered in one go: more would be felt by the requests behind it. */
const atOnce = 32;
/** A batch of so many bytes is not waited with. */
const fullBatch = 4 * 1024 * 1024;
/** A prediction with more bytes than this is logged without its values. */
const mostInOne = 1024 * 1024;
/** Bytes of a view up to which it is not asked what it is a view of: the answer would make memory of its own. */
const smallView = 64;
/** What an entry costs beside its tensors. */
const perEntry = 256;

export class PredictionLog {
  readonly #process: string;
  readonly #log: Log;
  readonly #flushMs: number;
  readonly #mostBytes: number;
  readonly #ring: Ring<Waiting>;
  readonly #encoder = new BatchEncoder();
  readonly #startedAt = Date.now();
  readonly #told = new Told();
  readonly #outliers = new OutlierCounts();
  #place: LogPlace | undefined;
  #pseudonyms: Pseudonyms | undefined;
  /** While the key is being read, nothing is redacted. */
  #reading: Promise<void> | undefined;
  #taken = 0;
  #written = 0;
  #dropped = 0;
  #sequence = 0;
  #trouble: string | undefined;
  #isDrainDue = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #unwritten: Batch | undefined;

  constructor(options: PredictionLogOptions) {
    const { process, log, flushMs = 500, slots = 16_384, mostBytes = 32 * 1024 * 1024 } = options;
    this.#process = process;
    this.#log = log;
    this.#flushMs = flushMs;
    this.#mostBytes = mostBytes;
    this.#ring = new Ring(slots, mostBytes);
  }

  /** Hands predictions in there from now on; undefined: nowhere, and takes no more. */
  follow(place: LogPlace | undefined): void {
    const before = this.#place;
    if (before?.inbox === place?.inbox && before?.keyFile === place?.keyFile) return;
    this.#place = place;
    // What waits from before is redacted by the key of its time.
    if (place === undefined) return;
    this.#pseudonyms = undefined;
    const reading = this.#readKey(place.keyFile).then((pseudonyms) => {
      // The key of a place that is not followed any more, read late, counts for nothing.
      if (this.#reading !== reading) return;
      this.#reading = undefined;
      this.#pseudonyms = pseudonyms;
      this.#drainSoon();
    });
    this.#reading = reading;
  }

  /**
   * Takes a prediction that was answered. Whether it is among those to be logged is decided here. `isLast`: nobody else reads the
   * inputs any more. Gives whether they are read later, and then, if it is the last to read them, given back.
   */
  take(
    version: LoggedVersion,
    model: ModelInterface,
    id: string,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    milliseconds: number,
    request: RequestFacts,
    isLast = false,
  ): boolean {
    if (this.#place === undefined) return false;
    const { sample } = version.rules;
    if (sample < 1 && drawn(id) >= sample) return false;
    this.#taken++;
    const held = heldBy(inputs) + heldBy(outputs);
    // Tensors hold at least what they are.
    const isTooLarge = held > mostInOne && bytesOf(inputs) + bytesOf(outputs) > mostInOne;
    const entry: Waiting = {
      version,
      model,
      id,
      at: Date.now(),
      milliseconds,
      inputs: isTooLarge ? none : inputs,
      outputs: isTooLarge ? none : outputs,
      trace: request.traceparent ?? (request.headers.traceparent as string | undefined),
      tenant: version.tenantOf?.(request),
      subject: version.subjectOf?.(request),
      bytes: isTooLarge ? perEntry : perEntry + held,
      isLast,
    };
    const isTaken = this.#ring.push(entry);
    if (!isTaken) this.#dropped++;
    if (this.#ring.size >= atOnce) this.#drainSoon();
    this.#timer ??= setTimeout(() => this.#flush(), this.#flushMs).unref();
    return isTaken && !isTooLarge;
  }

  /** Hands labels in. Rejects with `FeedbackNotTaken` or `FeedbackNotKept`. */
  async tell(environment: string, deployment: string, labels: readonly ToldLabel[]): Promise<void> {
    const place = this.#place;
    if (place === undefined) throw feedbackNotTaken(`${environment}/${deployment}`);
    if (labels.length > 0) await this.#told.hand(place.inbox, environment, deployment, labels);
  }

  /** As it stands in the log; undefined where there is none, or no key to make one with. */
  pseudonymOf(domain: string, value: string): string | undefined {
    return this.#place === undefined ? undefined : this.#pseudonyms?.of(domain, value);
  }

  counts(): PredictionLogCounts {
    const outliers = this.#outliers.all();
    return {
      taken: this.#taken,
      written: this.#written,
      dropped: this.#dropped,
      ...(outliers.length === 0 ? {} : { outliers }),
      ...(this.#trouble === undefined ? {} : { trouble: this.#trouble }),
    };
  }

  /** Writes all that waits. What cannot be written now is dropped. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const place = this.#place;
    if (place === undefined || (this.#taken === 0 && this.#sequence === 0)) return;
    await this.#reading;
    await this.#writing;
    while (this.#ring.size > 0) this.#drain(Number.POSITIVE_INFINITY);
    this.#place = undefined;
    if (this.#unwritten !== undefined) await this.#write(place, this.#unwritten);
    if (this.#unwritten === undefined) {
      this.#unwritten = this.#batch(true);
      await this.#write(place, this.#unwritten);
    }
    this.#dropped = this.#taken - this.#written;
  }

  /** Undefined where it cannot be read. */
  async #readKey(path: string): Promise<Pseudonyms | undefined> {
    try {
      const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'hex');
      if (key.length !== 32) throw new Error('it holds no key of 32 bytes');
      return new Pseudonyms(key);
    } catch (error) {
      const reason = messageOf(error);
      this.#log(
        'the key of the prediction log cannot be read: what is to be hashed is left out',
        { path, reason },
        'warn',
      );
      return undefined;
    }
  }

  #drainSoon(): void {
    if (this.#isDrainDue || this.#ring.size === 0) return;
    this.#isDrainDue = true;
    setImmediate(() => {
      this.#isDrainDue = false;
      this.#drain(atOnce);
      if (this.#encoder.length >= fullBatch) this.#writeBatch();
      if (this.#ring.size >= atOnce && this.#hasRoom) this.#drainSoon();
    });
  }

  get #hasRoom(): boolean {
    return this.#reading === undefined && this.#encoder.length < this.#mostBytes;
  }

  /** Redacts and gathers some of what waits. */
  #drain(most: number): void {
    for (let count = 0; count < most && this.#hasRoom; count++) {
      const waiting = this.#ring.shift();
      if (waiting === undefined) return;
      const columns = waiting.version.columns(waiting.model);
      const outliers = gather(this.#encoder, waiting, columns, this.#pseudonyms);
      if (outliers !== undefined) this.#outliers.add(columns.origin, outliers);
      if (waiting.isLast) giveBack(waiting.inputs, waiting.outputs);
    }
    if (most === Number.POSITIVE_INFINITY && !this.#hasRoom) {
      while (this.#ring.shift() !== undefined) this.#dropped++;
    }
  }

  /** Gathers what still waits, a few in each turn of the event loop, and writes it all as one batch. */
  #flush(): void {
    this.#drain(atOnce);
    if (this.#ring.size > 0 && this.#hasRoom) {
      setImmediate(() => this.#flush());
      return;
    }
    this.#timer = undefined;
    this.#writeBatch();
    if (this.#reading !== undefined) this.#flushLater();
  }

  /** One at a time; what is gathered meanwhile is the next. */
  #writeBatch(): void {
    const place = this.#place;
    if (place === undefined || this.#writing !== undefined) return;
    if (this.#unwritten === undefined && this.#encoder.records === 0) return;
    this.#unwritten ??= this.#batch(false);
    this.#writing = this.#write(place, this.#unwritten).finally(() => {
      this.#writing = undefined;
      if (this.#encoder.records > 0 || this.#ring.size > 0 || this.#unwritten !== undefined)
        this.#flushLater();
    });
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => this.#flush(), this.#flushMs).unref();
  }

  #batch(isLast: boolean): Batch {
    const writer = {
      process: this.#process,
      pid: process.pid,
      startedAt: this.#startedAt,
      sequence: this.#sequence,
      taken: this.#taken - this.#ring.size,
      dropped: this.#dropped,
      isLast,
    };
    const taken = this.#encoder.take(writer);
    this.#sequence++;
    return { ...taken, name: batchFileName(writer, taken.records, Date.now()) };
  }

  /** Never rejects: what could not be written is kept and tried again with the next flush. */
  async #write(place: LogPlace, batch: Batch): Promise<void> {
    try {
      await putIntoInbox(place.inbox, batch.name, batch.parts);
      this.#encoder.reuse(batch.memory);
      this.#written += batch.records;
      this.#unwritten = undefined;
      if (this.#trouble !== undefined) this.#log('predictions are logged again', { dropped: this.#dropped });
      this.#trouble = undefined;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      if (this.#trouble !== code) {
        this.#log(
          'predictions cannot be logged now; when there is no room for more they are dropped',
          { code },
          'warn',
        );
      }
      this.#trouble = code;
    }
  }
}

const none: readonly Tensor[] = [];

/** Where a prediction falls between 0 and 1: the last digits of its id are random. */
function drawn(id: string): number {
  return Number.parseInt(id.slice(-8), 16) / 2 ** 32;
}

/** What tensors keep in memory until they are gathered: also what lies around a view of a body. */
function heldBy(tensors: readonly Tensor[]): number {
  let bytes = 0;
  for (const { data } of tensors) {
    if (Array.isArray(data)) bytes += bytesOfTexts(data);
    else if (data.byteLength <= smallView || isShared(data.buffer)) bytes += data.byteLength;
    else bytes += data.buffer.byteLength;
  }
  return bytes;
}
