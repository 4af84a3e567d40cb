import { categories } from './bird-strikes.ts';
import type { Classifier } from './classifier.ts';
import { rare } from './encoding.ts';
import type { Ensemble, TreeNode } from './gradient-boosting.ts';
import {
  type Attribute,
  type Bytes,
  column,
  elementTypes,
  floatConstant,
  graph,
  modelFile,
  node,
} from './onnx-file.ts';

const ml = 'ai.onnx.ml';

/**
 * The classifier as an ONNX file. A caller sends columns as they stand in the data, text and all: encoding is part of
 * the graph, so it cannot differ between training and serving. The same classifier gives the same bytes.
 *
 * Inputs, each `[N, 1]`: one BYTES a category, and `speed_knots` as FP32.
 * Outputs, each `[N, 1]`: `probability` of damage as FP32, and `label`, INT64, 1 from the threshold on.
 */
export function exportOnnx(classifier: Classifier): Bytes {
  const encoded = categories.map((name) => `${name}_code`);
  return modelFile({
    producer: 'bird-strike training',
    opsets: [
      ['', 17],
      [ml, 3],
    ],
    metadata: [['threshold', String(classifier.threshold)]],
    graph: graph({
      name: 'bird-strike',
      inputs: [
        ...categories.map((name) => column(name, elementTypes.string)),
        column('speed_knots', elementTypes.float),
      ],
      outputs: [column('label', elementTypes.int64), column('probability', elementTypes.float)],
      constants: [floatConstant('threshold', classifier.threshold)],
      nodes: [
        ...categories.map((name) => {
          const encoding = classifier.encodings[name];
          const table: Record<string, Attribute> = {
            default_float: { float: rare },
            keys_strings: { strings: [...encoding.keys()] },
            values_floats: { floats: [...encoding.values()] },
          };
          return node('LabelEncoder', [name], `${name}_code`, table, ml);
        }),
        node('Concat', [...encoded, 'speed_knots'], 'features', { axis: { int: 1 } }),
        node('TreeEnsembleRegressor', ['features'], 'log_odds', treeAttributes(classifier.ensemble), ml),
        node('Sigmoid', ['log_odds'], 'probability'),
        node('GreaterOrEqual', ['probability', 'threshold'], 'is_damaging'),
        node('Cast', ['is_damaging'], 'label', { to: { int: elementTypes.int64 } }),
      ],
    }),
  });
}

/** All trees as parallel lists, a node an entry, as the operator wants them. */
function treeAttributes({ base, trees }: Ensemble): Record<string, Attribute> {
  const nodes = trees.flatMap((tree, index) => flatten(tree, index));
  const leaves = nodes.filter((node) => node.mode === 'LEAF');
  return {
    base_values: { floats: [base] },
    n_targets: { int: 1 },
    nodes_falsenodeids: { ints: nodes.map((node) => node.second) },
    nodes_featureids: { ints: nodes.map((node) => node.feature) },
    nodes_modes: { strings: nodes.map((node) => node.mode) },
    nodes_nodeids: { ints: nodes.map((node) => node.id) },
    nodes_treeids: { ints: nodes.map((node) => node.tree) },
    nodes_truenodeids: { ints: nodes.map((node) => node.first) },
    nodes_values: { floats: nodes.map((node) => node.threshold) },
    post_transform: { string: 'NONE' },
    target_ids: { ints: leaves.map(() => 0) },
    target_nodeids: { ints: leaves.map((leaf) => leaf.id) },
    target_treeids: { ints: leaves.map((leaf) => leaf.tree) },
    target_weights: { floats: leaves.map((leaf) => leaf.weight) },
  };
}

interface FlatNode {
  readonly tree: number;
  readonly id: number;
  readonly mode: 'LEAF' | 'BRANCH_EQ' | 'BRANCH_LEQ';
  readonly feature: number;
  readonly threshold: number;
  readonly first: number;
  readonly second: number;
  readonly weight: number;
}

/** Depth first, the first child right behind its parent. */
function flatten(node: TreeNode, tree: number, id = 0): FlatNode[] {
  if (!('children' in node)) {
    return [{ tree, id, mode: 'LEAF', feature: 0, threshold: 0, first: 0, second: 0, weight: node.value }];
  }
  const { feature, comparison, threshold, children } = node;
  const first = flatten(children[0], tree, id + 1);
  const secondId = id + 1 + first.length;
  const second = flatten(children[1], tree, secondId);
  const mode = comparison === 'equal' ? 'BRANCH_EQ' : 'BRANCH_LEQ';
  return [
    { tree, id, mode, feature, threshold, first: id + 1, second: secondId, weight: 0 },
    ...first,
    ...second,
  ];
}
