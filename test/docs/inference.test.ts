import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';

const page = readFileSync(packageFile('docs/inference.md'), 'utf8');
const errors = readFileSync(packageFile('plugins/serving/dataplane/errors.ts'), 'utf8');

describe('docs/inference.md', () => {
  it('lists every code that a prediction may be refused with, and its status', () => {
    const codes = [...errors.matchAll(/new InferenceError\(\s*'(\w+)',\s*(\d+)/g)];
    expect(codes.length).toBeGreaterThan(12);
    for (const [, code, status] of codes) {
      const row = page.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${code}\``));
      expect(row, `${code} has no row`).toBeDefined();
      expect(row).toMatch(new RegExp(`\\| ${status}\\s+\\|`));
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
