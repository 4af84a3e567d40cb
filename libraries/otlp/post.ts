/** One request to a collector, and what its answer means. */
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { SignalSettings } from './settings.ts';

export type Posted =
  /** Save for so many items, which the collector does not want. */
  | { readonly type: 'taken'; readonly rejected: number }
  /** It may be taken later; after so many milliseconds, where the collector says. */
  | { readonly type: 'again'; readonly why: string; readonly afterMs?: number }
  /** It will never be taken. */
  | { readonly type: 'refused'; readonly why: string };

/** By the specification of OTLP: all other errors are for ever. */
const passing = new Set([429, 502, 503, 504]);
const compress = promisify(gzip);
/** Of an answer nobody reads more. */
const mostRead = 64 * 1024;

/** Never rejects. */
export async function post(
  { url, headers, isCompressed, timeoutMs }: SignalSettings,
  contentType: string,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<Posted> {
  const body = isCompressed ? await compress(bytes) : bytes;
  const all = {
    ...headers,
    'content-type': contentType,
    'content-length': String(body.length),
    'user-agent': 'switchyard-otlp',
    ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
  };
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? secureRequest : plainRequest;
    const asked = send(url, { method: 'POST', headers: all, signal, timeout: timeoutMs }, (answer) => {
      let said = Buffer.alloc(0);
      answer.on('data', (piece: Buffer) => {
        said = Buffer.concat([said, piece]);
        if (said.length > mostRead) answer.destroy();
      });
      answer.on('error', () => {});
      answer.on('close', () => {
        const { statusCode = 0, headers } = answer;
        resolve(meaningOf(statusCode, headers['retry-after'], rejectedIn(said, headers['content-type'])));
      });
    });
    // The whole, not only a silence of it.
    const late = setTimeout(() => asked.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    late.unref();
    asked.on('socket', (socket) => socket.unref());
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    asked.on('close', () => clearTimeout(late));
    asked.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ type: 'again', why: error.code ?? error.message }),
    );
    asked.end(body);
  });
}

function meaningOf(status: number, retryAfter: string | undefined, rejected: number): Posted {
  if (status >= 200 && status < 300) return { type: 'taken', rejected };
  const why = `the collector answers ${status}`;
  if (!passing.has(status)) return { type: 'refused', why };
  const seconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined;
  return { type: 'again', why, ...(seconds === undefined ? {} : { afterMs: seconds * 1000 }) };
}

/** Of a partial success; what cannot be read says nothing of it. */
function rejectedIn(said: Buffer, contentType = ''): number {
  try {
    if (contentType.startsWith('application/json')) {
      const { partialSuccess = {} } = JSON.parse(said.toString('utf8')) as {
        readonly partialSuccess?: Readonly<Record<string, unknown>>;
      };
      const { rejectedSpans, rejectedDataPoints } = partialSuccess;
      return Number(rejectedSpans ?? rejectedDataPoints ?? 0) || 0;
    }
    const whole = new BinaryReader(said);
    while (whole.pos < whole.len) {
      const [number, type] = whole.tag();
      if (number !== 1 || type !== WireType.LengthDelimited) whole.skip(type);
      else {
        const partial = new BinaryReader(whole.bytes());
        while (partial.pos < partial.len) {
          const [inner, wire] = partial.tag();
          if (inner === 1 && wire === WireType.Varint) return Number(partial.int64());
          partial.skip(wire);
        }
      }
    }
  } catch {
    // Not what OTLP says, and no reason to take it for a refusal.
  }
  return 0;
}
