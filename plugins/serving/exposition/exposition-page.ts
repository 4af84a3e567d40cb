import type { ExemplarSnapshot, HistogramSnapshot } from '../dataplane/interface/process-metrics.ts';

export type Labels = Readonly<Record<string, string>>;

/** Prometheus text exposition: samples grouped by metric, as the format asks. */
export class ExpositionPage {
  readonly #metrics = new Map<string, string[]>();

  sample(name: string, type: 'counter' | 'gauge', help: string, labels: Labels, value: number): void {
    this.#lines(name, type, help).push(`${name}${written(labels)} ${value}`);
  }

  /** `exemplars`: of its buckets, in their order. */
  histogram(
    name: string,
    help: string,
    labels: Labels,
    { bounds, counts, sum }: HistogramSnapshot,
    exemplars: ExemplarSnapshot = [],
  ): void {
    const lines = this.#lines(name, 'histogram', help);
    let total = 0;
    for (const [index, count] of counts.entries()) {
      total += count;
      const le = index < bounds.length ? String(bounds[index]) : '+Inf';
      lines.push(`${name}_bucket${written({ ...labels, le })} ${total}${exemplarOf(exemplars[index])}`);
    }
    lines.push(`${name}_sum${written(labels)} ${sum}`, `${name}_count${written(labels)} ${total}`);
  }

  text(): string {
    return [...this.#metrics.values()]
      .flat()
      .map((line) => `${line}\n`)
      .join('');
  }

  #lines(name: string, type: string, help: string): string[] {
    let lines = this.#metrics.get(name);
    if (lines === undefined) {
      lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
      this.#metrics.set(name, lines);
    }
    return lines;
  }
}

/** As OpenMetrics writes it. */
function exemplarOf(exemplar: ExemplarSnapshot[number] | undefined): string {
  if (exemplar === null || exemplar === undefined) return '';
  const { traceId, seconds, at } = exemplar;
  return ` # ${written({ trace_id: traceId })} ${seconds} ${(at / 1000).toFixed(3)}`;
}

function written(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
