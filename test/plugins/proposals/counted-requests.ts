/** Requests as inference processes report them, on a clock that is turned by hand: what `builtin` counts in tests. */
import type { MetricsSource } from '../../../core/capabilities/metrics-source.ts';
import type { Providers } from '../../../core/plugin.ts';
import { Metrics } from '../../../plugins/serving/dataplane/counters/metrics.ts';
import { builtinSource } from '../../../plugins/serving/measuring/builtin-source.ts';
import { TrafficHistory } from '../../../plugins/serving/measuring/traffic-history.ts';

const start = Date.parse('2026-01-05T12:00:00Z');

export interface CountedRequests {
  readonly sources: Providers<MetricsSource>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Lets time pass; the process reports once a minute. */
  pass(minutes: number): void;
  /** Makes a version known, and lets it answer so many requests. */
  answer(environment: string, deployment: string, version: string, requests: number): void;
  /** Requests that a version saw as a shadow. */
  mirror(environment: string, deployment: string, version: string, requests: number): void;
}

export function countedRequests(): CountedRequests {
  let now = start;
  const metrics = new Metrics();
  const history = new TrafficHistory(() => now);
  const report = () => history.add('0', 1, metrics.snapshot());
  report();
  const source = builtinSource({ history, isHeard: () => true, now: () => now });
  const answer: CountedRequests['answer'] = (environment, deployment, version, requests) => {
    const counter = metrics.version(environment, deployment, version);
    for (let index = 0; index < requests; index++) counter.answered(200, 0.001);
  };
  return {
    sources: onlySource(source),
    now: () => now,
    pass(minutes) {
      for (let minute = 0; minute < minutes; minute++) {
        report();
        now += 60_000;
        report();
      }
    },
    answer,
    mirror(environment, deployment, version, requests) {
      answer(environment, deployment, version, requests);
      const counter = metrics.version(environment, deployment, version);
      for (let index = 0; index < requests; index++) counter.differed(0);
    },
  };
}

/** The providers of a platform that has this source alone. */
export function onlySource(source: MetricsSource): Providers<MetricsSource> {
  return { get: () => source, names: () => ['builtin'] };
}
