import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Measurement, MetricsSource } from '../../core/capabilities/metrics-source.ts';
import { prometheusSource } from '../../plugins/metrics-prometheus/prometheus-source.ts';
import { prometheusSettings } from '../../plugins/metrics-prometheus/settings.ts';
import { Metrics } from '../../plugins/serving/dataplane/counters/metrics.ts';
import type { ServedDeployment } from '../../plugins/serving/dataplane/interface/routing-table.ts';
import { exposition } from '../../plugins/serving/exposition/exposition.ts';
import { openMetrics, prefersOpenMetrics, withoutExemplars } from '../../server/exposition.ts';
import { metricsSourceSuite, questionOf } from '../conformance/metrics-source.ts';
import { type MetricsServer, openMetricsServer } from '../fixtures/metrics-server.ts';
import { until } from '../fixtures/until.ts';
import { whyMissing } from './installed.ts';
import { type RunningPrometheus, runPrometheus } from './running-prometheus.ts';

const missing = whyMissing('prometheus', 'prometheus');

const exemplary = '4bf92f3577b34da6a3ce929d0e0e4736';

interface Prometheus extends RunningPrometheus {
  readonly source: MetricsSource;
}

/** A Prometheus that scrapes what a control process shows of 400 requests, of which 10 failed. */
async function openPrometheus(): Promise<Prometheus> {
  const target = await openMetricsServer((request, response) => {
    // As the status API does it; Prometheus would rather have OpenMetrics.
    const isOpen = prefersOpenMetrics(request.headers.accept ?? null);
    const type = isOpen ? 'application/openmetrics-text; version=1.0.0' : 'text/plain; version=0.0.4';
    const text = isOpen ? openMetrics(page()) : withoutExemplars(page());
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(text);
  });
  const running = await runPrometheus(configuration(target), '--enable-feature=exemplar-storage');
  const { url } = running;
  const source = prometheusSource(prometheusSettings({ servers: { default: { url } } }, { environment: {} }));
  const isScraped = async () => {
    const up = questionOf({ query: 'sum(up)' });
    const measured = await source.measure(up, AbortSignal.timeout(5_000)).catch(() => undefined);
    return measured?.type === 'value' && measured.result === 1;
  };
  await until(isScraped, { deadlineMs: 60_000, everyMs: 250, what: 'Prometheus has scraped' });
  return {
    ...running,
    source,
    async close() {
      await running.close();
      await target.close();
    },
  };
}

function page(): string {
  const metrics = new Metrics();
  const counter = metrics.version('production', 'bird-strike', '1.3.0');
  for (let index = 0; index < 400; index++) counter.answered(index < 10 ? 500 : 200, 0.003);
  counter.traced(0.003, exemplary);
  const now = new Date().toISOString();
  const report = {
    type: 'report' as const,
    id: '0',
    pid: 1,
    revision: 1,
    versions: {},
    routes: {},
    ready: true,
    at: now,
    metrics: {
      ...metrics.snapshot(),
      ...{ waiting: {}, loads: 1, loadFailures: 0, workerRestarts: 0, connections: 0 },
      ...{ rssBytes: 1, cpuSeconds: 1 },
    },
  };
  const version = {
    version: '1.3.0',
    ...{ digest: `sha256:${'0'.repeat(64)}`, path: '/artifact', size: 1, examples: [] },
    signature: { inputs: [], outputs: [] },
  };
  const served: ServedDeployment = {
    environment: 'production',
    name: 'bird-strike',
    model: 'bird-strike',
    ...{ commit: 'c', generation: 'g', versions: [version] },
    variants: [{ version: '1.3.0', role: 'stable', weight: 100 }],
    batching: { maxBatchSize: 1, maxDelayMs: 0 },
    limits: { maxQueue: 1, timeoutMs: 1_000 },
  };
  return exposition({
    processes: [{ id: '0', pid: 1, startedAt: now, state: 'live', report, starts: 1 }],
    losses: () => ({ died: 0, stuck: 0, memory: 0 }),
    expected: 1,
    table: { revision: 1, deployments: [served] },
    isTablePersisted: true,
    artifacts: { fetched: 0, failed: 0, repaired: 0, bytes: 0 },
  });
}

function configuration({ url }: MetricsServer): string {
  return `
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: switchyard
    static_configs: [{ targets: ['${new URL(url).host}'] }]
`;
}

const requests = 'switchyard_requests_total{version="1.3.0"}';
const failed = 'switchyard_requests_total{version="1.3.0",code=~"5.."}';

if (missing === undefined) {
  metricsSourceSuite('prometheus, a real one', async () => {
    const { source, close } = await openPrometheus();
    return {
      source,
      known: {
        question: questionOf({ query: `sum(${failed}) / sum(${requests})`, samples: `sum(${requests})` }),
        result: 0.025,
        samples: 400,
      },
      nothing: questionOf({ query: 'sum(switchyard_requests_total{version="9.9.9"})' }),
      senseless: [questionOf({ query: 'sum(' }), questionOf({ query: 'rate(up)' })],
      close,
    };
  });
}

describe.skipIf(missing !== undefined)(
  `a real Prometheus${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let prometheus: Prometheus;
    beforeAll(async () => {
      prometheus = await openPrometheus();
    });
    afterAll(() => prometheus.close());
    const measure = (query: string): Promise<Measurement> =>
      prometheus.source.measure(questionOf({ query }), AbortSignal.timeout(20_000));

    it('gives a quantile of what inference processes count', async () => {
      const query = 'histogram_quantile(0.5, sum by (le) (switchyard_request_duration_seconds_bucket))';
      expect(await measure(query)).toMatchObject({ type: 'value', result: expect.closeTo(0.00375, 6) });
    });

    it('keeps which trace a bucket was counted for', async () => {
      const [series] = await prometheus.exemplars('switchyard_request_duration_seconds_bucket');
      expect(series?.seriesLabels).toMatchObject({ version: '1.3.0', le: '0.005' });
      expect(series?.exemplars[0]).toMatchObject({ labels: { trace_id: exemplary }, value: '0.003' });
    });

    it('has no data for 0 divided by 0', async () => {
      expect(await measure('sum(up) * 0 / 0')).toMatchObject({ type: 'noData' });
    });

    it.each([
      ['several series', requests, /2 series/],
      ['an infinity', '1 / 0', /\+Inf/],
      ['a range', `${requests}[1m]`, /ranges/],
      ['a text', '"up"', /a text/],
    ])('that gives %s gives no measurement', async (_title, query, message) => {
      const failure = await measure(query).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'MetricAnswerInvalid',
        message: expect.stringMatching(message),
      });
    });

    it('cannot be reached once it is killed', async () => {
      await prometheus.kill();
      await expect(measure('up')).rejects.toMatchObject({ code: 'MetricsUnreachable' });
    });
  },
);
