/** Four elements of each datatype, and the fixture models that give them back. */
import { lengthPrefixed } from './raw-tensors.ts';

export interface Sample {
  /** Four elements as they stand in JSON, where JSON has them. */
  readonly json?: readonly string[];
  /** The same four as raw bytes. */
  readonly raw: Buffer;
}

/** The ends of what each datatype holds, beside the ordinary. */
export const samples: Readonly<Record<string, Sample>> = {
  BOOL: { json: ['true', 'false', 'false', 'true'], raw: Buffer.from([1, 0, 0, 1]) },
  UINT8: { json: ['0', '1', '128', '255'], raw: Buffer.from([0, 1, 128, 255]) },
  INT8: { json: ['-128', '-1', '0', '127'], raw: Buffer.from(Int8Array.of(-128, -1, 0, 127).buffer) },
  UINT16: { json: ['0', '1', '32768', '65535'], raw: Buffer.from(Uint16Array.of(0, 1, 32768, 65535).buffer) },
  INT16: {
    json: ['-32768', '-1', '0', '32767'],
    raw: Buffer.from(Int16Array.of(-32768, -1, 0, 32767).buffer),
  },
  UINT32: {
    json: ['0', '1', '2147483648', '4294967295'],
    raw: Buffer.from(Uint32Array.of(0, 1, 2147483648, 4294967295).buffer),
  },
  INT32: {
    json: ['-2147483648', '-1', '0', '2147483647'],
    raw: Buffer.from(Int32Array.of(-2147483648, -1, 0, 2147483647).buffer),
  },
  UINT64: {
    json: ['0', '9007199254740993', '9223372036854775808', '18446744073709551615'],
    raw: Buffer.from(BigUint64Array.of(0n, 9007199254740993n, 2n ** 63n, 2n ** 64n - 1n).buffer),
  },
  INT64: {
    json: ['-9223372036854775808', '-9007199254740993', '0', '9223372036854775807'],
    raw: Buffer.from(BigInt64Array.of(-(2n ** 63n), -9007199254740993n, 0n, 2n ** 63n - 1n).buffer),
  },
  FP16: { raw: Buffer.from(Uint16Array.of(0x3c00, 0xbe00, 0x7bff, 0x0001).buffer) },
  BF16: { raw: Buffer.from(Uint16Array.of(0x3f80, 0xbfc0, 0x7f7f, 0x0001).buffer) },
  FP32: {
    json: ['0.1', '-1.5', '3.4028234663852886e38', '1.401298464324817e-45'],
    raw: Buffer.from(Float32Array.of(0.1, -1.5, 3.4028234663852886e38, 1.401298464324817e-45).buffer),
  },
  FP64: {
    json: ['0.1', '-1.5', '1.7976931348623157e308', '5e-324'],
    raw: Buffer.from(Float64Array.of(0.1, -1.5, 1.7976931348623157e308, 5e-324).buffer),
  },
  BYTES: {
    json: ['"plain"', '""', '"ünïcode ✓ 𝄞"', '"quote \\" and \\\\ and \\n"'],
    raw: lengthPrefixed('plain', '', 'ünïcode ✓ 𝄞', 'quote " and \\ and \n'),
  },
};

/** The datatypes that a fixture is there for. */
export const fixtureDatatypes = Object.keys(samples);

/** A model whose output `y` is its input `x`, of shape [N, 4]. */
export const identityFixture = (datatype: string): string => `conformance-${datatype.toLowerCase()}`;
