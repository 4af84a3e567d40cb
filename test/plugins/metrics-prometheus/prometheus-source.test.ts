import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretValue } from '../../../core/capabilities/secret-value.ts';
import { prometheusSource } from '../../../plugins/metrics-prometheus/prometheus-source.ts';
import { prometheusSettings } from '../../../plugins/metrics-prometheus/settings.ts';
import { metricsSourceSuite, questionOf } from '../../conformance/metrics-source.ts';
import {
  type Answer,
  dribble,
  drop,
  flood,
  hang,
  type MetricsServer,
  openMetricsServer,
  say,
} from '../../fixtures/metrics-server.ts';

const now = () => Date.now() / 1000;
const vector = (...values: unknown[]) =>
  say(200, {
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [now(), value] })) },
  });
const answered = (resultType: string, result: unknown) =>
  say(200, { status: 'success', data: { resultType, result } });
const badData = (error: string) => say(400, { status: 'error', errorType: 'bad_data', error });

metricsSourceSuite('prometheus', async () => {
  const answers: Readonly<Record<string, Answer>> = {
    rate: vector('0.25'),
    samples: vector('400'),
    empty: vector(),
  };
  const server = await openMetricsServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams.get('query') ?? '';
    (answers[query] ?? badData('1:1: parse error: unexpected end'))(request, response);
  });
  const settings = prometheusSettings({ servers: { default: { url: server.url } } }, { environment: {} });
  return {
    source: prometheusSource(settings),
    known: { question: questionOf({ query: 'rate', samples: 'samples' }), result: 0.25, samples: 400 },
    nothing: questionOf({ query: 'empty' }),
    senseless: [questionOf({}), questionOf({ query: ' ' }), questionOf({ query: 'sum(' })],
    close: () => server.close(),
  };
});

