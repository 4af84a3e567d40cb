/** An inference that is asked for over REST. */
import type { Asked } from '../ask/asked.ts';
import type { InferenceError } from '../errors.ts';
import type { InferenceRequest } from '../protocol/inference-request.ts';
import { encodeInferenceResponse } from '../protocol/inference-response.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import { readInferenceRequest } from '../protocol/request-reader.ts';
import type { RoutedVersion } from '../route/route.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { sendError, sendInference } from './answer.ts';
import type { BodyLimits, HeldBody } from './body.ts';
import { jsonLengthOf } from './content-type.ts';
import type { Exchange } from './exchange.ts';

export interface InferenceTarget {
  readonly environment: string | undefined;
  readonly model: string;
  readonly version: string | undefined;
}

export class RestInference implements Asked {
  readonly environment: string | undefined;
  readonly model: string;
  readonly version: string | undefined;
  readonly headers: Exchange['headers'];
  readonly url: string;
  readonly #exchange: Exchange;
  #jsonLength: number | undefined;

  constructor({ environment, model, version }: InferenceTarget, exchange: Exchange) {
    this.environment = environment;
    this.model = model;
    this.version = version;
    this.headers = exchange.headers;
    this.url = exchange.url;
    this.#exchange = exchange;
  }

  get isAnswered(): boolean {
    return this.#exchange.isAnswered;
  }

  readBody(limits: BodyLimits): Promise<HeldBody> {
    this.#jsonLength = jsonLengthOf(this.headers);
    return this.#exchange.readBody(limits);
  }

  read(body: Buffer, model: ModelInterface): InferenceRequest {
    return readInferenceRequest(body, this.#jsonLength, model);
  }

  answer(
    { template, lane }: RoutedVersion,
    request: InferenceRequest,
    outputs: readonly Tensor[],
    facts: string[],
  ): void {
    const encoded = encodeInferenceResponse(template, lane.held.model!, request, outputs);
    sendInference(this.#exchange, encoded, facts);
  }

  refuse(thrown: unknown, facts: readonly string[]): InferenceError {
    return sendError(this.#exchange, thrown, facts);
  }
}
