/** Sixteen bits hold a float in two ways: FP16 (IEEE 754 half precision) and BF16 (the upper half of an FP32). */
interface Format {
  readonly exponentBits: number;
  readonly fractionBits: number;
}

const formats = {
  FP16: { exponentBits: 5, fractionBits: 10 },
  BF16: { exponentBits: 8, fractionBits: 7 },
} as const satisfies Record<string, Format>;

export type SmallFloat = keyof typeof formats;

/** The number that a pattern of 16 bits stands for. */
export function fromBits(datatype: SmallFloat, bits: number): number {
  const { exponentBits, fractionBits } = formats[datatype];
  const bias = 2 ** (exponentBits - 1) - 1;
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  if (exponent === 2 ** exponentBits - 1)
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias);
  return sign * (1 + fraction) * 2 ** (exponent - bias);
}

/** The pattern nearest to a finite number that lies within the range of the type; half-way, the even one. */
export function toBits(datatype: SmallFloat, value: number): number {
  const { exponentBits, fractionBits } = formats[datatype];
  const bias = 2 ** (exponentBits - 1) - 1;
  const size = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  // Numbers below the least normal one are spaced like those just above it.
  let exponent = 1 - bias;
  while (2 ** (exponent + 1) <= size) exponent += 1;
  const steps = roundHalfToEven(size / 2 ** (exponent - fractionBits));
  // The leading one of a normal number is not stored: added to the field, it makes the exponent one higher. So does a carry.
  return sign | (((exponent + bias - 1) << fractionBits) + steps);
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
