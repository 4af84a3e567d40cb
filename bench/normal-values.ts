import { normalQuantile, type Random } from '../libraries/statistics/index.ts';

/** Values of the standard normal distribution, one random word each. */
export function normals(random: Random, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => normalQuantile((random.word() + 0.5) / 2 ** 32));
}
