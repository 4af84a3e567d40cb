import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { webSettings } from '../../../plugins/metrics-web/settings.ts';
import { webSource } from '../../../plugins/metrics-web/web-source.ts';
import { metricsSourceSuite, questionOf } from '../../conformance/metrics-source.ts';
import {
  drop,
  flood,
  hang,
  type MetricsServer,
  openMetricsServer,
  say,
} from '../../fixtures/metrics-server.ts';

const document = {
  rate: 0.25,
  count: 400,
  at: '2026-03-01T09:30:00Z',
  seconds: 1_700_000_000,
  milliseconds: 1_700_000_000_000,
  empty: null,
  slices: [
    { name: 'owls', rate: 0.5 },
    { name: 'gulls', rate: 0.1 },
  ],
};

metricsSourceSuite('web', async () => {
  const server = await openMetricsServer(say(200, document));
  const url = `${server.url}/quality`;
  return {
    source: webSource(webSettings({ origins: { [server.url]: {} } }, { environment: {} }), Date.now),
    known: {
      question: questionOf({ url, value: 'body.rate', samples: 'body.count' }),
      result: 0.25,
      samples: 400,
    },
    nothing: questionOf({ url, value: 'body.complaints.rate' }),
    senseless: [
      questionOf({ url: 'quality', value: 'body.rate' }),
      questionOf({ url }),
      questionOf({ url, value: 'body.[' }),
      questionOf({ url: url.replace('//', '//ana:secret@'), value: 'body.rate' }),
    ],
    close: () => server.close(),
  };
});

describe('a document', () => {
  let server: MetricsServer;
  beforeEach(async () => {
    server = await openMetricsServer(say(200, document));
  });
  afterEach(() => server.close());

  function measure(query: object, origin: object = {}, environment: Record<string, string> = {}) {
    const settings = webSettings({ origins: { [server.url]: origin }, timeoutMs: 250 }, { environment });
    const question = questionOf({ url: `${server.url}/q?token=in-the-query`, ...query });
    return webSource(settings, () => 42).measure(question, new AbortController().signal);
  }

  it.each([
    ['body.slices.filter(s, s.rate > 0.3)', [{ name: 'owls', rate: 0.5 }]],
    ['size(body.slices)', 2],
    ['{"owls": body.slices[0].rate, "gulls": body.slices[1].rate}', { owls: 0.5, gulls: 0.1 }],
    ['body.rate < 0.3', true],
  ])('gives what %s takes out of it', async (value, result) => {
    expect(await measure({ value })).toMatchObject({ result, observedAt: 42 });
  });

  it('tells when it was seen', async () => {
    const seen = async (observedAt: string) => {
      const measured = await measure({ value: 'body.rate', observedAt });
      return measured.type === 'value' ? measured.observedAt : undefined;
    };
    expect(await seen('body.at')).toBe(Date.parse('2026-03-01T09:30:00Z'));
    expect(await seen('body.seconds')).toBe(1_700_000_000_000);
    await expect(seen('body.milliseconds')).rejects.toMatchObject({ code: 'MetricAnswerInvalid' });
    await expect(seen('body.nowhere')).rejects.toMatchObject({ code: 'MetricAnswerInvalid' });
  });

  it('has no samples where it holds no number of them', async () => {
    expect(await measure({ value: 'body.rate', samples: 'body.nowhere' })).toMatchObject({ samples: 0 });
    await expect(measure({ value: 'body.rate', samples: 'body.at' })).rejects.toMatchObject({
      code: 'MetricAnswerInvalid',
    });
  });

  it('has no data where the value is null', async () => {
    expect(await measure({ value: 'body.empty' })).toMatchObject({ type: 'noData' });
  });

  it.each([
    ['is not JSON', say(200, '<html>'), 'MetricAnswerInvalid'],
    ['holds another type', say(200, { rate: 'high' }), 'MetricAnswerInvalid'],
    ['is a page of an error', say(404, 'nothing here'), 'MetricAnswerInvalid'],
    ['leads elsewhere', say(301, '', { location: 'http://example.com/' }), 'MetricAnswerInvalid'],
    ['has no end', flood, 'MetricAnswerInvalid'],
    ['needs credentials', say(403, ''), 'MetricsRefused'],
    ['is broken', say(502, ''), 'MetricsUnreachable'],
    ['never comes', hang, 'MetricsUnreachable'],
    ['breaks off', drop, 'MetricsUnreachable'],
  ])('that %s gives no measurement, and its query stands in no message', async (_title, answer, code) => {
    server.answer = answer;
    const failure = await measure({ value: 'body.rate * 2.0' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    expect(`${failure} ${JSON.stringify(failure)}`).not.toContain('in-the-query');
  });

  it('that would be kept whole is refused when it is large', async () => {
    server.answer = say(200, { all: 'x'.repeat(20_000) });
    await expect(measure({ value: 'body.all' })).rejects.toMatchObject({ code: 'MetricAnswerInvalid' });
  });

  it('is asked for with the token of its origin', async () => {
    await measure({ value: 'body.rate' }, { tokenVariable: 'QUALITY' }, { QUALITY: 'swordfish' });
    expect(server.asked[0]?.authorization).toBe('Bearer swordfish');
  });

  it('of an origin that the operator did not name is not asked for', async () => {
    const source = webSource(webSettings({}, { environment: {} }), Date.now);
    const asked = source.measure(
      questionOf({ url: server.url, value: 'body' }),
      new AbortController().signal,
    );
    await expect(asked).rejects.toMatchObject({ code: 'MetricsRefused' });
    expect(server.asked).toEqual([]);
  });
});

describe("the operator's settings for documents", () => {
  it.each([
    [{ origin: {} }, /origin is not a setting/],
    [{ origins: { 'https://x.example.com/path': {} } }, /must be an origin/],
    [{ origins: { 'file:///etc': {} } }, /must be an origin/],
    [{ origins: { 'http://x.example.com': { tokenVariable: 'T' } } }, /in clear/],
    [{ origins: { 'https://x.example.com': { token: 'hunter2' } } }, /must be \{ secretRef/],
    [{ origins: { 'https://x.example.com': { tokenFile: 'x' } } }, /must be \{\}, or hold of/],
    [{ timeoutMs: '1s' }, /whole number/],
  ])('are refused where they make no sense: %j', (block, problem) => {
    expect(() => webSettings(block, { environment: {} })).toThrow(problem);
  });
});
