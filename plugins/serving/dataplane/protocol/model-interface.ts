import type { Datatype } from '../tensor/datatypes.ts';

/** An input or output as the loaded model has it, narrowed by the manifest's signature. */
export interface TensorInterface {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1 is a dimension that varies. */
  readonly shape: readonly number[];
  /** Of an input: names of its values of a row, where the signature has them. */
  readonly columns?: readonly string[];
  /** Of an output: names of classes, where the signature has them. */
  readonly classes?: readonly string[];
}

/** What a loaded model takes and gives. A request is checked against it before it is queued. */
export interface ModelInterface {
  readonly inputs: readonly TensorInterface[];
  readonly outputs: readonly TensorInterface[];
  /** Whether rows of several requests may share a run: axis 0 varies everywhere, and a trial gave the same answers. */
  readonly batchable: boolean;
}
