import { type GraphProto, type ModelProto, readModel, type TensorProto } from '../../libraries/onnx/index.ts';

/** What two ONNX files have in common, and what not. */
export interface ModelDifference {
  /** Operators that occur in different numbers. */
  readonly operators: readonly {
    readonly operator: string;
    readonly before: number;
    readonly after: number;
  }[];
  /** Operator sets whose version differs. */
  readonly opsets: readonly {
    readonly domain: string;
    readonly before: number | null;
    readonly after: number | null;
  }[];
  /** Tensors of weights by name. `distance`: ‖after − before‖₂ / ‖before‖₂ where both hold floats of one shape. */
  readonly weights: {
    readonly same: number;
    readonly changed: readonly {
      readonly name: string;
      readonly shape: readonly number[];
      readonly distance: number | null;
    }[];
    readonly added: readonly string[];
    readonly removed: readonly string[];
  };
  readonly bytes: { readonly before: number; readonly after: number };
}

/** Compares two ONNX files. Throws `OnnxError` where one of them cannot be read. */
export function modelDifference(before: Uint8Array, after: Uint8Array): ModelDifference {
  const [old, now] = [readModel(before), readModel(after)];
  return {
    operators: operatorDifferences(old, now),
    opsets: opsetDifferences(old, now),
    weights: weightDifferences(old, now),
    bytes: { before: before.byteLength, after: after.byteLength },
  };
}

function operatorDifferences(before: ModelProto, after: ModelProto): ModelDifference['operators'] {
  const [old, now] = [countOperators(before.graph), countOperators(after.graph)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .map((operator) => ({ operator, before: old.get(operator) ?? 0, after: now.get(operator) ?? 0 }))
    .filter((row) => row.before !== row.after);
}

/** Also those of inner graphs: branches of `If`, bodies of `Loop` and `Scan`. */
function countOperators(
  graph: GraphProto | undefined,
  into = new Map<string, number>(),
): Map<string, number> {
  for (const { domain, opType, attribute } of graph?.node ?? []) {
    const name = domain === '' || domain === undefined ? String(opType) : `${domain}.${opType}`;
    into.set(name, (into.get(name) ?? 0) + 1);
    for (const { g, graphs } of attribute ?? []) {
      if (g !== undefined) countOperators(g, into);
      for (const inner of graphs ?? []) countOperators(inner, into);
    }
  }
  return into;
}

function opsetDifferences(before: ModelProto, after: ModelProto): ModelDifference['opsets'] {
  const read = ({ opsetImport }: ModelProto) =>
    new Map((opsetImport ?? []).map(({ domain, version }) => [domain || 'ai.onnx', Number(version)]));
  const [old, now] = [read(before), read(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .map((domain) => ({ domain, before: old.get(domain) ?? null, after: now.get(domain) ?? null }))
    .filter((row) => row.before !== row.after);
}

function weightDifferences(before: ModelProto, after: ModelProto): ModelDifference['weights'] {
  const [old, now] = [tensorsOf(before), tensorsOf(after)];
  let same = 0;
  const changed: { name: string; shape: readonly number[]; distance: number | null }[] = [];
  for (const [name, tensor] of now) {
    const earlier = old.get(name);
    if (earlier === undefined) continue;
    if (
      Buffer.compare(contentOf(earlier), contentOf(tensor)) === 0 &&
      shapeOf(earlier).join() === shapeOf(tensor).join()
    ) {
      same += 1;
    } else changed.push({ name, shape: shapeOf(tensor), distance: distanceOf(earlier, tensor) });
  }
  return {
    same,
    changed,
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
  };
}

/** Initializers, and what nodes carry as tensors or lists of numbers in attributes: trees and encoders keep theirs there. */
function tensorsOf({ graph }: ModelProto): Map<string, TensorProto> {
  const found = new Map<string, TensorProto>();
  for (const tensor of graph?.initializer ?? []) found.set(String(tensor.name), tensor);
  for (const [index, { name, opType, attribute }] of (graph?.node ?? []).entries()) {
    for (const each of attribute ?? []) {
      const place = `${name || `${opType}#${index}`}.${each.name}`;
      if (each.t !== undefined) found.set(place, each.t);
      else if ((each.floats?.length ?? 0) > 0) {
        found.set(place, {
          dims: [BigInt(each.floats?.length ?? 0)],
          dataType: 1,
          floatData: each.floats,
        } as unknown as TensorProto);
      }
    }
  }
  return found;
}

function shapeOf({ dims }: TensorProto): readonly number[] {
  return (dims ?? []).map(Number);
}

function contentOf(tensor: TensorProto): Buffer {
  if ((tensor.rawData?.byteLength ?? 0) > 0) return Buffer.from(tensor.rawData as Uint8Array);
  const {
    floatData = [],
    int32Data = [],
    int64Data = [],
    doubleData = [],
    uint64Data = [],
    stringData = [],
  } = tensor;
  const told = [floatData, int32Data, [...int64Data].map(String), doubleData, [...uint64Data].map(String)];
  const strings = [...stringData].map((bytes) => Buffer.from(bytes as Uint8Array).toString('base64'));
  return Buffer.from(JSON.stringify([...told.map((list) => [...list]), strings]));
}

function distanceOf(before: TensorProto, after: TensorProto): number | null {
  const [old, now] = [floatsOf(before), floatsOf(after)];
  if (old === undefined || now === undefined || old.length !== now.length || old.length === 0) return null;
  let difference = 0;
  let size = 0;
  for (let index = 0; index < old.length; index++) {
    const from = old[index] ?? 0;
    difference += ((now[index] ?? 0) - from) ** 2;
    size += from ** 2;
  }
  if (size === 0) return null;
  const distance = Math.sqrt(difference / size);
  return Number.isFinite(distance) ? distance : null;
}

/** ONNX data type 1 is FLOAT; its numbers lie as raw little-endian bytes or one by one. */
function floatsOf(tensor: TensorProto): ArrayLike<number> | undefined {
  if (Number(tensor.dataType) !== 1) return undefined;
  const raw = tensor.rawData;
  if (raw === undefined || raw.byteLength === 0) return tensor.floatData;
  if (raw.byteLength % 4 !== 0) return undefined;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Float32Array.from({ length: raw.byteLength / 4 }, (_, index) => view.getFloat32(index * 4, true));
}
