import { describe, expect, it } from 'vitest';
import { settingsFrom } from '../../../libraries/otlp/index.ts';

describe('the settings of OpenTelemetry', () => {
  it('ask for nothing where no endpoint is named', () => {
    expect(settingsFrom({})).toEqual({ resource: {} });
    expect(settingsFrom({ OTEL_TRACES_SAMPLER: 'always_on', OTEL_SERVICE_NAME: 'yard' })).toEqual({
      resource: { 'service.name': 'yard' },
    });
  });

  it('add the path of a signal to an endpoint for all, and take one of its own as it stands', () => {
    const { traces, metrics } = settingsFrom({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/base/',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://metrics.example.com/otlp',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a,x-tenant=one',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x-tenant=two',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
      OTEL_METRIC_EXPORT_INTERVAL: '15000',
    });
    expect(traces).toEqual({
      url: 'http://collector:4318/base/v1/traces',
      headers: { authorization: 'Bearer a', 'x-tenant': 'one' },
      protocol: 'http/protobuf',
      isCompressed: true,
      timeoutMs: 2000,
      sampler: 'parentbased_always_on',
      ratio: 1,
      mostQueued: 2048,
      mostInOne: 512,
      delayMs: 5000,
    });
    expect(metrics).toEqual({
      url: 'https://metrics.example.com/otlp',
      headers: { authorization: 'Bearer a', 'x-tenant': 'two' },
      protocol: 'http/json',
      isCompressed: true,
      timeoutMs: 2000,
      intervalMs: 15_000,
    });
  });

  it('turn a signal on and off by name, and all of it', () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
    expect(settingsFrom({ OTEL_TRACES_EXPORTER: 'otlp' })).toMatchObject({
      traces: { url: 'http://localhost:4318/v1/traces' },
    });
    expect(settingsFrom({ ...endpoint, OTEL_METRICS_EXPORTER: 'none' })).not.toHaveProperty('metrics');
    expect(settingsFrom({ ...endpoint, OTEL_SDK_DISABLED: 'true' })).toEqual({ resource: {} });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'http or https'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', '4318'],
    ['OTEL_TRACES_SAMPLER', 'sometimes', 'parentbased_traceidratio'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'from 0 to 1'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0', 'from 1 on'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'secret-without-a-name', 'name=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=%ZZsecret', 'name=value'],
  ])('refuse %s=%s by name, and repeat no secret', (variable, value, hint) => {
    const environment = { OTEL_TRACES_EXPORTER: 'otlp', [variable]: value };
    try {
      settingsFrom(environment);
      expect.unreachable();
    } catch (error) {
      const { message, hint: said, variable: named } = error as Error & { hint: string; variable: string };
      expect(named).toBe(variable);
      expect(`${message} ${said}`).toContain(hint);
      expect(message).not.toContain('secret');
    }
  });
});
