import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../libraries/package-files/index.ts';
import { servingSettings } from '../../plugins/serving/settings/settings.ts';
import { deploymentSchema } from '../../schemas/generated/deployment.ts';

const page = readFileSync(packageFile('docs/inference.md'), 'utf8');
const errorsFolder = packageFile('plugins/serving/dataplane/errors');
const errors = readdirSync(errorsFolder)
  .map((name) => readFileSync(join(errorsFolder, name), 'utf8'))
  .join('\n');

describe('docs/inference.md', () => {
  it('lists every code that a prediction may be refused with, and its status', () => {
    const codes = [...errors.matchAll(/new InferenceError\(\s*'(\w+)',\s*(\d+)/g)];
    expect(codes.length).toBeGreaterThan(12);
    for (const [, code, status] of codes) {
      // Another table has them by the codes of gRPC.
      const row = page.split('\n').find((line) => line.startsWith('| `') && line.includes(`\`${code}\``));
      expect(row, `${code} has no row`).toBeDefined();
      expect(row).toMatch(new RegExp(`\\| ${status}\\s+\\|`));
    }
  });

  it('shows settings that are settings', () => {
    const block = parse(page.match(/```yaml serving\n([\s\S]*?)```/)?.[1] ?? '');
    expect(servingSettings(block)).toMatchObject({
      corsOrigins: ['https://app.example.com'],
      compressFrom: 65_536,
    });
    for (const corsOrigins of ['*', ['app.example.com'], ['https://a.example.com/path'], [1]])
      expect(() => servingSettings({ corsOrigins })).toThrow('corsOrigins must be a list of origins');
    expect(() => servingSettings({ compressFrom: 1 })).toThrow('compressFrom');
  });

  it('shows a deployment that keeps answers, as the schema has it', () => {
    const { spec } = parse(page.match(/```yaml cache\n([\s\S]*?)```/)?.[1] ?? '');
    const about = { apiVersion: 'switchyard/v1', kind: 'Deployment' };
    const validate = new Ajv({ strict: false }).compile(deploymentSchema);
    validate({ ...about, metadata: { name: 'bird-strike', environment: 'production' }, spec });
    expect(validate.errors).toBeNull();
    expect(spec.cache).toBeDefined();
  });

  it('says of each model in its examples that the template has it, or that it does not', () => {
    const models = page.matchAll(/\/v2\/models\/([\w-]+)\/|model_name: '([\w-]+)'/g);
    const names = new Set([...models].map(([, inPath, inCall]) => inPath ?? inCall!));
    names.delete('bird-strike');
    names.delete('NAME');
    expect([...names].sort()).toEqual(['digits', 'vad']);
    for (const name of names) {
      const [before] = page.split(/^```js/m).filter((text) => text.includes(`\`${name}\``));
      expect(before).toMatch(/the template does not have it/i);
    }
  });

  it('names the inputs that the model of the template has', () => {
    const example = JSON.parse(page.match(/```json example\n([\s\S]*?)```/)?.[1] ?? '');
    const manifest = readFileSync(
      packageFile('registry-repo-template/models/bird-strike/model.yaml'),
      'utf8',
    );
    for (const { name } of example.inputs) expect(manifest).toContain(name);
  });
});
