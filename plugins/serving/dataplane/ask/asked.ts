/** One request for an inference, in whatever protocol it came. */
import type { InferenceError } from '../errors/inference-error.ts';
import type { BodyLimits, HeldBody } from '../http/body.ts';
import type { RequestFacts } from '../http/request-facts.ts';
import type { Turn } from '../lane/turn.ts';
import type { InferenceRequest } from '../protocol/inference-request.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { RoutedVersion } from '../route/route.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** What is asked; the version is undefined where weights and rules choose it. */
export interface InferenceTarget {
  readonly environment: string | undefined;
  readonly model: string;
  readonly version: string | undefined;
}

export interface Asked extends RequestFacts, InferenceTarget {
  /** Whether it is known who is asked before the body has come. */
  readonly isNamed: boolean;
  /** When it is to be served; its `leave` is called where nobody waits for the answer any more. */
  readonly turn: Turn;
  /** Whether an answer was given, or nobody is left to take one. */
  readonly isAnswered: boolean;
  /**
   * The body, where it is at hand; undefined: read it then. Call it first, and while the request is handed over: the bytes
   * may be lent until that returns. Throws `BodyTooLarge` or `ServerBusy`, or what is wrong with the request before its body.
   */
  lentBody(limits: BodyLimits): HeldBody | undefined;
  /** The body within the limits. Rejects with `BodyTooLarge`, `ServerBusy` or `ClientGone`. */
  readBody(limits: BodyLimits): Promise<HeldBody>;
  /** Reads the body for a model; shadows may have another than the version that answers. Throws `InvalidRequest` or `InvalidTensor`. */
  read(body: Buffer, model: ModelInterface): InferenceRequest;
  /** Answers, and tells `facts` and those of the version: names and values in turn. Throws where the protocol cannot say what the model gave. */
  answer(
    version: RoutedVersion,
    request: InferenceRequest,
    outputs: readonly Tensor[],
    facts: string[],
  ): void;
  /** Answers with an error; one that is not ours is not told. */
  refuse(thrown: unknown, facts: readonly string[]): InferenceError;
}
