/** Predictions as inference processes hand them in. */
import { createHmac } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { v7 } from 'uuid';
import {
  BatchEncoder,
  batchFileName,
  type PredictionOrigin,
  type PredictionRecord,
} from '../../../libraries/prediction-batch/index.ts';

export const key = '5e'.repeat(32);

/** An id as of a prediction made then. */
export function idAt(milliseconds: number): string {
  return v7({ msecs: milliseconds });
}

export function originOf(more: Partial<PredictionOrigin> = {}): PredictionOrigin {
  return {
    environment: 'production',
    deployment: 'bird-strike',
    model: 'bird-strike',
    version: '1.0.0',
    variant: 'stable',
    commit: 'c'.repeat(40),
    hasRows: true,
    inputs: [
      { name: 'speed', datatype: 'FP32' },
      { name: 'phase', datatype: 'BYTES' },
      { name: 'operator', datatype: 'BYTES' },
    ],
    outputs: [{ name: 'probability', datatype: 'FP32' }],
    ...more,
  };
}

export interface Predicted {
  readonly id?: string;
  readonly at?: number;
  readonly speed?: number;
  readonly phase?: string;
  readonly probability?: number;
  readonly subject?: string;
  /** Of an origin that has them. */
  readonly outlier?: number;
  readonly origin?: PredictionOrigin;
}

const usual = originOf();

export function recordOf(one: Predicted): PredictionRecord {
  const { at = Date.now(), speed = 210, phase = 'Climb', probability = 0.5, subject } = one;
  return {
    id: one.id ?? idAt(at),
    at,
    milliseconds: 1.5,
    trace: '4bf92f3577b34da6a3ce929d0e0e4736',
    tenant: 'north',
    ...(one.outlier === undefined ? {} : { outliers: [one.outlier] }),
    subjects: subject === undefined ? [] : [subject],
    inputs: [
      { shape: [1, 1], data: Float32Array.of(speed) },
      { shape: [1, 1], data: [phase] },
      { shape: [1, 1], data: 'redacted' },
    ],
    outputs: [{ shape: [1, 1], data: Float32Array.of(probability) }],
  };
}

let sequence = 0;

/** Hands a batch in; gives the ids of its predictions. */
export function handIn(
  inbox: string,
  predictions: readonly Predicted[],
  more: { readonly pid?: number; readonly taken?: number; readonly isLast?: boolean } = {},
): readonly string[] {
  mkdirSync(inbox, { recursive: true });
  const encoder = new BatchEncoder();
  const ids: string[] = [];
  for (const one of predictions) {
    const record = recordOf(one);
    ids.push(record.id);
    encoder.add(one.origin ?? usual, record);
  }
  const { pid = 7, taken = predictions.length, isLast = false } = more;
  const writer = { process: '0', pid, startedAt: 1, sequence: sequence++, taken, dropped: 0, isLast };
  const { parts, records } = encoder.take(writer);
  writeFileSync(join(inbox, batchFileName(writer, records, Date.now())), Buffer.concat(parts));
  return ids;
}

/** As inference processes make it of a subject. */
export function pseudonymOf(hex: string, subject: string): string {
  const digest = createHmac('sha256', Buffer.from(hex.trim(), 'hex')).update(`subject\0${subject}`).digest();
  return digest.subarray(0, 16).toString('base64url');
}
