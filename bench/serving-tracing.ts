/** What it costs to trace requests and to send their spans by OTLP, against the same requests untraced. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deploymentOf } from './models.ts';
import { type BenchReport, round } from './report.ts';
import { bestServed, measureServed, type PhaseOrder, type ServedPhase } from './serving-phase.ts';
import { ServingProcess } from './serving-process.ts';

interface Traced extends ServedPhase {
  readonly sent: number;
  readonly dropped: number;
}

export interface MeasuredTracing {
  readonly name: string;
  readonly off: ServedPhase;
  /** One of a hundred traces is sampled. */
  readonly some: Traced;
  readonly all: Traced;
}

/** A process each, since tracing is settled when a process starts; they take turns, and the best round of each counts. */
export async function measureTracing(order: PhaseOrder): Promise<MeasuredTracing> {
  const { folder, version, rounds, milliseconds } = order;
  const collector = createServer((request, response) => {
    request.resume().once('end', () => response.end());
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const all = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRICS_EXPORTER: 'none' };
  const some = { ...all, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' };
  const processes: ServingProcess[] = [];
  const phases: ServedPhase[][] = [[], [], []];
  try {
    for (const environment of [{}, some, all]) {
      const serving = await ServingProcess.start(folder, [], environment);
      processes.push(serving);
      await serving.route(deploymentOf([version], 32, 1));
    }
    for (let round = 0; round < rounds; round++) {
      for (const [index, serving] of processes.entries())
        phases[index]!.push(await measureServed(serving, order.order, milliseconds));
    }
    const [off, sampled, every] = phases.map(bestServed) as [ServedPhase, ServedPhase, ServedPhase];
    const spans = await Promise.all(processes.map(spansOf));
    return { name: order.name, off, some: { ...sampled, ...spans[1]! }, all: { ...every, ...spans[2]! } };
  } finally {
    for (const serving of processes) await serving.stop();
    await closed(collector);
  }
}

async function spansOf(serving: ServingProcess): Promise<Pick<Traced, 'sent' | 'dropped'>> {
  const { sent = 0, dropped = 0 } = (await serving.until(() => true)).metrics.spans ?? {};
  return { sent, dropped };
}

function closed(server: Server): Promise<unknown> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}

export function tracingTable(measured: readonly MeasuredTracing[]): BenchReport['tables'][number] {
  return {
    title: 'Requests traced by OTLP, 32 connections: processor time in microseconds, p99 in milliseconds',
    columns: [
      'model',
      'cpu off',
      'cpu of 1 %',
      'cpu of all',
      '1 % / off',
      'all / off',
      'p99 off',
      'p99 of 1 %',
      'p99 of all',
      'spans sent of 1 %',
      'dropped',
      'sent of all',
      'dropped',
      'failed',
    ],
    rows: measured.map(({ name, off, some, all }) => [
      name,
      round(off.cpu),
      round(some.cpu),
      round(all.cpu),
      round(some.cpu / off.cpu),
      round(all.cpu / off.cpu),
      round(off.p99),
      round(some.p99),
      round(all.p99),
      some.sent,
      some.dropped,
      all.sent,
      all.dropped,
      off.failed + some.failed + all.failed,
    ]),
  };
}
