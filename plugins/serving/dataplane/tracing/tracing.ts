import {
  type ExporterCounts,
  openExporter,
  processResource,
  type Sampler,
  type Span,
  samplerFrom,
  settingsFrom,
  traces,
} from '../../../../libraries/otlp/index.ts';
import type { RequestFacts } from '../http/request-facts.ts';
import type { Log } from '../log.ts';
import { type Answered, requestSpans } from './request-spans.ts';
import { RequestTrace } from './request-trace.ts';

export interface TracingOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the process. */
  readonly id: string;
  readonly version: string;
  readonly log: Log;
}

/** Traces of requests, sent to a collector. */
export class Tracing {
  readonly #sampler: Sampler;
  readonly #exporter: ReturnType<typeof openExporter<Span>>;

  constructor(sampler: Sampler, exporter: ReturnType<typeof openExporter<Span>>) {
    this.#sampler = sampler;
    this.#exporter = exporter;
  }

  begin(request: RequestFacts): RequestTrace {
    return new RequestTrace(request, this.#sampler);
  }

  /** Once the client has its answer. */
  end(trace: RequestTrace, answered: Answered): void {
    if (!trace.context.isSampled) return;
    const ended = performance.now();
    // After those who are answered by the same run.
    setImmediate(() => {
      for (const span of requestSpans(trace, answered, ended)) this.#exporter.add(span);
    });
  }

  counts(): ExporterCounts {
    return this.#exporter.counts();
  }

  close(timeoutMs: number): Promise<void> {
    return this.#exporter.close(timeoutMs);
  }
}

/** Undefined where the environment asks for no traces. Throws `OtlpSettingError`. */
export function openTracing({ environment, id, version, log }: TracingOptions): Tracing | undefined {
  const { traces: settings, resource } = settingsFrom(environment);
  if (settings === undefined) return undefined;
  const exporter = openExporter<Span>({
    signal: traces,
    settings,
    sender: {
      resource: processResource('switchyard', `inference-${id}`, version, resource),
      scope: { name: 'switchyard/inference', version },
    },
    mostQueued: settings.mostQueued,
    mostInOne: settings.mostInOne,
    delayMs: settings.delayMs,
    onTrouble: (why) => {
      if (why === undefined) log('traces are sent again', {});
      else log('traces cannot be sent; what finds no room is dropped', { error: why }, 'warn');
    },
  });
  return new Tracing(samplerFrom(settings.sampler, settings.ratio), exporter);
}
