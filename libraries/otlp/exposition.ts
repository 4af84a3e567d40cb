/** Prometheus text exposition as metrics of OTLP, under the same names: what asks for one finds the other. */
import type { HistogramPoint, Metric, NumberPoint } from './metric.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Since when a series counts: one that begins anew, as its process does, counts from when it was seen last. */
export class SeriesStarts {
  readonly #first: number;
  #known = new Map<string, { readonly value: number; readonly start: number }>();
  #next = new Map<string, { readonly value: number; readonly start: number }>();
  #looked: number;

  /** `now`: when counting began, in milliseconds since 1970. */
  constructor(now: number) {
    this.#first = now;
    this.#looked = now;
  }

  startOf(series: string, value: number): number {
    const known = this.#known.get(series);
    const start = known === undefined ? this.#first : value < known.value ? this.#looked : known.start;
    this.#next.set(series, { value, start });
    return start;
  }

  /** What was not asked for since is forgotten. */
  looked(now: number): void {
    this.#known = this.#next;
    this.#next = new Map();
    this.#looked = now;
  }
}

/** Reads what this program exposes. Lines that are none are passed over. */
export function metricsFromExposition(text: string, starts: SeriesStarts, time: number): readonly Metric[] {
  const types = new Map<string, string>();
  const helps = new Map<string, string>();
  const samples = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    const [, what, about = '', said = ''] = /^# (TYPE|HELP) (\S+) (.*)$/.exec(line) ?? [];
    if (what === 'TYPE') types.set(about, said);
    else if (what === 'HELP') helps.set(about, said.replaceAll('\\n', '\n').replaceAll('\\\\', '\\'));
    if (line.startsWith('#')) continue;
    const sample = sampleOf(line);
    if (sample === undefined) continue;
    const family = familyOf(sample.name, types);
    const of = samples.get(family);
    if (of === undefined) samples.set(family, [sample]);
    else of.push(sample);
  }
  const metrics: Metric[] = [];
  for (const [family, of] of samples) {
    const about = { description: helps.get(family) ?? '', unit: unitOf(family) };
    const type = types.get(family) ?? 'gauge';
    if (type === 'histogram') {
      metrics.push({ ...about, name: family, type, points: histograms(of, starts, time) });
      continue;
    }
    // Quantiles that were reckoned already cannot be added up: a summary is sent as what it sums and counts.
    for (const [name, own] of byName(of)) {
      const isCounted = type === 'counter' || type === 'summary';
      const points = own.filter(({ labels }) => labels.quantile === undefined);
      if (points.length === 0) continue;
      metrics.push({
        ...about,
        name,
        type: isCounted ? 'sum' : 'gauge',
        points: points.map((sample) => numberPoint(sample, isCounted ? starts : undefined, time)),
      });
    }
  }
  starts.looked(time);
  return metrics;
}

function numberPoint(sample: Sample, starts: SeriesStarts | undefined, time: number): NumberPoint {
  const { labels, value } = sample;
  const start = starts?.startOf(seriesOf(sample.name, labels), value) ?? time;
  return { attributes: labels, start, time, value };
}

function histograms(samples: readonly Sample[], starts: SeriesStarts, time: number): HistogramPoint[] {
  const found = new Map<
    string,
    { labels: Sample['labels']; sum: number; count: number; le: [number, number][] }
  >();
  for (const { name, labels, value } of samples) {
    const { le, ...others } = labels;
    const key = seriesOf('', others);
    const one = found.get(key) ?? { labels: others, sum: 0, count: 0, le: [] };
    found.set(key, one);
    if (name.endsWith('_sum')) one.sum = value;
    else if (name.endsWith('_count')) one.count = value;
    else if (le !== undefined) one.le.push([le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), value]);
  }
  const family = samples[0]?.name ?? '';
  return [...found.entries()].map(([key, { labels, sum, count, le }]) => {
    const cumulated = le.sort(([one], [other]) => one - other);
    const counts = cumulated.map(([, value], index) => value - (cumulated[index - 1]?.[1] ?? 0));
    const bounds = cumulated.map(([bound]) => bound).filter(Number.isFinite);
    const start = starts.startOf(family + key, count);
    return { attributes: labels, start, time, count, sum, bounds, counts };
  });
}

function byName(samples: readonly Sample[]): ReadonlyMap<string, readonly Sample[]> {
  const names = new Map<string, Sample[]>();
  for (const sample of samples) names.set(sample.name, [...(names.get(sample.name) ?? []), sample]);
  return names;
}

function familyOf(name: string, types: ReadonlyMap<string, string>): string {
  if (types.has(name)) return name;
  const family = name.replace(/_(bucket|sum|count)$/, '');
  return types.has(family) ? family : name;
}

/** As UCUM writes it, by the end of the name. */
function unitOf(name: string): string {
  const base = name.replace(/_total$/, '');
  if (base.endsWith('_seconds')) return 's';
  if (base.endsWith('_bytes')) return 'By';
  if (base.endsWith('_percent')) return '%';
  return '1';
}

function seriesOf(name: string, labels: Readonly<Record<string, string>>): string {
  return `${name} ${JSON.stringify(labels)}`;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/;

function sampleOf(text: string): Sample | undefined {
  const [, name, labels = '', value] = line.exec(text) ?? [];
  if (name === undefined || value === undefined) return undefined;
  const found: Record<string, string> = {};
  for (const [, key = '', said = ''] of labels.matchAll(/([a-zA-Z_]\w*)="((?:\\.|[^"\\])*)"/g)) {
    found[key] = said.replaceAll(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one));
  }
  return { name, labels: found, value: numberOf(value) };
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}
