/** Two inputs `a` and `b`, FP32 of shape [N, 2]; outputs `sum` and `difference` of the same. */
export const sumFixture = 'conformance-sum';

export interface JsonInput {
  readonly name: string;
  readonly datatype: 'FP32';
  readonly shape: readonly [number, 2];
  readonly data: readonly unknown[];
}

/** Its inputs, with data flat or nested. */
export function sumInputs(a: readonly unknown[], b: readonly unknown[]): readonly [JsonInput, JsonInput] {
  const rows = a.flat().length / 2;
  const input = (name: string, data: readonly unknown[]) =>
    ({ name, datatype: 'FP32', shape: [rows, 2], data }) as const;
  return [input('a', a), input('b', b)];
}
