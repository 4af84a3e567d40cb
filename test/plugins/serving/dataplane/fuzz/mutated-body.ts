/** Bodies of inference requests that are nearly right: made from right ones, by what the body is made of. */
import type { Random } from '../../../../../libraries/statistics/index.ts';

export interface Body {
  readonly bytes: Buffer;
  /** The header `Inference-Header-Content-Length`, where it is sent. */
  readonly jsonLength: string | undefined;
}

export type FuzzedDatatype = 'FP32' | 'INT64' | 'BYTES' | 'BOOL';

/** A right request of `rows` rows of two elements, as JSON or with its elements behind it. */
export function rightBody(datatype: FuzzedDatatype, id: string, rows: number, random: Random): Body {
  const elements = Array.from({ length: rows * 2 }, () => elementOf(datatype, random));
  const input = { name: 'x', datatype, shape: [rows, 2] };
  if (random.below(2) === 0) {
    const text = JSON.stringify({ id, inputs: [{ ...input, data: elements }] });
    return { bytes: Buffer.from(spaced(text, random)), jsonLength: undefined };
  }
  const binary = bytesOf(datatype, elements);
  const json = Buffer.from(
    JSON.stringify({ id, inputs: [{ ...input, parameters: { binary_data_size: binary.length } }] }),
  );
  return { bytes: Buffer.concat([json, binary]), jsonLength: String(json.length) };
}

function elementOf(datatype: FuzzedDatatype, random: Random): number | string | boolean {
  if (datatype === 'BOOL') return random.below(2) === 1;
  if (datatype === 'BYTES') return ['', 'a', 'wörter', '"\\', '😀', 'x'.repeat(50)][random.below(6)]!;
  if (datatype === 'INT64') return random.below(2 ** 31) - 2 ** 30;
  return [0, -0, 1.5, -2.25, 1e-7, 123456.78, random.below(1e6) / 1000][random.below(7)]!;
}

function bytesOf(datatype: FuzzedDatatype, elements: readonly (number | string | boolean)[]): Buffer {
  if (datatype === 'BOOL') return Buffer.from(elements.map(Number));
  if (datatype === 'FP32') return Buffer.from(Float32Array.from(elements as number[]).buffer);
  if (datatype === 'INT64') return Buffer.from(BigInt64Array.from((elements as number[]).map(BigInt)).buffer);
  return Buffer.concat(
    elements.map((text) => {
      const bytes = Buffer.from(String(text));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return Buffer.concat([length, bytes]);
    }),
  );
}

