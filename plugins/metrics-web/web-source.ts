import type { Measurement, MetricQuestion, MetricsSource } from '../../core/capabilities/metrics-source.ts';
import {
  credentialFor,
  metricAnswerInvalid,
  metricQueryInvalid,
  metricsRefused,
  metricsTrouble,
} from '../../core/capabilities/metrics-source-errors.ts';
import { politeFetch } from '../../libraries/polite-fetch/index.ts';
import { countOf, timeOf, valueIn } from './read-document.ts';
import type { WebSettings } from './settings.ts';

const largestAnswer = 1024 * 1024;

/** Reads JSON documents from the origins that the operator allowed. `now` is in milliseconds since 1970. */
export function webSource({ origins, timeoutMs }: WebSettings, now: () => number): MetricsSource {
  // Each origin is left alone for itself when it asks for that.
  const clients = new Map<string, typeof fetch>();
  for (const origin of origins.keys()) {
    clients.set(origin, politeFetch({ timeoutMs, largestAnswer, retries: 1, explain: metricsTrouble }));
  }

  return {
    async measure({ query, windowMs }: MetricQuestion, signal: AbortSignal): Promise<Measurement> {
      const url = checkedUrl(query.url);
      if (typeof query.value !== 'string') throw metricQueryInvalid('web.value', 'there is no expression');
      const send = clients.get(url.origin);
      if (send === undefined) throw originRefused(url.origin);
      const where = `${url.origin}${url.pathname}`;
      const authorization = await credentialFor(where, origins.get(url.origin));
      const body = await read(send, url, authorization, where, signal);
      const result = valueIn(body, query.value, 'value', where);
      if (result === undefined) return { type: 'noData', reason: 'the document holds no such value' };
      const told = (field: 'samples' | 'observedAt') =>
        typeof query[field] === 'string' ? valueIn(body, query[field], field, where) : undefined;
      const samples = query.samples === undefined ? undefined : countOf(told('samples') ?? 0, where);
      const observedAt = query.observedAt === undefined ? now() : timeOf(told('observedAt'), where);
      return {
        type: 'value',
        result,
        ...(samples === undefined ? {} : { samples }),
        window: { from: observedAt - windowMs, to: observedAt },
        observedAt,
        statistics: { value: result },
      };
    },
  };
}

async function read(
  send: typeof fetch,
  url: URL,
  authorization: string | undefined,
  where: string,
  signal: AbortSignal,
): Promise<unknown> {
  const answer = await send(url, {
    signal,
    headers: { accept: 'application/json', ...(authorization === undefined ? {} : { authorization }) },
  });
  const text = await answer.text();
  if (answer.status === 401 || answer.status === 403) {
    const hint = 'Give this machine a token for the origin: see plugins/metrics-web/README.md.';
    throw metricsRefused(where, `the server answers ${answer.status}`, hint);
  }
  if (answer.status !== 200) throw metricAnswerInvalid(where, `the server answers ${answer.status}`);
  try {
    return JSON.parse(text);
  } catch {
    throw metricAnswerInvalid(where, 'it is not JSON');
  }
}

function checkedUrl(value: unknown): URL {
  let url: URL;
  try {
    url = new URL(String(value));
  } catch {
    throw metricQueryInvalid('web.url', 'it is no URL');
  }
  if (url.username !== '' || url.password !== '') {
    throw metricQueryInvalid(
      'web.url',
      'it holds a user or a password: the operator names a tokenVariable instead',
    );
  }
  return url;
}

function originRefused(origin: string): Error {
  const hint = `If this machine may ask it, its operator names it under plugins.metrics-web.origins.`;
  return metricsRefused('web.url', `this machine does not ask ${origin}`, hint);
}
