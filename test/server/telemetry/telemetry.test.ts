import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definePlugin, type Outcome, ready } from '../../../core/plugin.ts';
import { openTelemetry, type Telemetry } from '../../../server/telemetry/telemetry.ts';
import { OtlpReceiver } from '../../fixtures/otlp-receiver.ts';
import { until } from '../../fixtures/until.ts';
import { type WidgetSpec, widget, widgetKind, widgetPlugin, Yard } from '../../fixtures/yard.ts';

let receiver: OtlpReceiver;
let yard: Yard;
let telemetry: Telemetry;
beforeEach(async () => {
  receiver = await OtlpReceiver.open();
  yard = new Yard();
});
afterEach(async () => {
  await yard.close();
  await telemetry.close();
  await receiver.close();
});

function open(more: Readonly<Record<string, string>> = {}): Telemetry {
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: '5',
    OTEL_METRIC_EXPORT_INTERVAL: '100',
    ...more,
  };
  telemetry = openTelemetry({ environment, version: '1.2.3', log: yard.log })!;
  return telemetry;
}

describe('the telemetry of the control process', () => {
  it('is none where nobody asks for it', () => {
    telemetry = open();
    expect(openTelemetry({ environment: {}, version: '1.2.3', log: yard.log })).toBeUndefined();
  });

  it('has a span of each look at a resource, also of one that is gone', async () => {
    const plugins = open().plugins([{ definition: widgetPlugin(yard.world), options: {} }]);
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 3 }) });
    await yard.start({ plugins });
    await yard.commit({ 'widgets/a.yaml': null, 'widgets/b.yaml': widget('b', { size: 1 }) });
    await yard.settle();
    expect(yard.world).toEqual(new Map([['b', 1]]));
    const removed = () => receiver.spans.find(({ name }) => name === 'remove Widget');
    await until(() => removed() !== undefined);
    expect(removed()?.attributes).toMatchObject({ 'switchyard.resource.ref': 'Widget/a' });
    const made = receiver.spans.find(
      ({ name, attributes }) =>
        name === 'reconcile Widget' && attributes['switchyard.resource.ref'] === 'Widget/a',
    );
    expect(made).toMatchObject({
      kind: 1,
      attributes: { 'switchyard.resource.kind': 'Widget', 'switchyard.reconcile.result': 'ready' },
      resource: { 'service.name': 'switchyard', 'service.version': '1.2.3' },
    });
    expect(made?.resource['service.instance.id']).toMatch(/\/control$/);
    expect(await yard.kernel.metrics()).toMatch(/^switchyard_control_spans_sent_total [1-9]/m);
  });

  it('names the trace in the lines of a look, and in what the kernel says of it afterwards', async () => {
    const inside: object[] = [];
    const failing = definePlugin({
      name: 'widgets',
      description: 'Makes no widgets.',
      kinds: [widgetKind],
      setup(host) {
        host.control<WidgetSpec, never>(widgetKind, {
          async reconcile(): Promise<Outcome> {
            await Promise.resolve();
            inside.push(telemetry.lineFacts({}));
            if (inside.length > 1) return ready('Made', 'it is there');
            throw Object.assign(new Error('it is bent'), { code: 'WidgetBent' });
          },
        });
      },
    });
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 3 }) });
    await yard.start({ plugins: open().plugins([{ definition: failing, options: {} }]) });
    await until(() => yard.log.lines.some(({ message }) => message === 'reconcile failed'));
    const { facts } = yard.log.lines.find(({ message }) => message === 'reconcile failed')!;
    // As a logger does that is given it.
    const named = telemetry.lineFacts(facts) as { trace_id: string; span_id: string };
    await until(() => receiver.spans.some(({ spanId }) => spanId === named.span_id));
    const span = receiver.spans.find(({ spanId }) => spanId === named.span_id);
    expect(inside).toContainEqual(named);
    expect(span).toMatchObject({
      traceId: named.trace_id,
      name: 'reconcile Widget',
      status: { code: 2, message: 'WidgetBent' },
      attributes: { 'error.type': 'WidgetBent', 'switchyard.reconcile.result': 'failed' },
    });
    expect(telemetry.lineFacts({ ref: 'Widget/other' })).toEqual({});
  });

  it('sends all metrics of the platform, by the names that they are scraped by', async () => {
    const plugins = open().plugins([{ definition: widgetPlugin(yard.world), options: {} }]);
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 3 }) });
    telemetry.follow(await yard.start({ plugins }));
    await until(() => receiver.metrics.some(({ name }) => name === 'switchyard_reconcile_total'));
    const names = receiver.metrics.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['switchyard_source_up', 'switchyard_snapshot_seconds']));
    const resources = receiver.metrics.find(({ name }) => name === 'switchyard_resources');
    expect(resources?.gauge?.dataPoints).toContainEqual(
      expect.objectContaining({ attributes: { kind: 'Widget', ready: 'True' }, asDouble: 1 }),
    );
  });

  it('samples as it is told', async () => {
    const plugins = open({ OTEL_TRACES_SAMPLER: 'always_off' }).plugins([
      { definition: widgetPlugin(yard.world), options: {} },
    ]);
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 3 }) });
    await yard.start({ plugins });
    expect(telemetry.lineFacts({ ref: 'Widget/a' })).toMatchObject({ trace_id: expect.any(String) });
    await telemetry.close();
    expect(receiver.spans).toEqual([]);
  });
});
