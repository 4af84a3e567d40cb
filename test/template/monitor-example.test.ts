import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../libraries/package-files/index.ts';
import { monitorKind } from '../../plugins/monitors/monitor.ts';

it('shows a Monitor that can be committed as it is', () => {
  const page = readFileSync(packageFile('registry-repo-template/monitors/README.md'), 'utf8');
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const validate = new Ajv({ allErrors: true }).compile(monitorKind.schema);
  validate(parse(yaml));
  expect(validate.errors).toBeNull();
  expect(page).toContain('`environments/production/bird-strike.yaml`');
  const deployment = readFileSync(
    packageFile('registry-repo-template/environments/production/bird-strike.yaml'),
    'utf8',
  );
  expect(deployment).toMatch(/^ {2}# logging: /m);
});
