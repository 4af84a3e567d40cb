/**
 * What versions of one deployment gave for which inputs, in one process. Bounded in bytes: what was not asked for the longest goes first. It
 * keeps outputs and no answers, so that a hit may be in JSON where the miss was in binary.
 */
import type { CacheCounts } from '../interface/process-metrics.ts';
import type { CacheRules } from '../interface/routing-table.ts';
import { factsOf } from '../tensor/datatypes.ts';
import type { Tensor } from '../tensor/tensor.ts';

interface Entry {
  readonly outputs: readonly Tensor[];
  readonly bytes: number;
  readonly until: number;
}

/** What an entry costs beside its outputs. */
const perEntry = 400;
const perOutput = 150;

export class ResponseCache {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;
  #rules: CacheRules;
  #bytes = 0;
  #evictions = 0;

  /** `now`: milliseconds of a clock that only goes forward. */
  constructor(rules: CacheRules, now: () => number = () => performance.now()) {
    this.#rules = rules;
    this.#now = now;
  }

  /** Takes effect for what is put in from now on; what finds no room any longer goes at once. */
  configure(rules: CacheRules): void {
    this.#rules = rules;
    this.#makeRoom(0);
  }

  find(key: string): readonly Tensor[] | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.until <= this.#now()) {
      this.#bytes -= entry.bytes;
      return undefined;
    }
    this.#entries.set(key, entry);
    return entry.outputs;
  }

  /** Keeps a copy: outputs are views of what a whole batch gave. What would take an eighth of the room is not kept. */
  keep(key: string, outputs: readonly Tensor[]): void {
    const bytes = perEntry + outputs.reduce((sum, output) => sum + perOutput + bytesOf(output), 0);
    if (bytes > this.#rules.bytes / 8) return;
    this.#drop(key);
    this.#makeRoom(bytes);
    this.#entries.set(key, { outputs: outputs.map(copyOf), bytes, until: this.#now() + this.#rules.ttlMs });
    this.#bytes += bytes;
  }

  counts(): CacheCounts {
    return { entries: this.#entries.size, bytes: this.#bytes, evictions: this.#evictions };
  }

  #makeRoom(bytes: number): void {
    for (const key of this.#entries.keys()) {
      if (this.#bytes + bytes <= this.#rules.bytes) return;
      this.#drop(key);
      this.#evictions++;
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}

function bytesOf({ data }: Tensor): number {
  if (!Array.isArray(data)) return data.byteLength;
  let bytes = 0;
  for (const text of data) bytes += 24 + 2 * text.length;
  return bytes;
}

function copyOf({ datatype, shape, data }: Tensor): Tensor {
  const { array } = factsOf(datatype);
  const copy = array === undefined || Array.isArray(data) ? [...(data as readonly string[])] : data.slice();
  return { datatype, shape: [...shape], data: copy as Tensor['data'] };
}
