export { type Exporter, type ExporterCounts, type ExporterOptions, openExporter } from './exporter.ts';
export { metricsFromExposition, SeriesStarts } from './exposition.ts';
export { metrics, type Sender, traces } from './messages.ts';
export type { Metric } from './metric.ts';
export { processResource } from './process-resource.ts';
export { type Sampler, samplerFrom } from './sampler.ts';
export { OtlpSettingError, type OtlpSettings, type SignalSettings, settingsFrom } from './settings.ts';
export { type Attributes, newSpanId, newTraceId, type Span, type SpanLink } from './span.ts';
export { formatTraceparent, parseTraceparent, type TraceContext } from './trace-context.ts';
