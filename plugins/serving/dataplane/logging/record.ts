/** From a prediction that waits to what is written of it: redacted, with its subjects as pseudonyms. */
import { type BatchEncoder, subjectDomain } from '../../../../libraries/prediction-batch/index.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { LoggedColumns, LoggedVersion } from './logged-version.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import type { KeptColumn } from './redaction.ts';

export interface Waiting {
  readonly version: LoggedVersion;
  readonly model: ModelInterface;
  readonly id: string;
  readonly at: number;
  readonly milliseconds: number;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly trace: string | undefined;
  readonly tenant: string | undefined;
  readonly subject: string | undefined;
  readonly bytes: number;
  /** Whether nobody else reads the inputs. */
  readonly isLast: boolean;
}

const longestTenant = 256;
const noShape: readonly number[] = [];

/** Gathers it as one record. Gives how outlying its rows are, where its version has that. */
export function gather(
  encoder: BatchEncoder,
  waiting: Waiting,
  { origin, inputs, outputs, outliers, subjectInput }: LoggedColumns,
  pseudonyms: Pseudonyms | undefined,
): ArrayLike<number> | undefined {
  const scores = outliers?.scores(waiting.inputs);
  const subjects =
    subjectInput < 0
      ? subjectOf(waiting.subject, pseudonyms)
      : subjectsOf(waiting.inputs[subjectInput]?.data, pseudonyms);
  const { trace, tenant = '' } = waiting;
  encoder.begin(origin, waiting, traceOf(trace), tenant.slice(0, longestTenant), subjects);
  gatherTensors(encoder, inputs, waiting.inputs, pseudonyms);
  gatherTensors(encoder, outputs, waiting.outputs, pseudonyms);
  encoder.finish(origin, scores);
  return scores;
}

function gatherTensors(
  encoder: BatchEncoder,
  columns: readonly KeptColumn[],
  tensors: readonly Tensor[],
  pseudonyms: Pseudonyms | undefined,
): void {
  for (let index = 0; index < columns.length; index++) {
    const tensor = tensors[index];
    if (tensor === undefined) encoder.tensor(noShape, 'too large');
    else encoder.tensor(tensor.shape, columns[index]!.keep(tensor, pseudonyms));
  }
}

const nobody: readonly string[] = [];

function subjectOf(subject: string | undefined, pseudonyms: Pseudonyms | undefined): readonly string[] {
  if (subject === undefined || subject === '' || pseudonyms === undefined) return nobody;
  return [pseudonyms.of(subjectDomain, subject)];
}

function subjectsOf(
  about: Iterable<unknown> | undefined,
  pseudonyms: Pseudonyms | undefined,
): readonly string[] {
  if (about === undefined || pseudonyms === undefined) return [];
  return Array.from(about, (one) =>
    one === undefined || one === '' ? '' : pseudonyms.of(subjectDomain, String(one)),
  );
}

/** The trace of a W3C `traceparent`. */
function traceOf(header: string | undefined): string {
  if (header === undefined) return '';
  const [, trace = ''] = header.split('-', 2);
  return /^[0-9a-f]{32}$/.test(trace) ? trace : '';
}
