import { isSame, notAlike, refuseOtherGraph } from './alike.ts';
import { datatypeName } from './datatypes.ts';
import type { ModelProto, StringEntry, TensorProto } from './messages.ts';
import { fromBits, toBits } from './small-floats.ts';
import { tensorBytes } from './tensor-bytes.ts';

export interface Averaged {
  readonly model: ModelProto;
  /** The initializers whose values are new, in the order of the graph. */
  readonly averaged: readonly string[];
  /** How many initializers were the same in both. */
  readonly same: number;
}

/**
 * A model whose weights lie between those of two models with the same graph: each float initializer becomes
 * `(1 − weight) · one + weight · other`, computed in double precision and rounded once to its own type. Values that are
 * equal stay as they are to the bit. Everything else must be the same in both: whole numbers, text, attributes of nodes.
 * Of what only describes a file (producer, documentation, metadata) that stays which both say.
 *
 * @param weight The share of `other`, above 0 and below 1.
 * @throws OnnxError `NotAlike` that names the initializer or the node that does not allow it.
 */
export function averageModels(one: ModelProto, other: ModelProto, weight: number): Averaged {
  if (!(weight > 0 && weight < 1)) throw new RangeError(`a weight lies between 0 and 1, not at ${weight}`);
  refuseOtherGraph(one, other);
  const tensors = one.graph?.initializer ?? [];
  const others = new Map((other.graph?.initializer ?? []).map((tensor) => [tensor.name ?? '', tensor]));
  const averaged: string[] = [];
  const initializer = tensors.map((tensor) => {
    const name = tensor.name ?? '';
    const second = others.get(name);
    if (second === undefined) throw notAlike('only one of the two has it', placeOf(name));
    others.delete(name);
    const between = averageTensors(tensor, second, weight);
    if (between !== tensor) averaged.push(name);
    return between;
  });
  for (const name of others.keys()) throw notAlike('only one of the two has it', placeOf(name));
  const model = { ...withoutClaims(one, other), graph: { ...one.graph, initializer } };
  return { model, averaged, same: tensors.length - averaged.length };
}

function placeOf(name: string): string {
  return `initializer '${name}'`;
}

/** The first of the two where they are equal. */
function averageTensors(one: TensorProto, other: TensorProto, weight: number): TensorProto {
  const place = placeOf(one.name ?? '');
  const [shape, second] = [(one.dims ?? []).join(', '), (other.dims ?? []).join(', ')];
  if (shape !== second) throw notAlike(`its shape is [${shape}] in one and [${second}] in the other`, place);
  if (one.dataType !== other.dataType) {
    const [is, was] = [one, other].map(({ dataType = 0 }) => datatypeName(dataType) ?? `type ${dataType}`);
    throw notAlike(`it is ${is} in one and ${was} in the other`, place);
  }
  const [bytes, others] = [tensorBytes(one), tensorBytes(other)];
  if (bytes === undefined || others === undefined) {
    if (isSame(one, other)) return one;
    throw notAlike('it differs, and is not of floats', place);
  }
  if (Buffer.compare(bytes, others) === 0) return one;
  const datatype = datatypeName(one.dataType ?? 0);
  const layout = layouts[datatype ?? ''];
  if (layout === undefined) throw notAlike(`it is ${datatype} and differs: only floats are averaged`, place);
  const between: TensorProto = { ...one, rawData: averageBytes(layout, bytes, others, weight, place) };
  for (const list of ['floatData', 'doubleData', 'int32Data'] as const) delete between[list];
  return between;
}

function averageBytes(
  { width, read, write }: Layout,
  one: Uint8Array,
  other: Uint8Array,
  weight: number,
  place: string,
): Uint8Array {
  const [from, second] = [viewOf(one), viewOf(other)];
  const bytes = Uint8Array.from(one);
  const into = viewOf(bytes);
  for (let offset = 0; offset < bytes.byteLength; offset += width) {
    const [a, b] = [read(from, offset), read(second, offset)];
    if (Object.is(a, b)) continue;
    if (!Number.isFinite(a) || !Number.isFinite(b)) {
      throw notAlike(`element ${offset / width} is ${a} in one and ${b} in the other`, place);
    }
    write(into, offset, (1 - weight) * a + weight * b);
  }
  return bytes;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

interface Layout {
  readonly width: number;
  read(view: DataView, offset: number): number;
  write(view: DataView, offset: number, value: number): void;
}

const layouts: Readonly<Record<string, Layout>> = {
  FP32: {
    width: 4,
    read: (view, offset) => view.getFloat32(offset, true),
    write: (view, offset, value) => view.setFloat32(offset, value, true),
  },
  FP64: {
    width: 8,
    read: (view, offset) => view.getFloat64(offset, true),
    write: (view, offset, value) => view.setFloat64(offset, value, true),
  },
  FP16: {
    width: 2,
    read: (view, offset) => fromBits('FP16', view.getUint16(offset, true)),
    write: (view, offset, value) => view.setUint16(offset, toBits('FP16', value), true),
  },
  BF16: {
    width: 2,
    read: (view, offset) => fromBits('BF16', view.getUint16(offset, true)),
    write: (view, offset, value) => view.setUint16(offset, toBits('BF16', value), true),
  },
};

/** The average was made by neither producer: only what both say of themselves holds for it. */
function withoutClaims(one: ModelProto, other: ModelProto): ModelProto {
  const kept: ModelProto = { ...one };
  for (const field of ['producerName', 'producerVersion', 'domain', 'modelVersion', 'docString'] as const) {
    if (one[field] !== other[field]) delete kept[field];
  }
  const said = new Map((other.metadataProps ?? []).map(({ key, value }) => [key, value]));
  const isShared = ({ key, value }: StringEntry) => said.has(key) && said.get(key) === value;
  if (one.metadataProps !== undefined) kept.metadataProps = one.metadataProps.filter(isShared);
  return kept;
}
