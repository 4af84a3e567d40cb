export interface Eigen {
  readonly values: readonly number[];
  /** Column `k`, at `vectors[row * size + k]`, belongs to value `k`. */
  readonly vectors: Float64Array;
}

/** Eigenvalues and vectors of a small symmetric matrix, row after row, by Jacobi's rotations (Crelle's Journal 30, 1846). */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  const a = Float64Array.from(matrix);
  const vectors = new Float64Array(size * size);
  for (let at = 0; at < size; at++) vectors[at * size + at] = 1;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let all = 0;
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const square = a[row * size + column]! ** 2;
        all += square;
        if (row !== column) off += square;
      }
    }
    // Rounding leaves about size² ε² of all.
    if (off <= 1e-30 * size * size * all) break;
    for (let p = 0; p < size - 1; p++) for (let q = p + 1; q < size; q++) rotate(a, vectors, size, p, q);
  }
  return { values: Array.from({ length: size }, (_, at) => a[at * size + at]!), vectors };
}

function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const off = a[p * size + q]!;
  if (off === 0) return;
  const half = (a[q * size + q]! - a[p * size + p]!) / (2 * off);
  const tangent = (half >= 0 ? 1 : -1) / (Math.abs(half) + Math.hypot(half, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  for (let k = 0; k < size; k++) {
    const [one, other] = [a[k * size + p]!, a[k * size + q]!];
    a[k * size + p] = cosine * one - sine * other;
    a[k * size + q] = sine * one + cosine * other;
  }
  for (let k = 0; k < size; k++) {
    const [one, other] = [a[p * size + k]!, a[q * size + k]!];
    a[p * size + k] = cosine * one - sine * other;
    a[q * size + k] = sine * one + cosine * other;
  }
  for (let k = 0; k < size; k++) {
    const [one, other] = [vectors[k * size + p]!, vectors[k * size + q]!];
    vectors[k * size + p] = cosine * one - sine * other;
    vectors[k * size + q] = sine * one + cosine * other;
  }
}
