/** Predictions of rows by name, asked for over REST. They go the way of every inference. */
import type { Asked } from '../ask/asked.ts';
import { unsupportedMediaType } from '../errors/transport-errors.ts';
import type { BodyLimits, HeldBody } from '../http/body.ts';
import type { Exchange } from '../http/exchange.ts';
import { lentBody, readBody } from '../http/whole-body.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import { type RowsRequest, readRowsRequest } from '../protocol/rows-request.ts';
import { encodeRowsResponse } from '../protocol/rows-response.ts';
import type { RoutedVersion } from '../route/route.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { inferenceHeaders, sendInference } from './answer.ts';
import { jsonLengthOf } from './content-type.ts';
import { RestAsked } from './rest-asked.ts';

/** Bytes of one request: rows become objects before they are tensors, on the event loop that all models share. */
const rowsBodyLimit = 8 * 1024 * 1024;

export class RestRows extends RestAsked implements Asked {
  lentBody(limits: BodyLimits): HeldBody | undefined {
    requireJson(this.headers);
    return lentBody(this.exchange, rowsLimits(limits));
  }

  readBody(limits: BodyLimits): Promise<HeldBody> {
    return readBody(this.exchange, rowsLimits(limits));
  }

  read(body: Buffer, model: ModelInterface): RowsRequest {
    return readRowsRequest(body, model);
  }

  answer(version: RoutedVersion, request: RowsRequest, outputs: readonly Tensor[], facts: string[]): void {
    const json = encodeRowsResponse(version.template, version.lane.held.model!, request, outputs);
    const encoded = { json, isAscii: false, binary: undefined };
    sendInference(this.exchange, encoded, facts, inferenceHeaders(version));
  }
}

export function rowsLimits({ bodyLimit, bodyBudget }: BodyLimits): BodyLimits {
  return { bodyLimit: Math.min(bodyLimit, rowsBodyLimit), bodyBudget };
}

/** Throws `UnsupportedMediaType`. */
export function requireJson(headers: Exchange['headers']): void {
  if (jsonLengthOf(headers) !== undefined)
    throw unsupportedMediaType('rows are sent as JSON alone', 'Send binary tensors to …/infer.');
}
