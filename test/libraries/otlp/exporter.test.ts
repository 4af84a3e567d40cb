import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Exporter,
  type ExporterOptions,
  metrics,
  metricsFromExposition,
  openExporter,
  SeriesStarts,
  type Span,
  settingsFrom,
  traces,
} from '../../../libraries/otlp/index.ts';
import { OtlpReceiver } from '../../fixtures/otlp-receiver.ts';
import { until } from '../../fixtures/until.ts';

let receiver: OtlpReceiver;
let closing: (() => Promise<void>)[];
beforeEach(async () => {
  receiver = await OtlpReceiver.open();
  closing = [() => receiver.close()];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
});

const sender = {
  resource: { 'service.name': 'switchyard', 'process.pid': 7 },
  scope: { name: 'switchyard', version: '1' },
};
const backOff = { firstMs: 5, longestMs: 20 };

function opened<Item>(
  signal: ExporterOptions<Item>['signal'],
  more: Partial<ExporterOptions<Item>> = {},
  environment: Readonly<Record<string, string>> = {},
): Exporter<Item> {
  const settings = settingsFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...environment });
  const exporter = openExporter({
    ...{ signal, sender, backOff, mostQueued: 2048, mostInOne: 512, delayMs: 5 },
    settings: settings.traces!,
    ...more,
  });
  closing.push(() => exporter.close(0));
  return exporter;
}

const span = (name: string): Span => ({
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  parentSpanId: '00f067aa0ba902b8',
  isParentRemote: true,
  traceState: 'vendor=a',
  name,
  kind: 'server',
  start: 1_700_000_000_000.25,
  end: 1_700_000_000_001.5,
  attributes: { text: 'é', whole: -3, part: 0.5, big: 2 ** 60, yes: true, nothing: undefined },
  links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }],
  error: 'ModelFailed',
});

describe.each(['http/protobuf', 'http/json'])('an exporter of %s', (protocol) => {
  it('sends spans as the official messages have them', async () => {
    const exporter = opened(
      traces,
      {},
      {
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=one',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      },
    );
    for (let index = 0; index < 100; index++) exporter.add(span(`span ${index}`));
    await until(() => exporter.counts().sent === 100);
    expect(receiver.spans).toHaveLength(100);
    expect(receiver.spans[7]).toEqual({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      parentSpanId: '00f067aa0ba902b8',
      traceState: 'vendor=a',
      name: 'span 7',
      kind: 2,
      startTimeUnixNano: '1700000000000250000',
      endTimeUnixNano: '1700000000001500000',
      attributes: { text: 'é', whole: -3, part: 0.5, big: 2 ** 60, yes: true },
      links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }],
      status: { code: 2, message: 'ModelFailed' },
      flags: 0x301,
      resource: { 'service.name': 'switchyard', 'process.pid': 7 },
    });
    expect(receiver.requests[0]).toMatchObject({ path: '/v1/traces', headers: { 'x-tenant': 'one' } });
    expect(exporter.counts()).toEqual({ sent: 100, dropped: 0 });
  });

  it('sends what is exposed to Prometheus, under the same names', async () => {
    const exporter = opened(metrics, {
      settings: settingsFrom({
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      }).metrics!,
    });
    const starts = new SeriesStarts(1000);
    const page = (count: number) => `# HELP switchyard_requests_total Answers.
# TYPE switchyard_requests_total counter
switchyard_requests_total{code="200",path="a\\"b"} ${count}
# TYPE switchyard_up gauge
switchyard_up 1
# HELP switchyard_wait_seconds How long.
# TYPE switchyard_wait_seconds histogram
switchyard_wait_seconds_bucket{kind="x",le="0.1"} 2
switchyard_wait_seconds_bucket{kind="x",le="1"} 5
switchyard_wait_seconds_bucket{kind="x",le="+Inf"} 6
switchyard_wait_seconds_sum{kind="x"} 3.5
switchyard_wait_seconds_count{kind="x"} 6
# TYPE switchyard_check_seconds summary
switchyard_check_seconds{quantile="0.5"} 1
switchyard_check_seconds_sum 4
switchyard_check_seconds_count 2
`;
    for (const metric of metricsFromExposition(page(5), starts, 2000)) exporter.add(metric);
    await until(() => receiver.metrics.length === 5);
    const byName = new Map(receiver.metrics.map((metric) => [metric.name, metric]));
    expect(byName.get('switchyard_requests_total')).toMatchObject({
      description: 'Answers.',
      unit: '1',
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [
          {
            attributes: { code: '200', path: 'a"b' },
            startTimeUnixNano: '1000000000',
            timeUnixNano: '2000000000',
            asDouble: 5,
          },
        ],
      },
    });
    expect(byName.get('switchyard_up')?.gauge?.dataPoints).toMatchObject([{ asDouble: 1 }]);
    expect(byName.get('switchyard_wait_seconds')).toMatchObject({
      unit: 's',
      histogram: {
        dataPoints: [
          {
            attributes: { kind: 'x' },
            count: '6',
            sum: 3.5,
            bucketCounts: ['2', '3', '1'],
            explicitBounds: [0.1, 1],
          },
        ],
      },
    });
    expect(byName.get('switchyard_check_seconds_count')?.sum?.dataPoints).toMatchObject([{ asDouble: 2 }]);
    // A counter that begins anew, as its process did, counts from the look before.
    const [again] = metricsFromExposition(page(3), starts, 3000);
    expect(again?.points[0]).toMatchObject({ start: 2000, time: 3000, value: 3 });
  });
});

