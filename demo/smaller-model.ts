import { type AttributeProto, readModel, writeModel } from '../libraries/onnx/index.ts';

/**
 * The model with the first few of its trees alone: far smaller, of the same signature, and worse at what it is for.
 * The rest of the graph stays as it is.
 */
export function withFirstTrees(artifact: Uint8Array, trees: number): Uint8Array {
  const model = readModel(artifact);
  const { graph } = model;
  if (graph === undefined) throw new Error('the model has no graph');
  const nodes = (graph.node ?? []).map((node) =>
    node.opType === 'TreeEnsembleRegressor'
      ? { ...node, attribute: fewer(node.attribute ?? [], trees) }
      : node,
  );
  return writeModel({ ...model, graph: { ...graph, node: nodes } });
}

/** The operator keeps all trees as parallel lists, one of nodes and one of leaves; each has the number of its tree. */
function fewer(attributes: readonly AttributeProto[], trees: number): readonly AttributeProto[] {
  const keptIn = new Map(
    ['nodes', 'target'].map((list) => {
      const ids = attributes.find(({ name }) => name === `${list}_treeids`)?.ints ?? [];
      return [list, ids.map((tree) => tree < BigInt(trees))] as const;
    }),
  );
  return attributes.map((attribute) => {
    const keep = keptIn.get(attribute.name?.split('_')[0] ?? '');
    if (keep === undefined) return attribute;
    const { ints, floats, strings } = attribute;
    const kept = <T>(values: readonly T[]) => values.filter((_, index) => keep[index]);
    return {
      ...attribute,
      ...(ints && { ints: kept(ints) }),
      ...(floats && { floats: kept(floats) }),
      ...(strings && { strings: kept(strings) }),
    };
  });
}
