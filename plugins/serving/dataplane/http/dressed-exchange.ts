/** What the operator asks for around answers: origins of other pages that may read them, and large ones compressed. */
import { brotliCompress, constants, gzip } from 'node:zlib';
import { type Answer, type Exchange, type ExchangeHandler, lengthOf } from './exchange.ts';
import { ForwardedExchange } from './forwarded-exchange.ts';

export interface Dress {
  /** Origins whose pages may ask and read answers; `*` for all. */
  readonly corsOrigins: readonly string[];
  /** Bytes from which on answers are compressed for those who take it; undefined: none is. */
  readonly compressFrom?: number | undefined;
}

/** How long a browser need not ask again, seconds. */
const preflightSeconds = 600;
/** All that answers say beside what browsers let pages read anyway. */
const readable = [
  ...['idempotent-replayed', 'inference-header-content-length', 'location', 'retry-after'],
  ...['switchyard-cache', 'switchyard-commit', 'switchyard-deployment', 'switchyard-idempotency'],
  ...['switchyard-model-version', 'switchyard-prediction-id', 'switchyard-processes', 'switchyard-variant'],
  'traceresponse',
].join(', ');

/** The same handler, where nothing is asked for. */
export function dressed(handler: ExchangeHandler, dress: Dress): ExchangeHandler {
  if (dress.corsOrigins.length === 0 && dress.compressFrom === undefined) return handler;
  return (exchange) => {
    const { origin, 'accept-encoding': accepted } = exchange.headers;
    if (origin === undefined && accepted === undefined) {
      handler(exchange);
      return;
    }
    const allowed = origin === undefined ? undefined : allowedOrigin(origin, dress.corsOrigins);
    if (allowed !== undefined && isPreflight(exchange)) answerPreflight(exchange, allowed);
    else handler(new DressedExchange(exchange, dress, allowed));
  };
}

/** What a header is to say of it; undefined where its pages may not. */
function allowedOrigin(origin: string, origins: readonly string[]): string | undefined {
  if (origins.includes('*')) return '*';
  return origins.includes(origin) ? origin : undefined;
}

function isPreflight({ method, headers }: Exchange): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function answerPreflight(exchange: Exchange, allowed: string): void {
  const asked = exchange.headers['access-control-request-headers'];
  const headers = [
    ...['access-control-allow-origin', allowed, 'vary', 'origin, access-control-request-headers'],
    ...['access-control-allow-methods', 'GET, HEAD, POST, DELETE'],
    ...['access-control-max-age', String(preflightSeconds)],
  ];
  // No cookie and no credential goes with such a request, so any header may.
  if (typeof asked === 'string' && /^[\w\-, ]{1,2000}$/.test(asked))
    headers.push('access-control-allow-headers', asked);
  exchange.answer({ status: 200, headers, text: '', textLength: 0 });
}

class DressedExchange extends ForwardedExchange {
  readonly #dress: Dress;
  readonly #allowed: string | undefined;
  #isCompressing = false;

  constructor(exchange: Exchange, dress: Dress, allowed: string | undefined) {
    super(exchange);
    this.#dress = dress;
    this.#allowed = allowed;
  }

  override get isAnswered(): boolean {
    return this.#isCompressing || this.exchange.isAnswered;
  }

  answer(answer: Answer): void {
    if (this.isAnswered) return;
    const headers = [...answer.headers];
    if (this.#allowed !== undefined) {
      headers.push('access-control-allow-origin', this.#allowed);
      headers.push('access-control-expose-headers', readable);
    }
    const { compressFrom, corsOrigins } = this.#dress;
    const varies = [
      ...(corsOrigins.length > 0 && !corsOrigins.includes('*') ? ['origin'] : []),
      ...(compressFrom === undefined ? [] : ['accept-encoding']),
    ];
    if (varies.length > 0) headers.push('vary', varies.join(', '));
    const whole = { ...answer, headers };
    const length = lengthOf(answer);
    const encoding =
      compressFrom !== undefined && length >= compressFrom
        ? encodingFor(this.headers['accept-encoding'])
        : undefined;
    if (encoding === undefined || this.method === 'HEAD') this.exchange.answer(whole);
    else this.#compress(whole, encoding);
  }

  #compress(answer: Answer, encoding: 'br' | 'gzip'): void {
    this.#isCompressing = true;
    const bytes = Buffer.concat([Buffer.from(answer.text), ...(answer.binary ?? [])]);
    compressors[encoding](bytes, (error, compressed) => {
      // Noise does not become smaller.
      if (error !== null || compressed.length >= bytes.length) this.exchange.answer(answer);
      else {
        const headers = [...answer.headers, 'content-encoding', encoding];
        this.exchange.answer({
          status: answer.status,
          headers,
          text: '',
          textLength: 0,
          binary: [compressed],
        });
      }
    });
  }
}

type Compressor = (bytes: Buffer, done: (error: Error | null, compressed: Buffer) => void) => void;

/** As quick as each gets: more would take longer than it spares on any network of today. */
const compressors: Readonly<Record<'br' | 'gzip', Compressor>> = {
  br: (bytes, done) => brotliCompress(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }, done),
  gzip: (bytes, done) => gzip(bytes, { level: 1 }, done),
};

/** The way that the client likes best, of those that there are; the quicker of two that it likes as well. */
export function encodingFor(accepted: string | readonly string[] | undefined): 'br' | 'gzip' | undefined {
  let best: 'br' | 'gzip' | undefined;
  let most = 0;
  for (const part of String(accepted ?? '').split(',', 20)) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    if (name !== 'br' && name !== 'gzip') continue;
    const quality = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1);
    if (!(quality > most || (quality === most && quality > 0 && name === 'gzip'))) continue;
    most = quality;
    best = name;
  }
  return best;
}
