import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../libraries/package-files/index.ts';
import { cardFindings } from '../../plugins/models/card.ts';
import { parseCsv } from '../../registry-repo-template/training/csv.ts';
import { registry, registryFile, versionManifest, versions } from './registry.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly environment?: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

const files = readdirSync(registry, { recursive: true, encoding: 'utf8' })
  .filter((file) => !file.startsWith('node_modules') && statSync(registryFile(file)).isFile())
  .sort();
const manifestFiles = files.filter((file) => /\.ya?ml$/.test(file) && !/^(\.|policy-tests\/)/.test(file));

describe('the manifests of the template', () => {
  it.each(manifestFiles)('%s keeps to the schema of its kind, and names it for editors', (file) => {
    const text = read(file);
    const manifest = parse(text) as Manifest;
    const schema = `${kebab(manifest.kind)}.schema.json`;
    const validate = schemas().getSchema(schema);
    expect(validate, schema).toBeDefined();
    expect(validate?.(manifest), JSON.stringify(validate?.errors)).toBe(true);
    const named = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? '';
    expect(join(dirname(file), named)).toBe(join('.switchyard/schemas', schema));
  });

  it('run the newer version in development, and the older in staging and production', () => {
    const deployed = ['dev', 'staging', 'production'].map(
      (environment) => (parse(read(`environments/${environment}/bird-strike.yaml`)) as Manifest).spec.version,
    );
    expect(deployed).toEqual(['1.1.0', '1.0.0', '1.0.0']);
  });

  it('lead versions from development by way of staging to production, which /v2 means', () => {
    const stages = ['dev', 'staging', 'production'].map(
      (name) => (parse(read(`environments/${name}/environment.yaml`)) as Manifest).spec,
    );
    expect(stages.map((stage) => stage.promotesFrom)).toEqual([undefined, 'dev', 'staging']);
    expect(stages.map((stage) => stage.default)).toEqual([false, false, true]);
  });

  it('let versions walk into production by what their analyses say, and into the others at once', () => {
    const walks = ['dev', 'staging', 'production'].map((environment) => {
      const { strategy } = (parse(read(`environments/${environment}/bird-strike.yaml`)) as Manifest).spec;
      return strategy as { direct?: object; canary?: { steps: object[]; analysis: object } };
    });
    expect(walks.map((walk) => Object.keys(walk))).toEqual([['direct'], ['direct'], ['canary']]);
    const { steps = [], analysis } = walks[2]?.canary ?? {};
    expect(Object.keys(steps[0] ?? {})).toEqual(['setMirror']);
    const named = [...JSON.stringify([steps, analysis]).matchAll(/"templateName":"([^"]+)"/g)].map(
      ([, name]) => name,
    );
    expect(named.sort()).toEqual(
      readdirSync(registryFile('analyses'))
        .map((file) => file.replace('.yaml', ''))
        .sort(),
    );
  });

  it('give the model the signature that its versions have', () => {
    const { signature } = (parse(read('models/bird-strike/model.yaml')) as Manifest).spec as unknown as {
      signature: Record<'inputs' | 'outputs', Record<string, unknown>[]>;
    };
    const plain = (tensors: Record<string, unknown>[]) =>
      tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape }));
    for (const version of versions) {
      const own = versionManifest(version).spec.signature;
      expect({ inputs: plain(signature.inputs), outputs: plain(signature.outputs) }).toEqual(own);
    }
  });

  it('state the training code that is there', () => {
    const hash = createHash('sha256');
    const scripts = readdirSync(registryFile('training')).filter((file) => file.endsWith('.ts'));
    for (const file of scripts.sort()) hash.update(`${file}\n`).update(read(`training/${file}`));
    const digest = `sha256:${hash.digest('hex')}`;
    expect(versions.map((version) => versionManifest(version).spec.lineage.code.digest)).toEqual([
      digest,
      digest,
    ]);
  });
});

describe('the dataset of the template', () => {
  const { versions: datasetVersions, columns } = (parse(read('datasets/bird-strike.yaml')) as Manifest)
    .spec as unknown as {
    versions: { uri: string; digest: string; rows: number; size: number }[];
    columns: {
      name: string;
      type: string;
      nullable?: boolean;
      min?: number;
      max?: number;
      categories?: string[];
    }[];
  };
  const text = read('data/bird-strikes.csv');
  const rows = parseCsv(text, 'bird-strikes.csv');

  it('is the file that its manifest names', () => {
    expect(datasetVersions).toMatchObject([
      {
        version: '1',
        uri: 'file:../data/bird-strikes.csv',
        digest: `sha256:${createHash('sha256').update(text).digest('hex')}`,
        rows: rows.length,
        size: Buffer.byteLength(text),
      },
    ]);
  });

  it('has the columns that its manifest lists, in that order', () => {
    expect(text.split('\n')[0]).toBe(columns.map((column) => column.name).join(','));
  });

  it.each(columns)('keeps what the manifest promises of $name', (column) => {
    const values = rows.map((row) => row[column.name] ?? '');
    const missing = values.filter((value) => value === '');
    expect(missing.length > 0).toBe(column.nullable ?? false);
    const present = values.filter((value) => value !== '');
    if (column.categories) expect([...new Set(present)].sort()).toEqual([...column.categories].sort());
    if (column.type === 'date')
      expect(present.filter((value) => !/^\d{4}-\d\d-\d\d$/.test(value))).toEqual([]);
    if (column.type === 'integer') {
      const numbers = present.map(Number);
      expect(numbers.filter((value) => !Number.isInteger(value))).toEqual([]);
      expect(numbers.filter((value) => value < column.min! || value > column.max!)).toEqual([]);
    }
  });

  it('carries its source', () => {
    expect(read('data/README.md')).toContain('vega-datasets@3.2.1');
    expect(read('datasets/bird-strike.yaml')).toContain('FAA Wildlife Strike Database');
  });
});

