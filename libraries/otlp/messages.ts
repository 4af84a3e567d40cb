/** The messages of OTLP 1.x, each written as JSON or as Protocol Buffers. https://opentelemetry.io/docs/specs/otlp/ */
import type { Metric } from './metric.ts';
import type { Attributes, Span } from './span.ts';
import { type Encoding, type Fields, field } from './wire.ts';

/** Who speaks. */
export interface Sender {
  /** Of the process: `service.name`, … */
  readonly resource: Attributes;
  readonly scope: { readonly name: string; readonly version: string };
}

export interface Signal<Item> {
  /** Behind the endpoint: `v1/traces`. */
  readonly path: string;
  readonly fieldsOf: (item: Item) => Fields;
  readonly names: { readonly outer: string; readonly scoped: string; readonly items: string };
}

export const traces: Signal<Span> = {
  path: 'v1/traces',
  fieldsOf: spanOf,
  names: { outer: 'resourceSpans', scoped: 'scopeSpans', items: 'spans' },
};

export const metrics: Signal<Metric> = {
  path: 'v1/metrics',
  fieldsOf: metricOf,
  names: { outer: 'resourceMetrics', scoped: 'scopeMetrics', items: 'metrics' },
};

/** A whole request, of items that were written one by one. */
export function request<Written>(
  encoding: Encoding<Written>,
  { names }: Signal<never>,
  sender: Sender,
  items: readonly Written[],
): Uint8Array {
  const scoped = encoding.around([field.message(1, 'scope', scopeOf(sender))], 2, names.items, items);
  const resource = [field.messages(1, 'attributes', attributesOf(sender.resource))];
  const outer = encoding.around([field.message(1, 'resource', resource)], 2, names.scoped, [scoped]);
  return encoding.bytes(encoding.around([], 1, names.outer, [outer]));
}

function scopeOf({ scope }: Sender): Fields {
  return [field.text(1, 'name', scope.name), field.text(2, 'version', scope.version)];
}

const kinds = { internal: 1, server: 2 } as const;
const failed = 2;
/** Of `flags`: that the parent's remoteness is known, and that it is remote. */
const knowsRemote = 0x100;
const isRemote = 0x200;

function spanOf(span: Span): Fields {
  const { parentSpanId, isParentRemote, traceState, links = [], error } = span;
  const flags = 1 | knowsRemote | (isParentRemote === true ? isRemote : 0);
  return [
    field.id(1, 'traceId', span.traceId),
    field.id(2, 'spanId', span.spanId),
    ...(traceState === undefined ? [] : [field.text(3, 'traceState', traceState)]),
    ...(parentSpanId === undefined ? [] : [field.id(4, 'parentSpanId', parentSpanId)]),
    field.text(5, 'name', span.name),
    field.enumeration(6, 'kind', kinds[span.kind]),
    field.time(7, 'startTimeUnixNano', span.start),
    field.time(8, 'endTimeUnixNano', span.end),
    field.messages(9, 'attributes', attributesOf(span.attributes)),
    field.messages(
      13,
      'links',
      links.map((link) => [field.id(1, 'traceId', link.traceId), field.id(2, 'spanId', link.spanId)]),
    ),
    ...(error === undefined
      ? []
      : [
          field.message(15, 'status', [
            field.text(2, 'message', error),
            field.enumeration(3, 'code', failed),
          ]),
        ]),
    field.fixed32(16, 'flags', flags),
  ];
}

const cumulative = 2;

function metricOf(metric: Metric): Fields {
  const about = [
    field.text(1, 'name', metric.name),
    field.text(2, 'description', metric.description),
    field.text(3, 'unit', metric.unit),
  ];
  switch (metric.type) {
    case 'gauge':
      return [
        ...about,
        field.message(5, 'gauge', [field.messages(1, 'dataPoints', numbersOf(metric.points))]),
      ];
    case 'sum':
      return [
        ...about,
        field.message(7, 'sum', [
          field.messages(1, 'dataPoints', numbersOf(metric.points)),
          field.enumeration(2, 'aggregationTemporality', cumulative),
          field.flag(3, 'isMonotonic', true),
        ]),
      ];
    case 'histogram':
      return [
        ...about,
        field.message(9, 'histogram', [
          field.messages(
            1,
            'dataPoints',
            metric.points.map(({ attributes, start, time, count, sum, bounds, counts }) => [
              field.time(2, 'startTimeUnixNano', start),
              field.time(3, 'timeUnixNano', time),
              field.count(4, 'count', count),
              field.double(5, 'sum', sum),
              field.counts(6, 'bucketCounts', counts),
              field.doubles(7, 'explicitBounds', bounds),
              field.messages(9, 'attributes', attributesOf(attributes)),
            ]),
          ),
          field.enumeration(2, 'aggregationTemporality', cumulative),
        ]),
      ];
  }
}

function numbersOf(points: Extract<Metric, { type: 'sum' | 'gauge' }>['points']): readonly Fields[] {
  return points.map(({ attributes, start, time, value }) => [
    field.time(2, 'startTimeUnixNano', start),
    field.time(3, 'timeUnixNano', time),
    field.double(4, 'asDouble', value),
    field.messages(7, 'attributes', attributesOf(attributes)),
  ]);
}

function attributesOf(attributes: Attributes): readonly Fields[] {
  return Object.entries(attributes).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [[field.text(1, 'key', key), field.message(2, 'value', [anyValue(value)])]];
  });
}

function anyValue(value: string | number | boolean): Fields[number] {
  if (typeof value === 'string') return field.text(1, 'stringValue', value);
  if (typeof value === 'boolean') return field.flag(2, 'boolValue', value);
  return Number.isSafeInteger(value)
    ? field.integer(3, 'intValue', value)
    : field.double(4, 'doubleValue', value);
}
