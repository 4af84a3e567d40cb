import type { OutlierRule } from '../../../../core/capabilities/serving-runtime.ts';
import { type ValueScore, valueScore } from '../../../../libraries/profile/index.ts';
import type { TensorInterface } from '../protocol/model-interface.ts';
import { halfToNumber } from '../tensor/half.ts';
import type { Tensor } from '../tensor/tensor.ts';

interface ScoredInput {
  readonly index: number;
  readonly score: ValueScore;
  readonly readValue: (data: Tensor['data'], row: number) => number | bigint | string | boolean;
}

/** How outlying the rows of a request are: the most that one of their inputs is. Inputs of several elements a row have no rule. */
export class OutlierScorer {
  readonly #inputs: readonly ScoredInput[];
  readonly #hasRows: boolean;

  constructor(rules: readonly OutlierRule[], inputs: readonly TensorInterface[], hasRows: boolean) {
    this.#hasRows = hasRows;
    this.#inputs = rules.flatMap((rule) => {
      const index = inputs.findIndex(({ name }) => name === rule.name);
      const { datatype } = inputs[index] ?? {};
      // A text has no distance from numbers.
      if (datatype === undefined || (rule.type === 'number' && datatype === 'BYTES')) return [];
      return [{ index, score: valueScore(rule), readValue: valueBy(datatype) }];
    });
  }

  /** Whether an input has a rule. */
  get isNeeded(): boolean {
    return this.#inputs.length > 0;
  }

  /** A score a row; none where the inputs are not at hand or none of them has a rule. */
  scores(inputs: readonly Tensor[]): Float64Array {
    let scores = none;
    for (const { index, score, readValue } of this.#inputs) {
      const tensor = inputs[index];
      if (tensor === undefined) continue;
      const { shape, data } = tensor;
      const rows = this.#hasRows ? (shape[0] ?? 1) : 1;
      if (data.length !== rows) continue;
      if (scores.length !== rows) scores = new Float64Array(rows);
      for (let row = 0; row < rows; row++) {
        const value = score(readValue(data, row));
        if (value > scores[row]!) scores[row] = value;
      }
    }
    return scores;
  }
}

const none = new Float64Array(0);

function valueBy(datatype: string): ScoredInput['readValue'] {
  if (datatype === 'FP16') return (data, row) => halfToNumber(Number(data[row]));
  if (datatype === 'BOOL') return (data, row) => Number(data[row]) === 1;
  return (data, row) => data[row] as number | bigint | string;
}
