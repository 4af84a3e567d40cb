/**
 * Chooses among weighted options evenly spread: of any hundred choices in a row, wherever they begin, each option gets
 * its weight, and no option comes in bursts.
 */
export class WeightedChoice<Option> {
  readonly #options: { readonly option: Option; readonly weight: number; credit: number }[];
  readonly #total: number;

  /** Weights are whole and at least one is above 0. */
  constructor(options: readonly { readonly option: Option; readonly weight: number }[]) {
    this.#options = options.filter(({ weight }) => weight > 0).map((entry) => ({ ...entry, credit: 0 }));
    this.#total = this.#options.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** Takes over the turns of a choice with the same weights in the same order. */
  goOnFrom(before: WeightedChoice<Option>): void {
    for (const [index, entry] of this.#options.entries()) entry.credit = before.#options[index]!.credit;
  }

  next(): Option {
    let richest = this.#options[0]!;
    if (this.#options.length === 1) return richest.option;
    for (const entry of this.#options) {
      entry.credit += entry.weight;
      if (entry.credit > richest.credit) richest = entry;
    }
    richest.credit -= this.#total;
    return richest.option;
  }
}
