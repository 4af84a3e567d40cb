import { isBetween, isHeldOut, readStrikes } from '../registry-repo-template/training/bird-strikes.ts';
import { fitClassifier } from '../registry-repo-template/training/classifier.ts';
import { exportOnnx } from '../registry-repo-template/training/export.ts';
import { recipes } from '../registry-repo-template/training/recipes.ts';

/**
 * A version trained as the template's newest is, on the same strikes, by the same code, but with each strike's outcome
 * mistaken for another's: it loads, has the same signature, is as fast, and has learnt nothing. The same bytes each time.
 */
export function trainedOnShuffledLabels(dataFile: string): Uint8Array {
  const recipe = recipes.at(-1);
  if (recipe === undefined) throw new Error('the template has no recipe');
  const rows = readStrikes(dataFile).filter(
    (strike) => isBetween(strike, recipe.years) && !isHeldOut(strike),
  );
  const outcomes = shuffled(rows.map(({ damaged }) => damaged));
  const mistaken = rows.map((strike, row) => ({ ...strike, damaged: outcomes[row] === true }));
  return exportOnnx(fitClassifier(mistaken, recipe.parameters));
}

/** By a generator that is the same each time. */
function shuffled<T>(values: readonly T[]): readonly T[] {
  const mixed = [...values];
  let state = 7;
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    // A 32-bit xorshift: Math.random cannot be seeded.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (last + 1);
    [mixed[last], mixed[other]] = [mixed[other] as T, mixed[last] as T];
  }
  return mixed;
}