describe('the card of the model', () => {
  const [, frontMatter = '', body = ''] = read('models/bird-strike/card.md').split(/^---\n/m);
  const card = parse(frontMatter) as {
    license: string;
    datasets: string[];
    pipeline_tag: string;
    'model-index': {
      results: { dataset: { split: string }; metrics: { name: string; type: string; value: number }[] }[];
    }[];
  };

  it('passes the check of the models plugin without a remark', () => {
    const path = 'models/bird-strike/card.md';
    const text = read(path);
    const card = { path, blob: '', size: Buffer.byteLength(text), text };
    expect(cardFindings(card, 'tabular-classification')).toEqual([]);
  });

  it('names a licence, the task and a dataset of the registry', () => {
    const model = parse(read('models/bird-strike/model.yaml')) as Manifest;
    expect(card.license).toBe('apache-2.0');
    expect(card.pipeline_tag).toBe(model.spec.task);
    for (const dataset of card.datasets)
      expect(existsSync(registryFile(`datasets/${dataset}.yaml`))).toBe(true);
  });

  it('reports what the manifests of the versions report', () => {
    const results = card['model-index'].flatMap((model) => model.results);
    expect(results).toHaveLength(2);
    for (const { dataset, metrics } of results) {
      for (const { name, type, value } of metrics) {
        const version = name.split(' of ')[1] ?? '';
        const metric = versionManifest(version).spec.metrics.find(
          (one) => one.name === type.replace('roc_', '') && one.slice === dataset.split,
        );
        expect(metric?.value, name).toBe(value);
      }
    }
  });

  it('shows in its table what the manifests report', () => {
    for (const version of versions) {
      for (const { name, value, interval } of versionManifest(version).spec.metrics) {
        if (name !== 'auc') continue;
        const [low, high] = interval ?? [Number.NaN, Number.NaN];
        expect(body).toContain(`AUC ${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`);
      }
    }
  });
});

describe('what else a team copies', () => {
  it('a workflow that checks and plans each pull request with what is pinned', () => {
    const workflow = parse(read('.github/workflows/check.yaml')) as {
      on: object;
      permissions: object;
      jobs: Record<string, { steps: { run?: string }[] }>;
    };
    expect(Object.keys(workflow.on)).toEqual(['pull_request']);
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const commands = Object.values(workflow.jobs).flatMap((job) => job.steps.map((step) => step.run ?? ''));
    expect(commands.join('\n')).toMatch(
      /npx --no switchyard check .*\n(.*\n)*.*npx --no switchyard plan --from/,
    );
    for (const command of commands.join('\n').match(/npx .*/g) ?? []) expect(command).toMatch(/^npx --no /);
  });

  it('CODEOWNERS whose paths exist', () => {
    const paths = read('CODEOWNERS')
      .split('\n')
      .filter((line) => line.startsWith('/'))
      .map((line) => line.split(/\s+/)[0]!);
    expect(paths.length).toBeGreaterThan(5);
    for (const path of paths) expect(existsSync(registryFile(path)), path).toBe(true);
  });

  it('a package.json that pins the version of tsx that this project tests with', () => {
    const own = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));
    const copied = JSON.parse(read('package.json'));
    expect(copied.devDependencies.tsx).toBe(own.devDependencies.tsx);
  });

  it('a README that asks the model what its golden example asks, and tells the answers', () => {
    const readme = read('README.md');
    const asked = Object.fromEntries(
      [...readme.matchAll(/-i (?:'(\w+)=([^']+)'|(\w+)=(\S+))/g)].map((match) => [
        match[1] ?? match[3],
        match[2] ?? match[4],
      ]),
    );
    const answers = versions.map((version) => {
      const [example] = versionManifest(version).spec.examples;
      const inputs = example!.inputs.map(({ name, data }) => [name, String(data[0])]);
      expect(asked).toEqual(Object.fromEntries(inputs));
      return Number(example!.outputs.find((output) => output.name === 'probability')?.data[0]).toFixed(2);
    });
    expect(readme).toMatch(
      new RegExp(`probability of ${answers[0]} .*version 1\\.1\\.0 says ${answers[1]}\\.`),
    );
  });

  it('a README whose paths exist', () => {
    for (const [, path = ''] of read('README.md').matchAll(
      /`((?:models|training|data|datasets|environments)\/[\w./-]*)`/g,
    )) {
      if (path.includes('1.2.0')) continue;
      expect(existsSync(registryFile(path)), path).toBe(true);
    }
  });
});

function read(file: string): string {
  return readFileSync(registryFile(file), 'utf8');
}

function kebab(name: string): string {
  return name.replaceAll(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase();
}

function schemas(): Ajv {
  const folder = packageFile('schemas');
  const ajv = new Ajv({ strict: false, allErrors: true });
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.schema.json'))) {
    ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')), relative(folder, join(folder, file)));
  }
  return ajv;
}
