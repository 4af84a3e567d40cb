import { AsyncLocalStorage } from 'node:async_hooks';
import type { LoadedPlugin } from '../../core/host/plugin-host.ts';
import type { Kernel } from '../../core/kernel-api.ts';
import { codeOf, definePlugin, type Logger, type Outcome, type Ref } from '../../core/plugin.ts';
import {
  type Exporter,
  type Metric,
  metrics,
  metricsFromExposition,
  newSpanId,
  newTraceId,
  openExporter,
  processResource,
  type Sampler,
  SeriesStarts,
  type Span,
  samplerFrom,
  settingsFrom,
  type TraceContext,
  traces,
} from '../../libraries/otlp/index.ts';
import { withoutExemplars } from '../exposition.ts';
import { tracedPlugin } from './traced-plugin.ts';

export interface TelemetryOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly log: Logger;
}

/** Resources whose newest look is remembered, for lines that are written about it afterwards. */
const mostRemembered = 1_000;
const closeMs = 2_000;
/** There are about a hundred metrics; what an older look found is worth nothing once there is a newer one. */
const mostMetrics = 1_000;

/** Traces of what controllers do, and the metrics of the whole platform, sent to a collector. */
export class Telemetry {
  readonly #settings: ReturnType<typeof settingsFrom>;
  readonly #options: TelemetryOptions;
  readonly #looks = new AsyncLocalStorage<TraceContext>();
  readonly #newest = new Map<Ref, TraceContext>();
  readonly #sampler: Sampler;
  readonly #spans: Exporter<Span> | undefined;
  readonly #metrics: Exporter<Metric> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TelemetryOptions, settings: ReturnType<typeof settingsFrom>) {
    const { log, version } = options;
    this.#options = options;
    this.#settings = settings;
    const sender = {
      resource: processResource('switchyard', 'control', version, settings.resource),
      scope: { name: 'switchyard/control', version },
    };
    const trouble = (signal: string) => (why: string | undefined) => {
      if (why === undefined) log.info({ signal }, 'telemetry is sent again');
      else log.warn({ signal, error: why }, 'telemetry cannot be sent; what finds no room is dropped');
    };
    const { traces: tracing, metrics: measuring } = settings;
    this.#sampler = samplerFrom(tracing?.sampler ?? 'always_off', tracing?.ratio ?? 1);
    this.#spans =
      tracing &&
      openExporter<Span>({
        signal: traces,
        settings: tracing,
        sender,
        ...tracing,
        onTrouble: trouble('traces'),
      });
    this.#metrics =
      measuring &&
      openExporter<Metric>({
        ...{ signal: metrics, settings: measuring, sender, onTrouble: trouble('metrics') },
        ...{ mostQueued: mostMetrics, mostInOne: mostMetrics, delayMs: 1 },
      });
  }

  /** The same plugins, and one that shows what was sent. */
  plugins(loaded: readonly LoadedPlugin[]): readonly LoadedPlugin[] {
    if (this.#spans === undefined) return loaded;
    const look = (what: string, ref: Ref, run: () => Promise<Outcome>) => this.#look(what, ref, run);
    const own = definePlugin({
      name: 'telemetry',
      description: 'Sends traces and metrics to a collector of OpenTelemetry.',
      setup: (host) => host.metrics(async () => this.#exposition()),
    });
    return [...loaded.map((plugin) => tracedPlugin(plugin, look)), { definition: own, options: {} }];
  }

  /** What a line of the log says of the trace that it belongs to. */
  lineFacts(facts: object): object {
    const { ref } = facts as { readonly ref?: unknown };
    // The kernel speaks of a look when it is over.
    const context = this.#looks.getStore() ?? this.#newest.get(ref as Ref);
    return context === undefined ? {} : { trace_id: context.traceId, span_id: context.spanId };
  }

  /** Sends what the kernel exposes, from now on. */
  follow(kernel: Pick<Kernel, 'metrics'>): void {
    const exporter = this.#metrics;
    const intervalMs = this.#settings.metrics?.intervalMs;
    if (exporter === undefined || intervalMs === undefined) return;
    const starts = new SeriesStarts(Date.now());
    let isLooking = false;
    this.#timer = setInterval(async () => {
      if (isLooking) return;
      isLooking = true;
      try {
        const page = withoutExemplars(await kernel.metrics());
        for (const metric of metricsFromExposition(page, starts, Date.now())) exporter.add(metric);
      } catch (thrown) {
        this.#options.log.warn({ code: codeOf(thrown) }, 'metrics could not be looked at');
      } finally {
        isLooking = false;
      }
    }, intervalMs).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([this.#spans?.close(closeMs), this.#metrics?.close(closeMs)]);
  }

  async #look(what: string, ref: Ref, run: () => Promise<Outcome>): Promise<Outcome> {
    const traceId = newTraceId();
    const context = { traceId, spanId: newSpanId(), isSampled: this.#sampler(traceId, undefined) };
    this.#remember(ref, context);
    const [start, began] = [Date.now(), performance.now()];
    let result = 'failed';
    let error: string | undefined;
    try {
      const outcome = await this.#looks.run(context, run);
      result = outcome.state;
      return outcome;
    } catch (thrown) {
      error = codeOf(thrown);
      throw thrown;
    } finally {
      const kind = ref.slice(0, ref.indexOf('/'));
      if (context.isSampled)
        this.#spans?.add({
          ...{ traceId, spanId: context.spanId, name: `${what} ${kind}`, kind: 'internal', start },
          end: start + (performance.now() - began),
          attributes: {
            'switchyard.resource.kind': kind,
            'switchyard.resource.ref': ref,
            'switchyard.reconcile.result': result,
            'error.type': error,
          },
          ...(error === undefined ? {} : { error }),
        });
    }
  }

  #remember(ref: Ref, context: TraceContext): void {
    this.#newest.delete(ref);
    this.#newest.set(ref, context);
    if (this.#newest.size > mostRemembered) this.#newest.delete(this.#newest.keys().next().value!);
  }

  #exposition(): string {
    const { sent, dropped } = this.#spans?.counts() ?? { sent: 0, dropped: 0 };
    return `# HELP switchyard_control_spans_sent_total Spans that a collector took.
# TYPE switchyard_control_spans_sent_total counter
switchyard_control_spans_sent_total ${sent}
# HELP switchyard_control_spans_dropped_total Spans that found no room, or that no collector took.
# TYPE switchyard_control_spans_dropped_total counter
switchyard_control_spans_dropped_total ${dropped}
`;
  }
}

/** Undefined where the environment asks for neither traces nor metrics. Throws `OtlpSettingError`. */
export function openTelemetry(options: TelemetryOptions): Telemetry | undefined {
  const settings = settingsFrom(options.environment);
  if (settings.traces === undefined && settings.metrics === undefined) return undefined;
  return new Telemetry(options, settings);
}
