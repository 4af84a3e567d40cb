/** How errors are told over gRPC: https://grpc.io/docs/guides/status-codes. */
import { status as codes, Metadata, type StatusObject } from '@grpc/grpc-js';
import type { InferenceError } from '../errors.ts';

const byStatus: Readonly<Record<number, number>> = {
  400: codes.INVALID_ARGUMENT,
  404: codes.NOT_FOUND,
  405: codes.UNIMPLEMENTED,
  406: codes.FAILED_PRECONDITION,
  409: codes.FAILED_PRECONDITION,
  413: codes.RESOURCE_EXHAUSTED,
  415: codes.INVALID_ARGUMENT,
  429: codes.RESOURCE_EXHAUSTED,
  503: codes.UNAVAILABLE,
  504: codes.DEADLINE_EXCEEDED,
};

/** Names in messages come from clients, and trailers that no client takes would hold up the whole connection. */
const longestDetails = 1_000;

/** The status of an error, with its code, its hint and when to come again among the trailers. */
export function statusOf(error: InferenceError, facts: readonly string[] = []): StatusObject {
  const metadata = metadataOf(facts);
  metadata.set('switchyard-code', error.code);
  if (error.hint !== undefined) metadata.set('switchyard-hint-bin', Buffer.from(error.hint));
  // What gRPC clients read to wait before they try again: milliseconds.
  if (error.retryAfter !== undefined) metadata.set('grpc-retry-pushback-ms', String(error.retryAfter * 1000));
  const details = error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;
  return { code: byStatus[error.status] ?? codes.INTERNAL, details: shortened(details), metadata };
}

function shortened(details: string): string {
  const text = details.length <= longestDetails ? details : `${details.slice(0, longestDetails)}…`;
  // Half a character, which a name that was cut ends with, has no form on the wire: it becomes a replacement character.
  return Buffer.from(text).toString();
}

/** Names and values in turn, as metadata. */
export function metadataOf(facts: readonly string[]): Metadata {
  const metadata = new Metadata();
  for (let index = 0; index + 1 < facts.length; index += 2) metadata.set(facts[index]!, facts[index + 1]!);
  return metadata;
}
