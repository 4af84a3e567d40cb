/** What control and a trial process say to each other, in lines of JSON. */
import type { ExampleResult, TrialAnswer, TrialTimes } from '../../../../core/capabilities/model-trial.ts';
import type {
  Example,
  ExampleTensor,
  SessionSettings,
  Signature,
} from '../../../../core/capabilities/serving-runtime.ts';
import type { Placement } from './routing-table.ts';

/** The version that is tried, as the process is given it. */
export interface TrialVersion {
  readonly path: string;
  readonly digest: string;
  readonly signature: Signature;
  readonly examples: readonly Example[];
  readonly session?: SessionSettings | undefined;
}

export type TrialCall =
  | {
      readonly call: 'load';
      readonly version: TrialVersion;
      /** Fails where an example is not answered as it must be. */
      readonly checksExamples?: boolean;
    }
  | { readonly call: 'examples' }
  | { readonly call: 'infer'; readonly inputs: readonly ExampleTensor[] }
  | {
      readonly call: 'measure';
      readonly inputs: readonly ExampleTensor[] | undefined;
      readonly runs: number;
      /** So many rows in each run. */
      readonly rows?: number;
    };

/** What each call is answered with. */
export interface TrialAnswers {
  readonly load: {
    readonly signature: Signature;
    readonly loadMs: number;
    readonly batchable: boolean;
    readonly placement: Placement;
    /** Median milliseconds of a run of one row. */
    readonly runMs: number;
    /** What the process has grown by for it, but at least the size of the file. */
    readonly memoryBytes: number;
  };
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

/** Undefined for a line that is no message: the version may have written over whatever is in its process. */
export function messageOfTrial(line: string): FromTrial | undefined {
  let message: Partial<FromTrial> | null;
  try {
    message = JSON.parse(line) as Partial<FromTrial> | null;
  } catch {
    return undefined;
  }
  const type = message?.type;
  return type === 'answer' || type === 'failed' || type === 'memory' ? (message as FromTrial) : undefined;
}

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
