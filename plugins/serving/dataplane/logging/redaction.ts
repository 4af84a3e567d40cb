/** What is kept of tensors. Values that must not be kept are replaced here, before anything of them is written anywhere. */
import type { LoggingRules, Redaction } from '../../../../core/capabilities/serving-runtime.ts';
import type { ColumnName, LoggedData } from '../../../../libraries/prediction-batch/index.ts';
import type { TensorInterface } from '../protocol/model-interface.ts';
import { halfToNumber } from '../tensor/half.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Pseudonyms } from './pseudonyms.ts';

/** Of one input or output. */
export interface KeptColumn {
  readonly column: ColumnName;
  keep(tensor: Tensor, pseudonyms: Pseudonyms | undefined): LoggedData;
}

/** An image or a text in full is no row of a log: elements of one row, beyond which none is kept. */
const mostInRow = 4_096;

export function keptColumns(
  tensors: readonly TensorInterface[],
  { redact }: Pick<LoggingRules, 'redact'>,
  hasRows: boolean,
): readonly KeptColumn[] {
  return tensors.map(({ name, datatype }) => {
    const redaction = redact.find((one) => one.name === name);
    return {
      column: { name, datatype: datatypeAfter(redaction, datatype) },
      keep: keeper(redaction, hasRows),
    };
  });
}

function datatypeAfter(redaction: Redaction | undefined, datatype: string): string {
  if (redaction?.by === 'hash') return 'BYTES';
  return redaction?.by === 'bucket' ? 'FP64' : datatype;
}

function keeper(redaction: Redaction | undefined, hasRows: boolean): KeptColumn['keep'] {
  if (redaction?.by === 'drop') return () => 'redacted';
  const keep = keptBy(redaction);
  return (tensor, pseudonyms) => (isTooLarge(tensor, hasRows) ? 'too large' : keep(tensor, pseudonyms));
}

function isTooLarge({ shape, data }: Tensor, hasRows: boolean): boolean {
  return data.length / (hasRows ? (shape[0] ?? 1) : 1) > mostInRow;
}

function keptBy(redaction: Redaction | undefined): KeptColumn['keep'] {
  if (redaction === undefined) return ({ data }) => data;
  if (redaction.by === 'bucket') {
    const { width } = redaction;
    // Texts have no buckets: the manifest's check says so, and nothing of them is kept.
    return (tensor) => {
      const numbers = numbersOf(tensor);
      return numbers === undefined ? 'redacted' : numbers.map((value) => Math.floor(value / width) * width);
    };
  }
  const { name } = redaction;
  return ({ data }, pseudonyms) => {
    if (pseudonyms === undefined) return 'redacted';
    const made: string[] = [];
    for (const value of data) made.push(pseudonyms.of(`column ${name}`, String(value)));
    return made;
  };
}

function numbersOf({ datatype, data }: Tensor): Float64Array | undefined {
  if (Array.isArray(data)) return undefined;
  const numbers = new Float64Array(data.length);
  for (let index = 0; index < data.length; index++) {
    const value = Number(data[index]);
    numbers[index] = datatype === 'FP16' ? halfToNumber(value) : value;
  }
  return numbers;
}