describe('an exporter', () => {
  it('sends again what a collector could not take, when it says, and tells once of the trouble', async () => {
    const told: (string | undefined)[] = [];
    const statuses = [503, 429, 502];
    receiver.answer = () => {
      const status = statuses.shift();
      return status === undefined ? undefined : { status, headers: { 'retry-after': '0' } };
    };
    const exporter = opened(traces, { onTrouble: (why) => told.push(why) });
    exporter.add(span('a'));
    await until(() => receiver.spans.length === 1);
    await until(() => told.length === 2);
    expect(told).toEqual(['the collector answers 503', undefined]);
    expect(receiver.requests).toHaveLength(4);
    expect(exporter.counts()).toEqual({ sent: 1, dropped: 0 });
  });

  it.each([400, 401, 500])('lets go of what a collector refuses with %d, and goes on', async (status) => {
    receiver.answer = () => ({ status });
    const exporter = opened(traces);
    exporter.add(span('a'));
    await until(() => exporter.counts().dropped === 1);
    expect(receiver.requests).toHaveLength(1);
    receiver.answer = () => undefined;
    exporter.add(span('b'));
    await until(() => exporter.counts().sent === 1);
    expect(receiver.spans.map(({ name }) => name)).toEqual(['b']);
  });

  it('counts what a collector took the others without', async () => {
    receiver.answer = () => ({ status: 200, body: Uint8Array.of(0x0a, 0x02, 0x08, 0x02) });
    const exporter = opened(traces);
    for (const name of ['a', 'b', 'c']) exporter.add(span(name));
    await until(() => exporter.counts().sent === 1);
    expect(exporter.counts()).toEqual({ sent: 1, dropped: 2 });
  });

  it('drops what finds no room while a collector is away, and sends what waits when it is back', async () => {
    const { port } = receiver;
    await receiver.close();
    const exporter = opened(
      traces,
      { mostQueued: 10, mostInOne: 4 },
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      },
    );
    for (let index = 0; index < 50; index++) exporter.add(span(String(index)));
    // Four are being sent, ten wait.
    await until(() => exporter.counts().dropped > 0);
    expect(exporter.counts().dropped).toBeGreaterThanOrEqual(36);
    receiver = await OtlpReceiver.open(port);
    closing.unshift(() => receiver.close());
    await until(() => receiver.spans.length > 0);
    await until(() => exporter.counts().sent + exporter.counts().dropped === 50);
  });

  it('waits no longer for a collector that says nothing than it may', async () => {
    receiver.answer = () => 'nothing';
    const told: (string | undefined)[] = [];
    const exporter = opened(
      traces,
      { onTrouble: (why) => told.push(why) },
      {
        OTEL_EXPORTER_OTLP_TIMEOUT: '20',
      },
    );
    exporter.add(span('a'));
    await until(() => receiver.requests.length > 1);
    expect(told).toEqual(['no answer in 20 ms']);
  });

  it('sends what waits when it is closed, in the time that it has', async () => {
    const exporter = opened(traces, { delayMs: 60_000 });
    exporter.add(span('a'));
    await exporter.close(5_000);
    expect(receiver.spans).toHaveLength(1);
    exporter.add(span('b'));
    expect(exporter.counts()).toEqual({ sent: 1, dropped: 1 });

    receiver.answer = () => 'nothing';
    const other = opened(traces, { delayMs: 60_000 });
    other.add(span('c'));
    await other.close(20);
    expect(other.counts()).toEqual({ sent: 0, dropped: 1 });
  });
});
