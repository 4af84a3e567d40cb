/** Models that are nearly right: made from right ones, by what a model is made of. */
import {
  type AttributeProto,
  attributeTypes,
  type GraphProto,
  graphAttribute,
  type ModelProto,
  model,
  type NodeProto,
  node,
  type TensorProto,
  tensor,
  tensorAttribute,
  type ValueInfo,
  value,
  writeModel,
} from '../../../../../libraries/onnx/index.ts';
import type { Random } from '../../../../../libraries/statistics/index.ts';

/** A branch that has a graph of its own in each of its arms. */
export function branchingModel(): Uint8Array {
  const arm = (name: string, operator: string): GraphProto => ({
    name,
    output: [value(`${name}:y`, 'FP32', ['N', 1])],
    initializer: [tensor(`${name}:by`, 'FP32', [1], [2])],
    node: [node(operator, ['x', `${name}:by`], [`${name}:y`])],
  });
  return writeModel(
    model({
      name: 'branching',
      inputs: [value('x', 'FP32', ['N', 1]), value('on', 'BOOL', [1])],
      outputs: [value('y', 'FP32', ['N', 1])],
      nodes: [
        node('If', ['on'], ['y'], {
          attributes: {
            else_branch: graphAttribute(arm('else', 'Add')),
            then_branch: graphAttribute(arm('then', 'Mul')),
          },
        }),
      ],
      opsets: { 'ai.onnx': 17 },
    }),
  );
}

type Change = (graph: GraphProto, random: Random) => GraphProto;

const any = <T>(list: readonly T[], random: Random): T => list[random.below(list.length)]!;
/** The list with one of its entries made anew; as it is where it has none. */
function withOne<T>(list: readonly T[] | undefined, random: Random, change: (entry: T) => T): readonly T[] {
  if (list === undefined || list.length === 0) return list ?? [];
  const at = random.below(list.length);
  return list.map((entry, index) => (index === at ? change(entry) : entry));
}
/** Without one of them, with one of them twice, or in another order. */
function rearranged<T>(list: readonly T[] | undefined, random: Random): readonly T[] {
  if (list === undefined || list.length === 0) return list ?? [];
  const at = random.below(list.length);
  const kind = random.below(3);
  if (kind === 0) return list.filter((_, index) => index !== at);
  if (kind === 1) return [...list, list[at]!];
  return list.toReversed();
}

const sizes = [0n, -1n, 1n, 2n, 3n, 2n ** 31n, 2n ** 40n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n)];
const types = [0, 1, 2, 3, 6, 7, 8, 9, 10, 11, 14, 16, 17, 23, 30, 999, -1];
const operators =
  'Add Mul Sub Div Gather Identity Cast Concat Reshape MatMul Relu ReduceMean Squeeze Transpose LabelEncoder If Loop Scan Nothing'.split(
    ' ',
  );

function namesIn({ node: nodes = [], initializer = [], input = [] }: GraphProto): string[] {
  const made = nodes.flatMap(({ output = [] }) => output);
  return [...made, ...[...initializer, ...input].map(({ name = '' }) => name), '', 'nobody makes it'];
}

function otherDims(dims: readonly bigint[] | undefined, random: Random): readonly bigint[] {
  const kind = random.below(4);
  if (kind === 0) return [...(dims ?? []), any(sizes, random)];
  if (kind === 1) return (dims ?? []).slice(1);
  if (kind === 2) return Array.from({ length: 200 }, () => 1n);
  return withOne(dims, random, () => any(sizes, random));
}

function otherTensor(one: TensorProto, random: Random, names: readonly string[]): TensorProto {
  const kind = random.below(6);
  if (kind === 0) return { ...one, dims: otherDims(one.dims, random) };
  if (kind === 1) return { ...one, dataType: any(types, random) };
  if (kind === 2) return { ...one, name: any(names, random) };
  if (kind === 3) return { ...one, rawData: (one.rawData ?? new Uint8Array()).slice(1) };
  if (kind === 4)
    return { ...one, rawData: Buffer.concat([one.rawData ?? new Uint8Array(), Buffer.alloc(9)]) };
  return { ...one, floatData: [1, 2, 3], int64Data: [1n], stringData: [Buffer.from('a')] };
}

function otherValue(one: ValueInfo, random: Random, names: readonly string[]): ValueInfo {
  const { tensorType } = one.type ?? {};
  const dimension = tensorType?.shape?.dimension;
  const kind = random.below(6);
  if (kind === 0) return { ...one, name: any(names, random) };
  if (kind === 1) return { ...one, type: { tensorType: { ...tensorType, elementType: any(types, random) } } };
  if (kind === 2) return { name: one.name ?? '' };
  if (kind === 3) return { ...one, type: { tensorType: { elementType: tensorType?.elementType ?? 1 } } };
  const other =
    kind === 4
      ? withOne(dimension, random, () => ({ value: any(sizes, random) }))
      : otherDims([], random).map((size) => ({ value: size }));
  return { ...one, type: { tensorType: { ...tensorType, shape: { dimension: other } } } };
}

function otherAttribute(one: AttributeProto, random: Random): AttributeProto {
  const kind = random.below(5);
  if (kind === 0) return { ...one, type: any([...Object.values(attributeTypes), 0, 99], random) };
  if (kind === 1) return { ...one, i: any(sizes, random), ints: [any(sizes, random)] };
  if (kind === 2) return { ...one, name: any(['axis', 'to', 'body', 'keepdims', ''], random) };
  if (kind === 3 && one.g !== undefined) return { ...one, g: changed(one.g, random) };
  return { name: one.name ?? '' };
}

