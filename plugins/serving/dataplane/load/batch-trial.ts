/**
 * Whether requests may share a run. Shapes alone cannot tell: a model whose first axis is time, or that normalises over
 * its rows, has the shapes of a batch and would mix the answers of different callers. So it is tried.
 */

import { joinRows, rowsOf, splitRows } from '../run/batch.ts';
import { factsOf } from '../tensor/datatypes.ts';
import { halfToNumber } from '../tensor/half.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { TrialModel } from './trial-model.ts';

/** Different kernels may run one row and several; more than this apart, rows depend on each other. */
const tolerance = { absolute: 1e-3, relative: 1e-2 };

/** Runs the trials alone and together; true where every axis 0 varies and each answers the same in company. */
export async function isBatchable(
  model: TrialModel,
  trials: readonly (readonly Tensor[])[],
): Promise<boolean> {
  const varies = [...model.inputs, ...model.outputs].every((tensor) => tensor.shape[0] === -1);
  if (!varies) return false;
  const company = trials.filter((trial) => fitTogether(trials.at(-1)!, trial));
  if (company.length === 1) company.push(company[0]!);
  try {
    const alone: Tensor[][] = [];
    for (const trial of company) alone.push(await model.run(trial));
    const together = await model.run(joinRows(company).inputs);
    const parts = splitRows(
      together,
      company.map((trial) => rowsOf(trial)!),
    );
    return parts?.every((part, index) => isAlike(part, alone[index]!)) ?? false;
  } catch {
    return false;
  }
}

/** Whether two requests differ along axis 0 at most, and have rows. */
function fitTogether(first: readonly Tensor[], second: readonly Tensor[]): boolean {
  if (rowsOf(first) === undefined || rowsOf(second) === undefined) return false;
  return first.every((tensor, index) => {
    const other = second[index]!.shape;
    return (
      tensor.shape.length === other.length &&
      tensor.shape.every((size, axis) => axis === 0 || size === other[axis])
    );
  });
}

function isAlike(first: readonly Tensor[], second: readonly Tensor[]): boolean {
  return first.every((tensor, index) => {
    const other = second[index]!;
    if (tensor.data.length !== other.data.length) return false;
    const { form } = factsOf(tensor.datatype);
    for (let element = 0; element < tensor.data.length; element++) {
      if (form !== 'float' && form !== 'half') {
        if (tensor.data[element] !== other.data[element]) return false;
        continue;
      }
      const read = (value: number) => (form === 'half' ? halfToNumber(value) : value);
      const a = read(tensor.data[element] as number);
      const b = read(other.data[element] as number);
      if (Object.is(a, b)) continue;
      if (!(Math.abs(a - b) <= tolerance.absolute + tolerance.relative * Math.abs(b))) return false;
    }
    return true;
  });
}
