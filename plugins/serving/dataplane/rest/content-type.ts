import type { IncomingHttpHeaders } from 'node:http';
import { invalidRequest } from '../errors/request-errors.ts';
import { unsupportedMediaType } from '../errors/transport-errors.ts';
import { isInflatable } from '../http/inflate.ts';
import { encodingOf } from '../http/whole-body.ts';

const json = 'application/json';
const binary = 'application/octet-stream';

/**
 * How many bytes of JSON the body begins with, where binary tensors may follow; undefined where all of it is JSON.
 * Throws `UnsupportedMediaType` or `InvalidRequest`.
 */
export function jsonLengthOf(headers: IncomingHttpHeaders): number | undefined {
  const encoding = encodingOf({ headers });
  if (encoding !== undefined && !isInflatable(encoding)) {
    throw unsupportedMediaType(
      `the content encoding ${encoding.slice(0, 40)} is not understood`,
      'Send the body as it is, or with gzip, deflate or br.',
    );
  }
  const announced = headers['inference-header-content-length'];
  const type = headers['content-type'];
  const essence = type === undefined || type === json || type === binary ? type : essenceOf(type);
  if (essence !== undefined && essence !== json && essence !== binary) {
    throw unsupportedMediaType(`the content type ${essence.slice(0, 80)} is not understood`, `Send ${json}.`);
  }
  if (essence === binary && announced === undefined) {
    throw unsupportedMediaType(
      'a binary body needs the Inference-Header-Content-Length header',
      'The body begins with a JSON object of that many bytes; the tensors follow it.',
    );
  }
  if (announced === undefined) return undefined;
  if (typeof announced !== 'string' || !/^\d{1,15}$/.test(announced)) {
    throw invalidRequest('Inference-Header-Content-Length must be a whole number of bytes');
  }
  return Number(announced);
}

/** `application/json` of `Application/JSON; charset=utf-8`. */
function essenceOf(type: string): string {
  return type.split(';', 1)[0]!.trim().toLowerCase();
}
