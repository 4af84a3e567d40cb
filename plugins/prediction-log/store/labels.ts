import type { Label } from '../../../core/capabilities/prediction-sink.ts';

/** A label with where its prediction was made and when it came. */
export interface StoredLabel {
  readonly id: string;
  readonly row: number;
  /** JSON. */
  readonly label: string;
  /** Milliseconds since 1970, to the microsecond: of two labels the later one counts. */
  readonly received: number;
  readonly date: string;
  readonly environment: string;
  readonly deployment: string;
}

/** What is known of the predictions that labels are for. */
export interface KnownPrediction {
  readonly id: string;
  readonly date: string;
  readonly environment: string;
  readonly deployment: string;
  readonly rows: number;
}

export interface SortedLabels {
  readonly stored: readonly StoredLabel[];
  readonly duplicates: number;
  readonly unknown: number;
  readonly late: number;
  readonly refused: readonly string[];
}

export interface SortingFacts {
  readonly known: ReadonlyMap<string, KnownPrediction>;
  /** The label that counts now, as JSON, by `id/row`. */
  readonly present: ReadonlyMap<string, string>;
  /** How long labels are taken after their prediction, in milliseconds. */
  readonly takenFor: (where: { readonly environment: string; readonly deployment: string }) => number;
  readonly now: number;
  /** When the first of them came, as is noted: the others come a microsecond after one another. */
  readonly received: number;
}

const mostRefused = 20;

/** Which labels are kept and what becomes of the others. Pure. */
export function sortLabels(labels: readonly Label[], facts: SortingFacts): SortedLabels {
  const { known, takenFor, now, received } = facts;
  const present = new Map(facts.present);
  const stored: StoredLabel[] = [];
  const refused = new Set<string>();
  let duplicates = 0;
  let unknown = 0;
  let late = 0;
  for (const { id, row, value } of labels) {
    const of = known.get(id);
    if (of === undefined || row >= of.rows) {
      unknown++;
      if (refused.size < mostRefused) refused.add(id);
      continue;
    }
    const label = JSON.stringify(value);
    const key = `${id}/${row}`;
    if (present.get(key) === label) {
      duplicates++;
      continue;
    }
    if (now - timeOfId(id) > takenFor(of)) {
      late++;
      if (refused.size < mostRefused) refused.add(id);
      continue;
    }
    present.set(key, label);
    const { date, environment, deployment } = of;
    const came = received + stored.length / 1_000;
    stored.push({ id, row, label, received: came, date, environment, deployment });
  }
  return { stored, duplicates, unknown, late, refused: [...refused] };
}

/** Milliseconds since 1970: the first digits of a UUIDv7. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
