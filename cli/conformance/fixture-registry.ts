/** The fixture models as Switchyard serves them: what a registry declares of a model, a version and a deployment. */
import { createHash } from 'node:crypto';
import { readSignature, type TensorSignature } from '../../libraries/onnx/index.ts';
import { compactYaml } from '../output/compact-yaml.ts';
import { identityFixture } from './datatype-samples.ts';
import { type FixtureModel, fixtureModels } from './fixture-models.ts';

export interface RegistryFile {
  /** Relative to the root of the registry. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

const version = '1.0.0';
const apiVersion = 'switchyard/v1';

/** ONNX Runtime for Node loads no model of it: a deployment would never be ready. */
const cannotBeServed = identityFixture('BF16');

/** All files that make the fixtures answer in that environment of a registry. */
export function fixtureRegistry(environment: string): readonly RegistryFile[] {
  return fixtureModels()
    .filter(({ name }) => name !== cannotBeServed)
    .flatMap((fixture) => filesOf(fixture, environment));
}

function filesOf({ name, bytes }: FixtureModel, environment: string): readonly RegistryFile[] {
  const { inputs, outputs } = readSignature(bytes);
  const signature = { inputs: inputs.map(tensor), outputs: outputs.map(tensor) };
  const manifest = (kind: string, metadata: object, spec: object): string =>
    compactYaml({ apiVersion, kind, metadata, spec });
  return [
    {
      path: `models/${name}/model.yaml`,
      content: manifest(
        'Model',
        { name },
        {
          task: 'other',
          description: 'A fixture of the conformance kit of the Open Inference Protocol.',
          owners: ['conformance'],
          signature,
        },
      ),
    },
    { path: `models/${name}/card.md`, content: cardOf(name) },
    {
      path: `models/${name}/versions/${version}.yaml`,
      content: manifest(
        'ModelVersion',
        { name: version, model: name },
        {
          artifact: {
            uri: `file:../artifacts/${version}.onnx`,
            digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
            size: bytes.length,
          },
          signature,
        },
      ),
    },
    { path: `models/${name}/artifacts/${version}.onnx`, content: bytes },
    {
      path: `environments/${environment}/${name}.yaml`,
      content: manifest('Deployment', { name, environment }, { model: name, version }),
    },
  ];
}

function tensor({ name, datatype, shape }: TensorSignature) {
  return { name, datatype, shape: (shape ?? []).map((size) => size ?? -1) };
}

const cardOf = (name: string): string => `---
license: apache-2.0
tags: [conformance]
language: [en]
pipeline_tag: other
---

# ${name}

## Use

\`switchyard conformance\` asks it, because its right answers are known.

## Limitations

It predicts nothing.

## Training

None: the graph was written.

## Evaluation

None: each case of the kit compares its answers with the right ones.
`;
