import {
  formatTraceparent,
  newSpanId,
  newTraceId,
  parseTraceparent,
  type Sampler,
  type TraceContext,
} from '../../../../libraries/otlp/index.ts';
import type { RequestFacts } from '../http/request-facts.ts';
import type { LaneTrace, TracedRun } from '../lane/traced-run.ts';

/** What a request went through, while it is answered; spans are made of it afterwards. */
export class RequestTrace implements LaneTrace {
  /** Of the request's own span. */
  readonly context: TraceContext;
  /** What the caller sent. */
  readonly parent: TraceContext | undefined;
  /** Milliseconds since 1970, and of the clock that all durations are taken by. */
  readonly began = { wall: Date.now(), clock: performance.now() };
  /** When its body was read and understood; 0 before. */
  queued = 0;
  readonly runs: TracedRun[] = [];

  constructor(request: RequestFacts, sampler: Sampler) {
    const { traceparent, tracestate } = request.headers;
    this.parent = parseTraceparent(traceparent, tracestate);
    const traceId = this.parent?.traceId ?? newTraceId();
    this.context = { traceId, spanId: newSpanId(), isSampled: sampler(traceId, this.parent) };
  }

  /** As others are told of it: `traceparent`. */
  get header(): string {
    return formatTraceparent(this.context);
  }

  /** For a lane to write down; undefined where nobody will ask. */
  get lane(): LaneTrace | undefined {
    return this.context.isSampled ? this : undefined;
  }

  took(run: TracedRun): void {
    this.runs.push(run);
  }
}
