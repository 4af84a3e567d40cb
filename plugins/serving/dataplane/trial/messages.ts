/** What control and a trial process say to each other, in lines of JSON. */
import type { ExampleResult, TrialAnswer, TrialTimes } from '../../../../core/capabilities/model-trial.ts';
import type { Example, ExampleTensor, Signature } from '../../../../core/capabilities/serving-runtime.ts';

/** The version that is tried, as the process is given it. */
export interface TrialVersion {
  readonly path: string;
  readonly digest: string;
  readonly signature: Signature;
  readonly examples: readonly Example[];
}

export type TrialCall =
  | { readonly call: 'load'; readonly version: TrialVersion }
  | { readonly call: 'examples' }
  | { readonly call: 'infer'; readonly inputs: readonly ExampleTensor[] }
  | {
      readonly call: 'measure';
      readonly inputs: readonly ExampleTensor[] | undefined;
      readonly runs: number;
    };

/** What each call is answered with. */
export interface TrialAnswers {
  readonly load: { readonly signature: Signature; readonly loadMs: number };
  readonly examples: readonly ExampleResult[];
  readonly infer: TrialAnswer;
  readonly measure: TrialTimes;
}

export type FromTrial =
  | { readonly type: 'answer'; readonly value: unknown }
  /** The version is at fault. After `isFinal` the process can do nothing more. */
  | {
      readonly type: 'failed';
      readonly reason: string;
      readonly message: string;
      readonly isFinal: boolean;
    }
  /** Resident bytes, where nobody can look from outside. */
  | { readonly type: 'memory'; readonly bytes: number };

/** JSON has no word for numbers that are not finite: they travel as texts, which no other number does. */
export function packTensors(tensors: readonly ExampleTensor[]): readonly ExampleTensor[] {
  return tensors.map((tensor) =>
    isFloat(tensor)
      ? {
          ...tensor,
          data: tensor.data.map((value) => (Number.isFinite(value) ? value : String(value))),
        }
      : tensor,
  );
}

export function unpackTensors(tensors: readonly ExampleTensor[]): readonly ExampleTensor[] {
  return tensors.map((tensor) =>
    isFloat(tensor)
      ? { ...tensor, data: tensor.data.map((value) => (typeof value === 'string' ? Number(value) : value)) }
      : tensor,
  );
}

function isFloat({ datatype }: ExampleTensor): boolean {
  return datatype.startsWith('FP');
}
