import { OnnxError } from './error.ts';
import type { AttributeProto, GraphProto, ModelProto, NodeProto, ValueInfo } from './messages.ts';

/**
 * Holds two models to the same graph: the same operator sets, inputs, outputs and nodes with the same attributes, in the same
 * order. Names of nodes and graphs, documentation and metadata may differ: they change no answer.
 *
 * @throws OnnxError `NotAlike` that names the first place that differs.
 */
export function refuseOtherGraph(one: ModelProto, other: ModelProto): void {
  const [opsets, others] = [opsetsOf(one), opsetsOf(other)];
  for (const domain of new Set([...opsets.keys(), ...others.keys()])) {
    const [version, second] = [opsets.get(domain), others.get(domain)];
    if (version !== second)
      throw notAlike(`${version ?? 'none'} and ${second ?? 'none'}`, `operator set ${domain}`);
  }
  const [graph, second] = [one.graph ?? {}, other.graph ?? {}];
  refuseOtherValues(graph.input ?? [], second.input ?? [], 'input');
  refuseOtherValues(graph.output ?? [], second.output ?? [], 'output');
  refuseOtherNodes(graph, second);
  // Functions, sparse weights, quantization: carried along unread, so that they must be the same.
  if (!isSame(one.unknown, other.unknown)) throw notAlike('parts that are not understood differ', 'model');
  if (!isSame(graph.unknown, second.unknown)) throw notAlike('parts that are not understood differ', 'graph');
}

export function notAlike(message: string, place: string): OnnxError {
  return new OnnxError('NotAlike', message, place);
}

function opsetsOf({ opsetImport }: ModelProto): ReadonlyMap<string, number> {
  return new Map((opsetImport ?? []).map(({ domain, version }) => [domainOf(domain), Number(version ?? 0n)]));
}

function domainOf(domain: string | undefined): string {
  return domain || 'ai.onnx';
}

function refuseOtherValues(
  values: readonly ValueInfo[],
  others: readonly ValueInfo[],
  side: 'input' | 'output',
): void {
  if (values.length !== others.length) throw notAlike(`${values.length} and ${others.length}`, `${side}s`);
  for (const [index, value] of values.entries()) {
    const other = others[index] as ValueInfo;
    const place = `${side}[${index}] '${value.name ?? ''}'`;
    if (value.name !== other.name) throw notAlike(`it is called '${other.name ?? ''}' in the other`, place);
    if (!isSame(typeOf(value), typeOf(other))) throw notAlike('its type or shape differs', place);
  }
}

/** Without the names of sizes that vary: `N` and `batch` are the same to a caller. */
function typeOf({ type }: ValueInfo): unknown {
  const tensor = type?.tensorType;
  if (tensor === undefined) return type;
  const shape = tensor.shape && (tensor.shape.dimension ?? []).map(({ value }) => value ?? null);
  return { elementType: tensor.elementType, shape };
}

function refuseOtherNodes(graph: GraphProto, other: GraphProto): void {
  const [nodes, others] = [graph.node ?? [], other.node ?? []];
  if (nodes.length !== others.length)
    throw notAlike(`${nodes.length} and ${others.length}`, 'number of nodes');
  for (const [index, node] of nodes.entries()) refuseOtherNode(node, others[index] as NodeProto, index);
}

function refuseOtherNode(node: NodeProto, other: NodeProto, index: number): void {
  const place = `node[${index}] ${node.opType ?? ''}`;
  if (node.opType !== other.opType || domainOf(node.domain) !== domainOf(other.domain)) {
    throw notAlike(`it is ${other.opType ?? 'nothing'} in the other`, place);
  }
  if (!isSame(node.input, other.input)) throw notAlike('it takes other values', place);
  if (!isSame(node.output, other.output)) throw notAlike('it makes other values', place);
  const [attributes, others] = [attributesOf(node), attributesOf(other)];
  for (const name of new Set([...attributes.keys(), ...others.keys()])) {
    if (isSame(attributes.get(name), others.get(name))) continue;
    throw notAlike(`its attribute ${name} differs, and only initializers are averaged`, place);
  }
  if (!isSame([node.overload, node.unknown], [other.overload, other.unknown])) {
    throw notAlike('parts that are not understood differ', place);
  }
}

function attributesOf({ attribute }: NodeProto): ReadonlyMap<string, AttributeProto> {
  return new Map((attribute ?? []).map((each) => [each.name ?? '', each]));
}

const cosmetic = new Set(['docString', 'metadataProps']);

/** Deep equality of messages; what is empty is as good as absent, and comments are none of the matter. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other) || (isEmpty(one) && isEmpty(other))) return true;
  if (one instanceof Uint8Array || other instanceof Uint8Array) {
    return one instanceof Uint8Array && other instanceof Uint8Array && Buffer.compare(one, other) === 0;
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((element, index) => isSame(element, other[index]));
  }
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const [left, right] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => cosmetic.has(key) || isSame(left[key], right[key]));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}
