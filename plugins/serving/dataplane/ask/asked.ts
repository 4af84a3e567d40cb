/** One request for an inference, in whatever protocol it came. */
import type { InferenceError } from '../errors.ts';
import type { BodyLimits, HeldBody } from '../http/body.ts';
import type { InferenceRequest } from '../protocol/inference-request.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { RequestFacts } from '../route/request-facts.ts';
import type { RoutedVersion } from '../route/route.ts';
import type { Tensor } from '../tensor/tensor.ts';

export interface Asked extends RequestFacts {
  readonly environment: string | undefined;
  readonly model: string;
  readonly version: string | undefined;
  /** Whether an answer was given, or nobody is left to take one. */
  readonly isAnswered: boolean;
  /**
   * The body within the limits; call it in the turn of the event loop in which the request came. Throws or rejects with `BodyTooLarge` or
   * `ServerBusy`, with what is wrong with the request before its body, or with `ClientGone`.
   */
  readBody(limits: BodyLimits): Promise<HeldBody>;
  /** Reads the body for a model; shadows may have another than the version that answers. Throws `InvalidRequest` or `InvalidTensor`. */
  read(body: Buffer, model: ModelInterface): InferenceRequest;
  /** Answers. `facts` are names and values in turn. Throws where the protocol cannot say what the model gave. */
  answer(
    version: RoutedVersion,
    request: InferenceRequest,
    outputs: readonly Tensor[],
    facts: string[],
  ): void;
  /** Answers with an error; one that is not ours is not told. */
  refuse(thrown: unknown, facts: readonly string[]): InferenceError;
}
