import type { AttributeValue } from './attributes.ts';
import { type Datatype, datatypes } from './datatypes.ts';
import { OnnxError } from './error.ts';
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfo } from './messages.ts';

export interface ModelParts {
  /** Name of the graph. */
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly NodeProto[];
  readonly initializers?: readonly TensorProto[];
  /** Operator set versions by domain, the default domain as `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly producer?: { readonly name: string; readonly version: string };
  /** Version of the file format; 8 is understood by every runtime since 2021. */
  readonly irVersion?: number;
  readonly description?: string;
}

/**
 * Puts a model together. Node order is kept; operator sets and metadata are sorted, so the order in which they are given
 * does not show in the bytes.
 *
 * @throws OnnxError `InvalidGraph` when a name is used before it is made, is made twice, or an output is never made.
 */
export function model(parts: ModelParts): ModelProto {
  const graph: GraphProto = {
    node: parts.nodes,
    name: parts.name,
    initializer: parts.initializers ?? [],
    input: parts.inputs,
    output: parts.outputs,
  };
  checkNames(graph);
  const { producer } = parts;
  return {
    irVersion: BigInt(parts.irVersion ?? 8),
    ...(producer && { producerName: producer.name, producerVersion: producer.version }),
    ...(parts.description !== undefined && { docString: parts.description }),
    graph,
    opsetImport: sortedEntries(parts.opsets).map(([domain, version]) => ({
      domain: domain === 'ai.onnx' ? '' : domain,
      version: BigInt(version),
    })),
    metadataProps: sortedEntries(parts.metadata ?? {}).map(([key, value]) => ({ key, value })),
  };
}

/**
 * A node, named after its first output unless `name` is given.
 *
 * @example node('Concat', ['a', 'b'], ['features'], { attributes: { axis: int(1) } })
 */
export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  options: {
    readonly name?: string;
    readonly domain?: string;
    readonly attributes?: Readonly<Record<string, AttributeValue>>;
  } = {},
): NodeProto {
  return {
    input: inputs,
    output: outputs,
    name: options.name ?? `${operator}:${outputs[0] ?? ''}`,
    opType: operator,
    attribute: sortedEntries(options.attributes ?? {}).map(([name, value]) => ({ name, ...value })),
    ...(options.domain !== undefined && { domain: options.domain }),
  };
}

/**
 * An input or output. In `shape`, a string is a symbolic size that is equal wherever it stands, `null` a size that
 * nothing is said about.
 *
 * @example value('speed', 'FP32', ['N', 1])
 */
export function value(
  name: string,
  datatype: Datatype,
  shape: readonly (number | string | null)[],
): ValueInfo {
  const dimension = shape.map((size) => {
    if (size === null) return {};
    return typeof size === 'string' ? { parameter: size } : { value: BigInt(size) };
  });
  return { name, type: { tensorType: { elementType: datatypes[datatype], shape: { dimension } } } };
}

/** Every name is made once and before its use: ONNX graphs are in static single assignment form, sorted. */
function checkNames(graph: GraphProto): void {
  const made = new Set<string>();
  const make = (name: string, where: string) => {
    if (name === '') throw new OnnxError('InvalidGraph', 'a value has no name', where);
    if (made.has(name)) throw new OnnxError('InvalidGraph', `'${name}' is made twice`, where);
    made.add(name);
  };
  for (const input of graph.input ?? []) make(input.name ?? '', 'input');
  for (const initializer of graph.initializer ?? []) make(initializer.name ?? '', 'initializer');
  for (const [index, { input, output, opType }] of (graph.node ?? []).entries()) {
    const where = `node[${index}] ${opType ?? ''}`;
    // An empty name stands for an optional input or output that is left out.
    for (const name of input ?? []) {
      if (name !== '' && !made.has(name)) {
        throw new OnnxError('InvalidGraph', `'${name}' is used before anything makes it`, where);
      }
    }
    for (const name of output ?? []) if (name !== '') make(name, where);
  }
  for (const { name } of graph.output ?? []) {
    if (!made.has(name ?? '')) throw new OnnxError('InvalidGraph', `nothing makes '${name ?? ''}'`, 'output');
  }
}

/** By code unit, not by locale: the order must not depend on the machine. */
function sortedEntries<V>(record: Readonly<Record<string, V>>): [string, V][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
