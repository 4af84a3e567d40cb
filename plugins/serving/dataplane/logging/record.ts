/** From a prediction that waits to what is written of it: redacted, with its subjects as pseudonyms. */
import { type PredictionRecord, subjectDomain } from '../../../../libraries/prediction-batch/index.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { LoggedVersion } from './logged-version.ts';
import type { Pseudonyms } from './pseudonyms.ts';

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
}

const tooLarge = { shape: [], data: 'too large' } as const;
const longestTenant = 256;

export function recordOf(waiting: Waiting, pseudonyms: Pseudonyms | undefined): PredictionRecord {
  const { version, model, id, at, milliseconds, inputs, outputs, trace, tenant = '' } = waiting;
  const columns = version.columns(model);
  const { subjectInput } = columns;
  const outliers = columns.outliers?.scores(inputs);
  return {
    ...(outliers && { outliers }),
    id,
    at,
    milliseconds,
    trace: traceOf(trace),
    tenant: tenant.slice(0, longestTenant),
    subjects:
      subjectInput < 0
        ? subjectOf(waiting.subject, pseudonyms)
        : subjectsOf(inputs[subjectInput]?.data, pseudonyms),
    inputs: columns.inputs.map(({ keep }, index) => {
      const tensor = inputs[index];
      return tensor === undefined ? tooLarge : keep(tensor, pseudonyms);
    }),
    outputs: columns.outputs.map(({ keep }, index) => {
      const tensor = outputs[index];
      return tensor === undefined ? tooLarge : keep(tensor, pseudonyms);
    }),
  };
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
