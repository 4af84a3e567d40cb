import type { Measurement, MetricQuestion, MetricsSource } from '../../core/capabilities/metrics-source.ts';
import {
  credentialFor,
  metricAnswerInvalid,
  metricQueryInvalid,
  metricsRefused,
  metricsTrouble,
} from '../../core/capabilities/metrics-source-errors.ts';
import { politeFetch } from '../../libraries/polite-fetch/index.ts';
import { type Reading, readAnswer } from './read-answer.ts';
import type { PrometheusServer, PrometheusSettings } from './settings.ts';

/** One number is a few hundred bytes; many series that a query forgot to sum up are told apart from a flood. */
const largestAnswer = 1024 * 1024;

/** Asks Prometheus servers, and whatever speaks their API, instant queries over HTTP. */
export function prometheusSource({ servers, timeoutMs }: PrometheusSettings): MetricsSource {
  // Each server is left alone for itself when it asks for that.
  const clients = new Map<string, typeof fetch>();
  for (const name of servers.keys()) {
    clients.set(name, politeFetch({ timeoutMs, largestAnswer, retries: 1, explain: metricsTrouble }));
  }

  return {
    async measure({ query, windowMs }: MetricQuestion, signal: AbortSignal): Promise<Measurement> {
      const { server: name = 'default', query: promql, samples } = query;
      if (typeof promql !== 'string' || promql.trim() === '') {
        throw metricQueryInvalid('prometheus.query', 'there is no query');
      }
      const server = servers.get(String(name));
      const send = clients.get(String(name));
      if (server === undefined || send === undefined) throw unknownServer(String(name), servers);
      const ask = (text: string) => askServer(send, server, text, signal);
      const value = await ask(promql);
      if (value.type === 'none') return { type: 'noData', reason: value.reason };
      const count = typeof samples === 'string' ? await ask(samples) : undefined;
      const { observedAt } = value;
      return {
        type: 'value',
        result: value.value,
        ...(count === undefined ? {} : { samples: countOf(count) }),
        window: { from: observedAt - windowMs, to: observedAt },
        observedAt,
        statistics: { value: value.value },
      };
    },
  };
}

async function askServer(
  send: typeof fetch,
  server: PrometheusServer,
  query: string,
  signal: AbortSignal,
): Promise<Reading> {
  const where = `${server.url}/api/v1/query`;
  const authorization = await credentialFor(where, server.authorization);
  const answer = await send(`${where}?${new URLSearchParams({ query })}`, {
    signal,
    headers: { accept: 'application/json', ...(authorization === undefined ? {} : { authorization }) },
  });
  const text = await answer.text();
  if (answer.status === 401 || answer.status === 403) {
    const hint = 'Give this machine credentials for the server: see plugins/metrics-prometheus/README.md.';
    throw metricsRefused(where, `the server answers ${answer.status}`, hint);
  }
  const body = parse(text);
  if (answer.status === 400 || answer.status === 422) {
    const { error } = (body ?? {}) as { readonly error?: unknown };
    const reason = typeof error === 'string' ? error.slice(0, 300) : `the server answers ${answer.status}`;
    throw metricQueryInvalid(where, reason);
  }
  if (answer.status !== 200) {
    const hint = "See that the URL in the operator's configuration is the one of Prometheus itself.";
    throw metricAnswerInvalid(where, `the server answers ${answer.status}`, hint);
  }
  if (body === undefined) throw metricAnswerInvalid(where, 'it is not JSON');
  return readAnswer(body, where);
}

function unknownServer(name: string, servers: PrometheusSettings['servers']): Error {
  const names = [...servers.keys()];
  const hint =
    names.length === 0
      ? 'The operator names servers under plugins.metrics-prometheus.servers, or sets SWITCHYARD_PROMETHEUS_URL.'
      : `There are: ${names.join(', ')}.`;
  return metricsRefused('prometheus.server', `this machine knows no Prometheus server "${name}"`, hint);
}

/** Where nothing was counted there were no samples. */
function countOf(reading: Reading): number {
  return reading.type === 'none' ? 0 : Math.max(0, reading.value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
