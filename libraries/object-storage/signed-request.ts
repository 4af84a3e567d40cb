/** One request to the storage, signed (AWS Signature Version 4). */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AwsV4Signer } from 'aws4fetch';
import { errorIn, ObjectStorageError, unreachable } from './error.ts';

export interface BucketPlace {
  /** `https://s3.eu-central-1.amazonaws.com`, without the bucket. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** Whether the bucket stands in the path (`endpoint/bucket/key`) or before the host (`bucket.endpoint/key`). */
  readonly pathStyle: boolean;
}

export interface Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

export interface Asked {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly stream: () => Readable; readonly bytes: number; readonly sha256: string };
}

/** SHA-256 of nothing. */
const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const longestError = 16 * 1024;

/**
 * Resolves with an answer of success, whose body is to be read. Without credentials nothing is signed, as for a bucket that
 * anybody may read. Rejects with `ObjectStorageError`.
 */
export async function signedRequest(
  place: BucketPlace,
  credentials: Credentials | undefined,
  asked: Asked,
  { idleMs, signal }: { readonly idleMs: number; readonly signal?: AbortSignal },
): Promise<IncomingMessage> {
  const { method, key, query = {}, headers = {}, body } = asked;
  const url = urlOf(place, key, query);
  const all =
    credentials === undefined ? { ...headers } : await signedHeaders(url, place.region, credentials, asked);
  if (body !== undefined) all['content-length'] = String(body.bytes);
  const answer = await sent(new URL(url), { method, headers: all, body: body?.stream(), idleMs, signal });
  const { statusCode = 0 } = answer;
  if (statusCode >= 200 && statusCode < 300) return answer;
  throw errorIn(statusCode, await beginningOf(answer).catch(() => ''), answer.headers);
}

async function signedHeaders(
  url: string,
  region: string,
  { accessKey, secretKey, sessionToken }: Credentials,
  { method, headers = {}, body }: Asked,
): Promise<Record<string, string>> {
  const signer = new AwsV4Signer({
    method,
    url,
    headers: { ...headers, 'x-amz-content-sha256': body?.sha256 ?? nothing },
    accessKeyId: accessKey,
    secretAccessKey: secretKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    service: 's3',
    region,
  });
  const signed = await signer.sign();
  return Object.fromEntries(signed.headers);
}

export function urlOf(
  { endpoint, bucket, pathStyle }: BucketPlace,
  key: string,
  query: Asked['query'] = {},
): string {
  const url = new URL(endpoint);
  const path = key.split('/').map(encodeURIComponent).join('/');
  if (pathStyle)
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${bucket}${path === '' ? '' : `/${path}`}`;
  else {
    url.hostname = `${bucket}.${url.hostname}`;
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`;
  }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  // As the signature spells it.
  url.search = url.search.replaceAll('+', '%20');
  return url.href;
}

interface Sent {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable | undefined;
  /** How long nothing may happen. */
  readonly idleMs: number;
  readonly signal: AbortSignal | undefined;
}

async function sent(url: URL, { method, headers, body, idleMs, signal }: Sent): Promise<IncomingMessage> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send(url, { method, headers, signal, timeout: idleMs });
  request.on('timeout', () => request.destroy(silence(idleMs)));
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  if (body === undefined) request.end();
  // An answer may come before all is sent, and says more than that the rest was not taken.
  else pipeline(body, request).catch((error: Error) => request.destroy(error));
  try {
    return await answered;
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    throw error instanceof ObjectStorageError ? error : unreachable(error, url.host);
  } finally {
    body?.once('error', () => {});
  }
}

function silence(ms: number): Error {
  return Object.assign(new Error(`nothing came for ${ms} ms`), { code: 'ETIMEDOUT' });
}

async function beginningOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of answer) {
    pieces.push(piece as Buffer);
    bytes += (piece as Buffer).length;
    if (bytes > longestError) break;
  }
  return Buffer.concat(pieces).toString('utf8');
}
