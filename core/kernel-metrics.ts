import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { readyOf } from './control/conditions.ts';
import type { Head, ResourceView } from './kernel-api.ts';
import type { Issue } from './manifest/issue.ts';

interface Facts {
  readonly head: Head;
  readonly resources: readonly ResourceView[];
  readonly issues: readonly Issue[];
  readonly queueDepth: number;
}

/** What the kernel says of itself in Prometheus' words. */
export class KernelMetrics {
  readonly #registry = new Registry();
  readonly #reconciles = new Counter({
    name: 'switchyard_reconcile_total',
    help: 'Reconcile runs by kind and result.',
    labelNames: ['kind', 'result'],
    registers: [this.#registry],
  });
  readonly #reconcileSeconds = new Histogram({
    name: 'switchyard_reconcile_seconds',
    help: 'Seconds that a reconcile run took.',
    labelNames: ['kind'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60],
    registers: [this.#registry],
  });
  readonly #convergeSeconds = new Histogram({
    name: 'switchyard_snapshot_seconds',
    help: 'Seconds from the look that found a new commit until it was handed to the controllers.',
    buckets: [0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10, 60],
    registers: [this.#registry],
  });
  readonly #resources = new Gauge({
    name: 'switchyard_resources',
    help: 'Resources by kind and by the status of their Ready condition.',
    labelNames: ['kind', 'ready'],
    registers: [this.#registry],
  });
  readonly #issues = new Gauge({
    name: 'switchyard_manifest_issues',
    help: 'Issues of the newest snapshot by severity.',
    labelNames: ['severity'],
    registers: [this.#registry],
  });
  readonly #queueDepth = new Gauge({
    name: 'switchyard_queue_depth',
    help: 'Resources that wait to be reconciled or are being reconciled.',
    registers: [this.#registry],
  });
  readonly #rejected = new Gauge({
    name: 'switchyard_snapshot_rejected',
    help: '1 while the newest commit may not be applied.',
    registers: [this.#registry],
  });
  readonly #held = new Gauge({
    name: 'switchyard_snapshot_held',
    help: '1 while the newest commit is held and not applied.',
    registers: [this.#registry],
  });
  readonly #sourceUp = new Gauge({
    name: 'switchyard_source_up',
    help: '1 while the registry can be read.',
    registers: [this.#registry],
  });

  reconciled(kind: string, result: string, seconds: number): void {
    this.#reconciles.inc({ kind, result });
    this.#reconcileSeconds.observe({ kind }, seconds);
  }

  converged(seconds: number): void {
    this.#convergeSeconds.observe(seconds);
  }

  /** Prometheus text exposition. */
  collect({ head, resources, issues, queueDepth }: Facts): Promise<string> {
    this.#resources.reset();
    for (const { kind, status } of resources) {
      this.#resources.inc({ kind, ready: readyOf(status)?.status ?? 'Unknown' });
    }
    for (const severity of ['error', 'warning'] as const) {
      this.#issues.set({ severity }, issues.filter((issue) => issue.severity === severity).length);
    }
    this.#queueDepth.set(queueDepth);
    this.#held.set(head.held ? 1 : 0);
    this.#rejected.set(head.held?.reason === 'SnapshotRejected' ? 1 : 0);
    this.#sourceUp.set(head.error ? 0 : 1);
    return this.#registry.metrics();
  }
}
