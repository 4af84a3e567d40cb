import { randomFillSync } from 'node:crypto';

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
}

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** Whether its parent is in another process. */
  readonly isParentRemote?: boolean;
  readonly traceState?: string;
  readonly name: string;
  readonly kind: 'internal' | 'server';
  /** Milliseconds since 1970, with fractions. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  readonly links?: readonly SpanLink[];
  /** What went wrong, where something did. */
  readonly error?: string;
}

const pool = Buffer.alloc(4096);
let used = pool.length;

function random(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

export function newTraceId(): string {
  const id = random(16);
  return /^0+$/.test(id) ? newTraceId() : id;
}

export function newSpanId(): string {
  const id = random(8);
  return /^0+$/.test(id) ? newSpanId() : id;
}
