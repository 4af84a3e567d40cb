import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../libraries/package-files/index.ts';
import { servingSettings } from '../../plugins/serving/settings/settings.ts';
import { deploymentSchema } from '../../schemas/generated/deployment.ts';
import { modelVersionSchema } from '../../schemas/generated/model-version.ts';

const page = readFileSync(packageFile('docs/many-models.md'), 'utf8');
const schemas = { Deployment: deploymentSchema, ModelVersion: modelVersionSchema };

describe('docs/many-models.md', () => {
  it('has examples that are valid manifests', () => {
    const examples = [...page.matchAll(/```yaml example \w+\n([\s\S]*?)```/g)].map(([, text]) =>
      parse(text!),
    );
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples) {
      const validate = new Ajv({ strict: false }).compile(schemas[example.kind as keyof typeof schemas]);
      validate(example);
      expect(validate.errors).toBeNull();
    }
  });

  it('shows settings that are settings', () => {
    const blocks = [...page.matchAll(/```yaml settings \w+\n([\s\S]*?)```/g)].map(([, text]) => parse(text!));
    expect(blocks.length).toBeGreaterThan(1);
    for (const { plugins } of blocks) {
      const settings = servingSettings(plugins.serving);
      for (const name of Object.keys(plugins.serving)) expect(settings).toHaveProperty(name);
    }
  });

  it('names every provider and every placement that a manifest may', () => {
    const { provider, placement } = deploymentSchema.properties.spec.properties.runtime.properties;
    for (const name of [...provider.enum, ...placement.enum]) expect(page).toContain(`\`${name}\``);
  });
});
