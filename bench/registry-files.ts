/** Makes registries of any size: models with a card and sixteen versions each, deployed to three environments. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';

export interface MadeRegistry {
  /** A bare repository. */
  readonly folder: string;
  readonly manifests: number;
  readonly deployments: readonly MadeDeployment[];
}

export interface MadeDeployment {
  readonly path: string;
  readonly model: string;
  readonly environment: string;
}

const environments = ['dev', 'staging', 'production'];
const versions = Array.from({ length: 16 }, (_, minor) => `1.${minor}.0`);
const manifestsOfModel = 1 + versions.length + environments.length;

/** Writes a registry of about `size` manifests as one commit of a bare repository: packed, as a clone has it. */
export async function makeRegistry(folder: string, size: number): Promise<MadeRegistry> {
  mkdirSync(folder, { recursive: true });
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', folder]);
  const files = new Map<string, string>();
  const deployments: MadeDeployment[] = [];
  for (const [index, name] of environments.entries()) {
    files.set(`environments/${name}/environment.yaml`, environmentManifest(name, index));
  }
  for (let index = 0; (index + 1) * manifestsOfModel <= size; index += 1) {
    const model = `model-${String(index).padStart(5, '0')}`;
    files.set(`models/${model}/model.yaml`, modelManifest(model));
    files.set(`models/${model}/card.md`, card(model));
    for (const version of versions) {
      files.set(`models/${model}/versions/${version}.yaml`, versionManifest(model, version));
    }
    for (const environment of environments) {
      const path = `environments/${environment}/${model}.yaml`;
      files.set(path, deploymentManifest(model, environment, '1.0.0'));
      deployments.push({ path, model, environment });
    }
  }
  await importFiles(folder, files);
  const manifests = [...files.keys()].filter((path) => path.endsWith('.yaml')).length;
  return { folder, manifests, deployments };
}

async function importFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  const child = spawn('git', ['fast-import', '--quiet'], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(child, 'close');
  child.stdin.write(
    'commit refs/heads/main\ncommitter Bench <bench@example.com> 1700000000 +0000\ndata 4\nMake\n',
  );
  for (const [path, content] of files) {
    child.stdin.write(`M 100644 inline ${path}\ndata ${Buffer.byteLength(content)}\n${content}\n`);
  }
  child.stdin.end('done\n');
  const [status] = await ended;
  if (status !== 0) throw new Error(`git fast-import ended with ${status}`);
}

export function deploymentManifest(model: string, environment: string, version: string): string {
  return `# What ${environment} answers with.
apiVersion: switchyard/v1
kind: Deployment
metadata:
  name: ${model}
  environment: ${environment}
  labels: { team: risk, tier: "1" }
spec:
  model: ${model}
  version: ${version}
  strategy:
    direct: {}
  batching: { maxBatchSize: 32, maxDelay: 0ms }
`;
}

function environmentManifest(name: string, index: number): string {
  const from = index === 0 ? '' : `\n  promotesFrom: ${environments[index - 1]}`;
  return `apiVersion: switchyard/v1
kind: Environment
metadata: { name: ${name} }
spec:
  title: ${name}
  order: ${index}${from}
`;
}

const signature = `  signature:
    inputs:
      - { name: amount, datatype: FP32, shape: [-1, 1] }
      - { name: country, datatype: BYTES, shape: [-1, 1] }
      - { name: age, datatype: FP32, shape: [-1, 1] }
      - { name: hour, datatype: FP32, shape: [-1, 1] }
    outputs:
      - { name: probability, datatype: FP32, shape: [-1, 1] }
`;

function modelManifest(model: string): string {
  return `apiVersion: switchyard/v1
kind: Model
metadata:
  name: ${model}
  labels: { team: risk }
spec:
  task: tabular-classification
  description: Will a payment be disputed?
  owners: [team-risk]
${signature}`;
}

function versionManifest(model: string, version: string): string {
  const previous = versions[versions.indexOf(version) - 1];
  return `apiVersion: switchyard/v1
kind: ModelVersion
metadata:
  name: ${version}
  model: ${model}
spec:
  artifact:
    uri: https://models.example.com/${model}/${version}.onnx
    digest: sha256:${'0123456789abcdef'.repeat(4)}
    size: 48213${previous === undefined ? '' : `\n  parents: [${previous}]`}
${signature}  metrics:
    - { name: auc, value: 0.8123, interval: [0.79, 0.83] }
    - { name: brier, value: 0.11 }
`;
}

function card(model: string): string {
  return `---
license: apache-2.0
tags: [tabular]
pipeline_tag: tabular-classification
---
# ${model}

## Intended use
Disputed payments.

## Training data
Payments of one year.

## Evaluation
AUC 0.81 on the next quarter.

## Limitations
None for new countries.
`;
}
