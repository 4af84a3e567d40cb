/** An inference that is asked for over REST. */
import type { Asked } from '../ask/asked.ts';
import type { BodyLimits, HeldBody } from '../http/body.ts';
import { lentBody, readBody } from '../http/whole-body.ts';
import type { InferenceRequest } from '../protocol/inference-request.ts';
import { encodeInferenceResponse } from '../protocol/inference-response.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import { readInferenceRequest } from '../protocol/request-reader.ts';
import type { RoutedVersion } from '../route/route.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { inferenceHeaders, sendInference } from './answer.ts';
import { jsonLengthOf } from './content-type.ts';
import { refuseAsync } from './jobs.ts';
import { RestAsked } from './rest-asked.ts';

export class RestInference extends RestAsked implements Asked {
  #jsonLength: number | undefined;

  lentBody(limits: BodyLimits): HeldBody | undefined {
    refuseAsync(this.exchange.url);
    this.#jsonLength = jsonLengthOf(this.headers);
    return lentBody(this.exchange, limits);
  }

  readBody({ bodyLimit, bodyBudget }: BodyLimits): Promise<HeldBody> {
    return readBody(this.exchange, { bodyLimit, bodyBudget, alignedAt: this.#jsonLength });
  }

  read(body: Buffer, model: ModelInterface): InferenceRequest {
    return readInferenceRequest(body, this.#jsonLength, model);
  }

  answer(
    version: RoutedVersion,
    request: InferenceRequest,
    outputs: readonly Tensor[],
    facts: string[],
  ): void {
    const { template, lane } = version;
    const encoded = encodeInferenceResponse(template, lane.held.model!, request, outputs);
    sendInference(this.exchange, encoded, facts, inferenceHeaders(version));
  }
}