describe('a Prometheus server', () => {
  let server: MetricsServer;
  beforeEach(async () => {
    server = await openMetricsServer(vector('1'));
  });
  afterEach(() => server.close());

  function measure(block: object = {}, environment: Record<string, string> = {}) {
    const servers = { default: { url: server.url, ...block } };
    const settings = prometheusSettings({ servers, timeoutMs: 250 }, { environment });
    return prometheusSource(settings).measure(questionOf({ query: 'up' }), new AbortController().signal);
  }

  it.each([
    ['no series', vector(), { type: 'noData', reason: 'the query gave no series' }],
    ['NaN', vector('NaN'), { type: 'noData', reason: expect.stringMatching(/NaN/) }],
    ['a scalar', answered('scalar', [1_700_000_000, '2.5']), { result: 2.5, observedAt: 1_700_000_000_000 }],
    ['one series', vector('1e-3'), { result: 0.001 }],
  ])('may give %s', async (_title, answer, measured) => {
    server.answer = answer;
    expect(await measure()).toMatchObject(measured);
  });

  it.each([
    ['gives several series', vector('1', '2'), 'MetricAnswerInvalid', /2 series/],
    ['gives +Inf', vector('+Inf'), 'MetricAnswerInvalid', /\+Inf/],
    ['gives -Inf', vector('-Inf'), 'MetricAnswerInvalid', /-Inf/],
    ['gives a text for a number', vector('many'), 'MetricAnswerInvalid', /not a number/],
    ['gives no text for a number', vector(''), 'MetricAnswerInvalid', /not a number/],
    ['gives ranges', answered('matrix', []), 'MetricAnswerInvalid', /ranges/],
    ['gives a text', answered('string', [0, 'x']), 'MetricAnswerInvalid', /a text/],
    ['gives a histogram', answered('vector', [{ histogram: [0, {}] }]), 'MetricAnswerInvalid', /histogram/],
    ['gives a sample without a time', answered('scalar', [null, '1']), 'MetricAnswerInvalid', /a time/],
    ['gives an HTML page', say(200, '<html>'), 'MetricAnswerInvalid', /not JSON/],
    ['gives JSON of something else', say(200, [1, 2]), 'MetricAnswerInvalid', /Prometheus API/],
    ['gives null', say(200, 'null'), 'MetricAnswerInvalid', /Prometheus API/],
    ['is not where it should be', say(404, 'not found'), 'MetricAnswerInvalid', /404/],
    [
      'leads elsewhere',
      say(302, '', { location: 'http://example.com/' }),
      'MetricAnswerInvalid',
      /elsewhere/,
    ],
    ['gives no end of bytes', flood, 'MetricAnswerInvalid', /more than 1048576 bytes/],
    ['refuses the query', badData('parse error'), 'MetricQueryInvalid', /parse error/],
    ['asks for credentials', say(401, ''), 'MetricsRefused', /401/],
    ['has trouble', say(500, 'oops'), 'MetricsUnreachable', /500/],
    ['is overloaded', say(503, ''), 'MetricsUnreachable', /503/],
    ['hangs', hang, 'MetricsUnreachable', /no answer within 250 ms/],
    ['stops in the middle', dribble, 'MetricsUnreachable', /no answer within 250 ms/],
    ['breaks off', drop, 'MetricsUnreachable', /./],
    ['asks to wait', say(429, '', { 'retry-after': '60' }), 'MetricsUnreachable', /too many requests/],
  ])('that %s gives no measurement', async (_title, answer, code, message) => {
    server.answer = answer;
    const failure = await measure().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('that is down gives no measurement', async () => {
    const { url } = server;
    await server.close();
    const source = prometheusSource(
      prometheusSettings({ servers: { default: { url } } }, { environment: {} }),
    );
    const asked = source.measure(questionOf({ query: 'up' }), new AbortController().signal);
    await expect(asked).rejects.toMatchObject({ code: 'MetricsUnreachable' });
    server = await openMetricsServer(vector('1'));
  });

  it('is told the credentials that the operator has, and no message holds them', async () => {
    await measure({ tokenVariable: 'PROM' }, { PROM: 'swordfish-token' });
    await measure({ username: 'ana', passwordVariable: 'PROM' }, { PROM: 'swordfish' });
    expect(server.asked.map(({ authorization }) => authorization)).toEqual([
      'Bearer swordfish-token',
      `Basic ${Buffer.from('ana:swordfish').toString('base64')}`,
    ]);
    server.answer = badData('who is swordfish-token?');
    const failure = await measure({ tokenVariable: 'PROM' }, { PROM: 'swordfish-token' }).catch(
      (error: Error) => `${error.message} ${JSON.stringify(error)}`,
    );
    expect(failure).toContain('who is ***');
    expect(failure).not.toContain('swordfish');
  });

  it('is told the secret that is good now, and is refused where there is none', async () => {
    const named = { token: { secretRef: { name: 'prometheus', key: 'token' } } };
    const values = ['swordfish', 'marlin'];
    const secret = async () => {
      const next = values.shift();
      if (next === undefined) throw new Error('the Secret "prometheus" is not read');
      return new SecretValue(next);
    };
    const servers = { default: { url: server.url, ...named } };
    const source = prometheusSource(
      prometheusSettings({ servers, timeoutMs: 250 }, { environment: {}, secret }),
    );
    const ask = () => source.measure(questionOf({ query: 'up' }), new AbortController().signal);
    await ask();
    await ask();
    expect(server.asked.map(({ authorization }) => authorization)).toEqual([
      'Bearer swordfish',
      'Bearer marlin',
    ]);
    await expect(ask()).rejects.toMatchObject({
      code: 'MetricsRefused',
      message: expect.stringContaining('its credential cannot be read'),
    });
  });

  it('is not the one that a template names wrongly', async () => {
    const source = prometheusSource(
      prometheusSettings({ servers: { default: { url: server.url } } }, { environment: {} }),
    );
    const asked = source.measure(questionOf({ query: 'up', server: 'other' }), new AbortController().signal);
    await expect(asked).rejects.toMatchObject({ code: 'MetricsRefused', hint: 'There are: default.' });
  });
});

describe("the operator's settings for Prometheus", () => {
  it('may come from the environment alone', async () => {
    const environment = {
      SWITCHYARD_PROMETHEUS_URL: 'http://localhost:9090/',
      SWITCHYARD_PROMETHEUS_TOKEN: 't',
    };
    const server = prometheusSettings({}, { environment }).servers.get('default');
    expect(server?.url).toBe('http://localhost:9090');
    expect(await server?.authorization()).toBe('Bearer t');
  });

  it.each([
    [{ server: {} }, /server is not a setting/],
    [{ servers: [] }, /must map names/],
    [{ servers: { default: { url: 'ftp://x' } } }, /http or https/],
    [{ servers: { default: { url: 'https://ana:pw@x' } } }, /no user, password/],
    [{ servers: { default: { url: 'https://x', token: 'hunter2' } } }, /must be \{ secretRef/],
    [{ servers: { default: { url: 'http://x.example.com', tokenVariable: 'T' } } }, /in clear/],
    [{ servers: { default: { url: 'https://x', username: 'a:b', passwordVariable: 'P' } } }, /colon/],
    [{ timeoutMs: 0 }, /whole number/],
  ])('are refused where they make no sense: %j', (block, problem) => {
    expect(() => prometheusSettings(block, { environment: {} })).toThrow(problem);
  });
});