function spaced(text: string, random: Random): string {
  return random.below(4) === 0 ? text.replace(/[,:[\]{}](?=(?:[^"]*"[^"]*")*[^"]*$)/g, ' $&\n') : text;
}

/** The same with one to three things changed. What comes out may be right still. */
export function mutate({ bytes, jsonLength }: Body, random: Random): Body {
  let json = bytes.subarray(0, jsonLength === undefined ? undefined : Number(jsonLength));
  let binary = jsonLength === undefined ? Buffer.alloc(0) : bytes.subarray(Number(jsonLength));
  let length: string | undefined;
  for (let times = 1 + random.below(3); times > 0; times--) {
    const kind = random.below(10);
    if (kind < 5) json = changedDocument(json, random);
    else if (kind < 7) json = changedBytes(json, random);
    else if (kind === 7 && jsonLength !== undefined) binary = changedBytes(binary, random);
    else if (kind === 8) length = lengths[random.below(lengths.length)]!(json.length);
    else json = changedText(json, random);
  }
  return {
    bytes: Buffer.concat([json, binary]),
    jsonLength: length ?? (jsonLength === undefined ? undefined : String(json.length)),
  };
}

const lengths: readonly ((right: number) => string)[] = [
  () => '0',
  () => '-1',
  () => '1e3',
  () => '0x10',
  () => '99999999999999999999',
  () => '',
  () => ' 1',
  (right) => String(right - 1),
  (right) => String(right + 1),
  (right) => `${right}, ${right}`,
  (right) => `${right}.0`,
  (right) => `0${right}`,
];

const values: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  2,
  1.5,
  1e39,
  Number.NEGATIVE_INFINITY,
  2 ** 53,
  2 ** 63,
  '',
  'x',
  'FP32',
  'FP64',
  'INT64',
  'BYTES',
  [],
  [[]],
  [1, 2],
  [2, 1],
  [-1, 2],
  [0, 2],
  [1, 2, 1],
  [4_294_967_296, 4_294_967_296],
  {},
  { binary_data_size: 8 },
  { binary_data_size: -8 },
  { binary_data_size: 1e15 },
  { binary_data: true },
  { binary_data_output: true },
  [[1, 2]],
  [['a', 'b']],
  [{ name: 'y' }],
  [{ name: 'y' }, { name: 'y' }],
  [{ name: 'y', parameters: { binary_data: true } }],
  [{ name: 'nothing' }],
];

const names = [
  'id',
  'inputs',
  'outputs',
  'parameters',
  'name',
  'datatype',
  'shape',
  'data',
  '__proto__',
  'extra',
];

/** A value of the document replaced, dropped, added or put a level deeper. */
function changedDocument(json: Buffer, random: Random): Buffer {
  let document: unknown;
  try {
    document = JSON.parse(json.toString());
  } catch {
    return changedBytes(json, random);
  }
  const places: { readonly parent: Record<string, unknown>; readonly key: string }[] = [];
  const walk = (parent: object): void => {
    for (const key of Object.keys(parent)) {
      places.push({ parent: parent as Record<string, unknown>, key });
      const child = (parent as Record<string, unknown>)[key];
      if (typeof child === 'object' && child !== null) walk(child);
    }
  };
  walk({ document });
  const { parent, key } = places[random.below(places.length)]!;
  const value = values[random.below(values.length)];
  const kind = random.below(5);
  if (kind === 0) parent[key] = value;
  else if (kind === 1) delete parent[key];
  else if (kind === 2) parent[key] = [parent[key]];
  else if (kind === 3 && Array.isArray(parent[key])) (parent[key] as unknown[]).push(value);
  else {
    Object.defineProperty(parent, names[random.below(names.length)]!, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return Buffer.from(JSON.stringify(document) ?? '');
}

/** What no writer of JSON does: keys twice, numbers and texts in other spellings, more than a document. */
function changedText(json: Buffer, random: Random): Buffer {
  const text = json.toString();
  const kind = random.below(9);
  if (kind === 0) return Buffer.from(text.replace(/"data":(\[[^\]]*\])/, '"data":[9,9],"data":$1'));
  if (kind === 1) return Buffer.from(text.replace(/"shape":/, '"shape":[7,7],"shape":'));
  if (kind === 2) return Buffer.from(text.replace('"inputs"', '"\\u0069nputs"'));
  if (kind === 3) return Buffer.from(text.replace(/(\d)([,\]])/, '$1.50e+01$2'));
  if (kind === 4) return Buffer.from(text.replace(/(\d+)([,\]])/, '00$1$2'));
  if (kind === 5) return Buffer.from(text.replace(/(-?[\d.]+)([,\]])/, 'NaN$2'));
  if (kind === 6) return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), json]);
  if (kind === 7) return Buffer.from(`${'['.repeat(random.below(3000))}${text}`);
  return Buffer.from(`${text}${text}`);
}

function changedBytes(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return Buffer.from([random.below(256)]);
  const at = random.below(bytes.length);
  const kind = random.below(5);
  if (kind === 0) return bytes.subarray(0, at);
  if (kind === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(bytes.length))]);
  if (kind === 2) return Buffer.concat([bytes, Buffer.alloc(1 + random.below(16))]);
  const copy = Buffer.from(bytes);
  copy[at] = kind === 3 ? random.below(256) : copy[at]! ^ (1 << random.below(8));
  return copy;
}
