import { describe, expect, it } from 'vitest';
import { formatTraceparent, parseTraceparent, samplerFrom } from '../../../libraries/otlp/index.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('a trace context', () => {
  it('is read as callers write it', () => {
    expect(parseTraceparent(`00-${traceId}-${spanId}-01`, 'vendor=a')).toEqual({
      ...{ traceId, spanId, isSampled: true, state: 'vendor=a' },
    });
    expect(parseTraceparent(`00-${traceId}-${spanId}-00`)).toEqual({ traceId, spanId, isSampled: false });
    expect(parseTraceparent(`00-${traceId}-${spanId}-03`)?.isSampled).toBe(true);
    expect(parseTraceparent(`01-${traceId}-${spanId}-01-what-comes-later`)?.traceId).toBe(traceId);
    expect(parseTraceparent(`00-${traceId}-${spanId}-01`, 'x'.repeat(513))).not.toHaveProperty('state');
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-more`,
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}-0g`,
  ])('is none where it is not as the standard has it: %s', (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  it('is written as it is read', () => {
    for (const isSampled of [true, false]) {
      const context = { traceId, spanId, isSampled };
      expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
    }
  });
});

describe('a sampler', () => {
  const sampled = { traceId, spanId, isSampled: true };
  const not = { ...sampled, isSampled: false };

  it('follows its parent where it is based on it', () => {
    const sampler = samplerFrom('parentbased_always_off', 1);
    expect([sampler(traceId, sampled), sampler(traceId, not), sampler(traceId, undefined)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(samplerFrom('parentbased_always_on', 1)(traceId, not)).toBe(false);
    expect(samplerFrom('always_on', 1)(traceId, not)).toBe(true);
    expect(samplerFrom('always_off', 1)(traceId, sampled)).toBe(false);
  });

  it('decides by the trace alone, for the share that is asked for', () => {
    const ids = Array.from({ length: 4096 }, (_, index) => {
      const spread = ((index * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0');
      return `${traceId.slice(0, 18)}${spread}${traceId.slice(26)}`;
    });
    const share = (ratio: number) =>
      ids.filter((id) => samplerFrom('traceidratio', ratio)(id, undefined)).length;
    expect(share(0)).toBe(0);
    expect(share(1)).toBe(4096);
    expect(share(0.25)).toBeGreaterThan(950);
    expect(share(0.25)).toBeLessThan(1100);
    // What a smaller share takes, a larger one takes, too.
    const few = ids.filter((id) => samplerFrom('traceidratio', 0.1)(id, undefined));
    expect(few.every((id) => samplerFrom('traceidratio', 0.5)(id, undefined))).toBe(true);
  });
});
