import { isMap, isScalar, isSeq, type Node, type Pair, Scalar } from 'yaml';

/** Writes a tree as JSON, its keys in their order, indented by tabs as SOPS does. */
export function jsonText(node: Node): string {
  return `${write(node, '\n')}\n`;
}

function write(node: unknown, lineBreak: string): string {
  const inner = `${lineBreak}\t`;
  if (isMap(node)) {
    const pairs = node.items as Pair<Scalar<string>, Node | null>[];
    const fields = pairs.map(({ key, value }) => `${JSON.stringify(key.value)}: ${write(value, inner)}`);
    return fields.length === 0 ? '{}' : `{${inner}${fields.join(`,${inner}`)}${lineBreak}}`;
  }
  if (isSeq(node)) {
    const items = node.items.map((item) => write(item, inner));
    return items.length === 0 ? '[]' : `[${inner}${items.join(`,${inner}`)}${lineBreak}]`;
  }
  if (!isScalar(node)) return 'null';
  const { value, type } = node;
  return typeof value === 'string' && type !== Scalar.PLAIN ? JSON.stringify(value) : String(value);
}
