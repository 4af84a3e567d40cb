import type { TraceContext } from './trace-context.ts';

/** Whether a span of this trace is recorded. `parent` is what the caller decided, where it said. */
export type Sampler = (traceId: string, parent: TraceContext | undefined) => boolean;

/** The samplers of `OTEL_TRACES_SAMPLER`. */
export const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof samplerNames)[number];

export function samplerFrom(name: SamplerName, ratio: number): Sampler {
  if (name.startsWith('parentbased_')) {
    const root = samplerFrom(name.slice('parentbased_'.length) as SamplerName, ratio);
    return (traceId, parent) => parent?.isSampled ?? root(traceId, undefined);
  }
  if (name === 'always_on') return () => true;
  if (name === 'always_off') return () => false;
  return (traceId) => isWithin(traceId, ratio);
}

/** Everyone who sees a trace decides alike: by its last 56 bits, of which a number holds the first 52. */
function isWithin(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(18, 31), 16) >= (1 - ratio) * 2 ** 52;
}
