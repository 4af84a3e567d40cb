/** What the process and the worker thread of a version say to each other. */
import type { Example, Signature } from '../../../../core/capabilities/serving-runtime.ts';
import type { Placement, SessionSettings } from '../interface/routing-table.ts';
import type { TensorInterface } from '../protocol/model-interface.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { WorkerPriority } from './thread-priority.ts';

/** What a thread is started with. */
export interface ThreadData {
  readonly path: string;
  readonly digest: string;
  readonly signature: Signature;
  readonly examples: readonly Example[];
  readonly placement: Placement | 'auto';
  readonly session?: SessionSettings | undefined;
  /** `low` where absent. */
  readonly priority?: WorkerPriority;
  /** What was found before: then it is not tried anew, but loaded and run once. */
  readonly known?: Known | undefined;
}

export interface Known {
  readonly batchable: boolean;
  readonly runMs: number;
}

/** What the trial in the thread found. */
export interface TrialResult {
  readonly inputs: readonly TensorInterface[];
  readonly outputs: readonly TensorInterface[];
  readonly batchable: boolean;
  /** Median milliseconds of a run of one row. */
  readonly runMs: number;
  readonly placement: Placement;
  /** What the process has grown by while its session was made and tried, but at least the size of the file. */
  readonly memoryBytes: number;
}

export type ToThread =
  | { readonly type: 'run'; readonly id: number; readonly inputs: readonly Tensor[] }
  /** Ends the thread once what came before is done. */
  | { readonly type: 'close' };

export type FromThread =
  /** With the bytes that were checked, where the process is to make a session of them itself. */
  | ({ readonly type: 'ready'; readonly bytes?: Uint8Array<ArrayBuffer> } & TrialResult)
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | { readonly type: 'outputs'; readonly id: number; readonly outputs: readonly Tensor[] }
  | { readonly type: 'error'; readonly id: number; readonly message: string };

/** The memory of tensors that may be handed over for good: never a view of memory that someone else uses. */
export function transferable(tensors: readonly Tensor[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of tensors) {
    if (!Array.isArray(data) && data.byteLength === data.buffer.byteLength)
      buffers.add(data.buffer as ArrayBuffer);
  }
  return [...buffers];
}
