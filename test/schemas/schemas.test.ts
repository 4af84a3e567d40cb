import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv, type ErrorObject } from 'ajv';
import { describe, expect, it } from 'vitest';
import { alertRouteSchema } from '../../schemas/generated/alert-route.ts';
import { alertRuleSchema } from '../../schemas/generated/alert-rule.ts';
import { analysisTemplateSchema } from '../../schemas/generated/analysis-template.ts';
import { datasetSchema } from '../../schemas/generated/dataset.ts';
import { deploymentSchema } from '../../schemas/generated/deployment.ts';
import { envelopeSchema } from '../../schemas/generated/envelope.ts';
import { environmentSchema } from '../../schemas/generated/environment.ts';
import { modelSchema } from '../../schemas/generated/model.ts';
import { modelVersionSchema } from '../../schemas/generated/model-version.ts';
import { monitorSchema } from '../../schemas/generated/monitor.ts';
import { platformSchema } from '../../schemas/generated/platform.ts';
import { policySchema } from '../../schemas/generated/policy.ts';
import { secretSchema } from '../../schemas/generated/secret.ts';
import { strategySchema } from '../../schemas/generated/strategy.ts';
import { teamSchema } from '../../schemas/generated/team.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const schemas: Readonly<Record<string, object>> = {
  'alert-route': alertRouteSchema,
  'alert-rule': alertRuleSchema,
  'analysis-template': analysisTemplateSchema,
  dataset: datasetSchema,
  deployment: deploymentSchema,
  envelope: envelopeSchema,
  environment: environmentSchema,
  model: modelSchema,
  'model-version': modelVersionSchema,
  monitor: monitorSchema,
  platform: platformSchema,
  policy: policySchema,
  secret: secretSchema,
  strategy: strategySchema,
  team: teamSchema,
};

