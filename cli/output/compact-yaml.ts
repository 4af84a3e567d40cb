import { Document, isCollection, isPair, visit } from 'yaml';

const room = 96;

/** A value as YAML for people: what fits on a line stands on one line. */
export function compactYaml(value: unknown): string {
  const document = new Document(JSON.parse(JSON.stringify(value ?? null)));
  visit(document, (_, node, path) => {
    if (!isCollection(node) || path.length <= 1) return undefined;
    const depth = path.filter((ancestor) => isCollection(ancestor)).length;
    const parent = path.at(-1);
    const key = isPair(parent) ? String(parent.key).length : 0;
    if (JSON.stringify(node).length + key + depth * 2 > room) return undefined;
    node.flow = true;
    return visit.SKIP;
  });
  return document.toString({ lineWidth: 0 });
}
