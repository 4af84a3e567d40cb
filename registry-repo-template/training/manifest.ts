import { categories, type Question, type Strike } from './bird-strikes.ts';
import { type Classifier, labelOf, probabilityOf } from './classifier.ts';
import type { Metric } from './metrics.ts';
import { bootstrap, examples, type Recipe } from './recipes.ts';

/** What a version's manifest states. */
export interface Facts {
  readonly recipe: Recipe;
  readonly classifier: Classifier;
  readonly strikes: readonly Strike[];
  readonly metrics: readonly Metric[];
  readonly artifact: { readonly digest: string; readonly size: number };
  readonly code: { readonly path: string; readonly digest: string };
}

/** The manifest of a version, as YAML. Texts are written as JSON strings, which YAML reads alike. */
export function versionManifest({ recipe, classifier, strikes, metrics, artifact, code }: Facts): string {
  const lines = [
    '# yaml-language-server: $schema=../../../.switchyard/schemas/model-version.schema.json',
    '# Written by training/train.ts: a version never changes, a new one gets a recipe and a manifest of its own.',
    'apiVersion: switchyard/v1',
    'kind: ModelVersion',
    'metadata:',
    `  name: ${recipe.version}`,
    '  model: bird-strike',
    'spec:',
    '  artifact:',
    `    uri: file:../artifacts/${recipe.version}.onnx`,
    `    digest: ${artifact.digest}`,
    `    size: ${artifact.size}`,
    '    format: onnx',
    '  line: main',
    ...(recipe.parent ? [`  parents: [${recipe.parent}]`] : []),
    '  signature:',
    '    inputs:',
    ...categories.map((name) => `      - { name: ${name}, datatype: BYTES, shape: [-1, 1] }`),
    '      - { name: speed_knots, datatype: FP32, shape: [-1, 1] }',
    '    outputs:',
    '      - { name: label, datatype: INT64, shape: [-1, 1] }',
    '      - { name: probability, datatype: FP32, shape: [-1, 1] }',
    '  lineage:',
    '    dataset: { name: bird-strike, version: "1" }',
    '    code:',
    `      path: ${code.path}`,
    `      digest: ${code.digest}`,
    `    seed: ${bootstrap.seed}`,
    '    parameters:',
    `      years: [${recipe.years.join(', ')}]`,
    ...Object.entries(recipe.parameters).map(([name, value]) => `      ${name}: ${value}`),
    '  metrics:',
    ...metrics.flatMap(metricLines),
    '  examples:',
    ...examples.flatMap(({ name, strike }) => exampleLines(name, questionOf(strike, strikes), classifier)),
  ];
  return `${lines.join('\n')}\n`;
}

function metricLines({ name, slice, value, interval }: Metric): string[] {
  return [
    `    - name: ${name}`,
    `      value: ${rounded(value)}`,
    '      dataset: bird-strike@1',
    `      slice: ${JSON.stringify(slice)}`,
    ...(interval ? [`      interval: [${interval.map(rounded).join(', ')}]`] : []),
  ];
}

function exampleLines(name: string, question: Question, classifier: Classifier): string[] {
  const probability = Number(probabilityOf(classifier, question).toFixed(7));
  const tensor = (tensorName: string, datatype: string, value: string | number) =>
    `        - { name: ${tensorName}, datatype: ${datatype}, shape: [1, 1], data: [${JSON.stringify(value)}] }`;
  return [
    `    - name: ${name}`,
    '      inputs:',
    ...categories.map((column) => tensor(column, 'BYTES', question[column])),
    tensor('speed_knots', 'FP32', question.speed_knots),
    '      outputs:',
    tensor('label', 'INT64', labelOf(classifier, question)),
    tensor('probability', 'FP32', probability),
    '      tolerance: { absolute: 0.00001 }',
  ];
}

function questionOf(strike: number | Question, strikes: readonly Strike[]): Question {
  if (typeof strike !== 'number') return strike;
  const found = strikes.find((row) => row.id === strike);
  if (!found) throw new Error(`no strike has the id ${strike}`);
  return found;
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
