import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { editYaml } from '../../../libraries/yaml-edit/index.ts';

const readme = readFileSync(new URL('../../../libraries/yaml-edit/README.md', import.meta.url), 'utf8');

it('does what its README shows', () => {
  const [, example = ''] = /```ts\nimport .*\n([\s\S]*?)```/.exec(readme) ?? [];
  const shown = [...example.matchAll(/\);\n((?:\/\/ .*\n)+)/g)].map(([, lines = '']) =>
    lines.replace(/^\/\/ /gm, ''),
  );
  const results: string[] = [];
  const run = new Function('editYaml', example);
  run((...given: Parameters<typeof editYaml>) => results.push(editYaml(...given)));
  expect(results.length).toBe(2);
  expect(results).toEqual(shown);
});