interface Node {
  readonly [keyword: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every schema of a property, with the path to it. */
function* propertiesOf(schema: Node, path: string): Generator<readonly [string, Node]> {
  if (isNode(schema.properties)) {
    for (const [name, property] of Object.entries(schema.properties)) {
      if (!isNode(property)) continue;
      yield [`${path}.${name}`, property];
      yield* propertiesOf(property, `${path}.${name}`);
    }
  }
  if (isNode(schema.items)) yield* propertiesOf(schema.items, `${path}[]`);
  if (isNode(schema.additionalProperties)) yield* propertiesOf(schema.additionalProperties, `${path}.*`);
}

function* objectsOf(schema: Node, path: string): Generator<readonly [string, Node]> {
  if (schema.type === 'object') yield [path, schema];
  for (const [name, property] of propertiesOf(schema, path)) {
    if (property.type === 'object') yield [name, property];
    if (isNode(property.items) && property.items.type === 'object') yield [`${name}[]`, property.items];
  }
}

/** ajv as its defaults are, but with every doubt an error. */
function strictAjv(): Ajv {
  return new Ajv({ strict: true, strictTypes: true, strictTuples: true, allErrors: true });
}

describe('the schemas', () => {
  it('are as many as their sources', () => {
    const sources = readdirSync(join(root, 'schemas')).filter((name) => name.endsWith('.schema.json'));
    expect(sources.map((name) => name.replace('.schema.json', '')).sort()).toEqual(
      Object.keys(schemas).sort(),
    );
  });

  it('refer only to files beside them, so that an editor needs no network', () => {
    for (const name of Object.keys(schemas)) {
      const text = readFileSync(join(root, 'schemas', `${name}.schema.json`), 'utf8');
      const references = [...text.matchAll(/"\$ref":\s*"([^"]*)"/g)].map((match) => match[1] ?? '');
      for (const reference of references)
        expect(reference).toMatch(/^((envelope|strategy)\.schema\.json)?#\/definitions\//);
      expect(text).not.toContain('"$id"');
    }
  });

  it('are fresh: generated files and tables of fields follow from them', async () => {
    const run = promisify(execFile)(process.execPath, ['scripts/generate-types.mjs', '--check'], {
      cwd: root,
    });
    await expect(run).resolves.toMatchObject({ stderr: '' });
  });
});

describe.each(Object.entries(schemas))('the schema of %s', (name, schema) => {
  const node = schema as Node;

  it('compiles in strict mode with no reference left', () => {
    expect(JSON.stringify(schema)).not.toContain('$ref');
    expect(() => strictAjv().compile(schema)).not.toThrow();
  });

  it('describes every property in a sentence', () => {
    for (const [path, property] of propertiesOf(node, name)) {
      expect(property.description, path).toMatch(/^["A-Z`].*[.]$/s);
    }
  });

  it('gives every property an example that it accepts itself', () => {
    const ajv = strictAjv();
    for (const [path, property] of propertiesOf(node, name)) {
      const examples = property.examples;
      expect(Array.isArray(examples) && examples.length > 0, `${path} has no example`).toBe(true);
      const validate = ajv.compile(property);
      for (const example of examples as readonly unknown[]) {
        validate(example);
        expect(validate.errors, `${path}: ${JSON.stringify(example)}`).toBeNull();
      }
      if ('default' in property) expect(validate(property.default), `default of ${path}`).toBe(true);
    }
  });

  it('closes every object that is not a map', () => {
    const open = [...objectsOf(node, name)]
      .filter(([, object]) => object.additionalProperties !== false)
      .map(([path]) => path.replace(/^[^.]*\./, ''))
      .filter((path) => !/^metadata\.(labels|annotations)$/.test(path));
    const maps: Readonly<Record<string, readonly string[]>> = {
      'alert-route': ['spec.receivers[]'],
      'alert-rule': ['spec.resources.labels', 'spec.metric.provider', 'spec.labels', 'spec.annotations'],
      'analysis-template': ['spec.metrics[].provider'],
      envelope: ['spec'],
      platform: ['spec.plugins[].options'],
      secret: [
        'spec.store',
        'spec.store.env.variables',
        'spec.store.file.files',
        'spec.store.sops.values',
        'spec.store.vault.keys',
        'sops',
      ],
      team: ['spec.members[].accounts'],
      'model-version': ['spec.lineage.parameters', 'spec.lineage.environment'],
    };
    expect(open).toEqual(maps[name] ?? []);
  });
});

describe('a schema refuses', () => {
  const deployment = {
    apiVersion: 'switchyard/v1',
    kind: 'Deployment',
    metadata: { name: 'bird-strike', environment: 'production' },
    spec: { model: 'bird-strike', version: '1.0.0' },
  };
  const validate = strictAjv().compile(deploymentSchema);
  const errorsOf = (document: unknown): readonly ErrorObject[] => {
    validate(document);
    return validate.errors ?? [];
  };

  it('nothing of a plain deployment', () => {
    expect(errorsOf(deployment)).toEqual([]);
  });

  it.each([
    ['a field that it does not know', { ...deployment, spec: { ...deployment.spec, goals: {} } }, '/spec'],
    [
      'a strategy block that names none',
      { ...deployment, spec: { ...deployment.spec, strategy: {} } },
      '/spec/strategy',
    ],
    [
      'a duration without a unit',
      { ...deployment, spec: { ...deployment.spec, keepWarm: '10' } },
      '/spec/keepWarm',
    ],
    [
      'a version with build metadata',
      { ...deployment, spec: { ...deployment.spec, version: '1.0.0+7' } },
      '/spec/version',
    ],
    [
      'a version with a leading zero',
      { ...deployment, spec: { ...deployment.spec, version: '1.01.0' } },
      '/spec/version',
    ],
    [
      'a name in capitals',
      { ...deployment, metadata: { ...deployment.metadata, name: 'Bird' } },
      '/metadata/name',
    ],
    ['another apiVersion', { ...deployment, apiVersion: 'switchyard/v2' }, '/apiVersion'],
    [
      'an annotation of ours that is misspelt',
      { ...deployment, metadata: { ...deployment.metadata, annotations: { 'switchyard/suspnd': 'true' } } },
      '/metadata/annotations',
    ],
    [
      'a suspension that is not "true" or "false"',
      { ...deployment, metadata: { ...deployment.metadata, annotations: { 'switchyard/suspend': 'yes' } } },
      '/metadata/annotations/switchyard~1suspend',
    ],
  ])('%s', (_, document, where) => {
    expect(errorsOf(document).map((error) => error.instancePath)).toContain(where);
  });
});