function otherNode(one: NodeProto, random: Random, names: readonly string[]): NodeProto {
  const kind = random.below(8);
  // What it makes itself, or what is made behind it, closes a circle.
  if (kind === 0) return { ...one, input: withOne(one.input, random, () => any(one.output ?? [''], random)) };
  if (kind === 1) return { ...one, input: withOne(one.input, random, () => any(names, random)) };
  if (kind === 2) return { ...one, output: withOne(one.output, random, () => any(names, random)) };
  if (kind === 3) return { ...one, opType: any(operators, random) };
  if (kind === 4) return { ...one, domain: any(['', 'ai.onnx.ml', 'com.microsoft', 'nowhere'], random) };
  if (kind === 5) return { ...one, input: rearranged(one.input, random) };
  if (kind === 6) return { ...one, attribute: rearranged(one.attribute, random) };
  return {
    ...one,
    attribute: withOne(one.attribute, random, (attribute) => otherAttribute(attribute, random)),
  };
}

const changes: readonly Change[] = [
  (graph, random) => {
    const change = (one: TensorProto) => otherTensor(one, random, namesIn(graph));
    return { ...graph, initializer: withOne(graph.initializer, random, change) };
  },
  (graph, random) => {
    const change = (one: NodeProto) => otherNode(one, random, namesIn(graph));
    return { ...graph, node: withOne(graph.node, random, change) };
  },
  (graph, random) => {
    const change = (one: ValueInfo) => otherValue(one, random, namesIn(graph));
    return { ...graph, input: withOne(graph.input, random, change) };
  },
  (graph, random) => {
    const change = (one: ValueInfo) => otherValue(one, random, namesIn(graph));
    return { ...graph, output: withOne(graph.output, random, change) };
  },
  (graph, random) => {
    const list = any(['node', 'initializer', 'input', 'output'] as const, random);
    return { ...graph, [list]: rearranged(graph[list] as readonly never[], random) };
  },
  (graph, random) => {
    const told = value(any(namesIn(graph), random), 'INT64', [7]);
    return { ...graph, valueInfo: [otherValue(told, random, namesIn(graph))] };
  },
];

function changed(graph: GraphProto, random: Random): GraphProto {
  let result = graph;
  for (let times = 1 + random.below(3); times > 0; times--) result = any(changes, random)(result, random);
  return result;
}

/** The same with one to three things changed. What comes out may be right still. */
export function mutateModel(right: ModelProto, random: Random): ModelProto {
  const kind = random.below(12);
  if (kind === 0) return { ...right, irVersion: any([0n, 1n, 3n, 99n, -1n], random) };
  if (kind === 1) {
    const version = any([0n, -1n, 1n, 6n, 13n, 999n, 2n ** 40n], random);
    return { ...right, opsetImport: withOne(right.opsetImport, random, (one) => ({ ...one, version })) };
  }
  if (kind === 2) return { ...right, opsetImport: rearranged(right.opsetImport, random) };
  return { ...right, graph: changed(right.graph!, random) };
}

const outside = [
  '../../../../etc/passwd',
  '/etc/passwd',
  'weights.bin',
  './a/../../b',
  '',
  'file:///etc/passwd',
  '\\\\host\\share',
];

/** Where a tensor can stand in a graph. */
const places: readonly ((graph: GraphProto, hidden: TensorProto) => GraphProto)[] = [
  (graph, hidden) => ({ ...graph, initializer: [...(graph.initializer ?? []), hidden] }),
  (graph, hidden) => ({
    ...graph,
    node: [
      node('Constant', [], [hidden.name!], { attributes: { value: tensorAttribute(hidden) } }),
      ...graph.node!,
    ],
  }),
  (graph, hidden) => {
    const tensors = { name: 'values', tensors: [hidden], type: attributeTypes.tensors };
    const [first, ...rest] = graph.node!;
    return { ...graph, node: [{ ...first!, attribute: [...(first!.attribute ?? []), tensors] }, ...rest] };
  },
];

/** The same with a tensor in it, at any depth, that says that its data are in another file. */
export function withExternalData(right: ModelProto, random: Random): ModelProto {
  const location = any(outside, random);
  const hidden: TensorProto = {
    ...{ name: 'hidden', dims: [1n], dataType: 1 },
    ...(random.below(4) === 0 ? {} : { dataLocation: 1 }),
    externalData: [
      { key: 'location', value: location },
      { key: 'offset', value: any(['0', '-1', '99999999999999'], random) },
    ],
  };
  let graph = any(places, random)(right.graph!, hidden);
  for (let depth = random.below(4); depth > 0; depth--) {
    const { input = [], output = [] } = right.graph!;
    const inner = node('If', ['on'], [`inner${depth}`], {
      attributes: { then_branch: graphAttribute(graph) },
    });
    graph = { name: `depth ${depth}`, input, output, node: [...right.graph!.node!, inner] };
  }
  return { ...right, graph };
}

/** Graphs in graphs, so many. */
export function nestedModel(right: ModelProto, depth: number): ModelProto {
  let graph = right.graph!;
  for (let at = 0; at < depth; at++)
    graph = {
      ...right.graph!,
      node: [node('If', ['on'], [`n${at}`], { attributes: { then_branch: graphAttribute(graph) } })],
    };
  return { ...right, graph };
}
