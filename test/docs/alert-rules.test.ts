import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { builtInRules } from '../../plugins/alerting/rules/built-in.ts';

it('docs/alerts.md lists the rules that come along, each with its severity', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/alerts.md'), 'utf8');
  const section = page.slice(page.indexOf('## What comes along'), page.indexOf('## What rules see'));
  const listed = [...section.matchAll(/^\| `([\w-]+)` +\| (\w+) +\|/gm)].map(([, name, severity]) => [
    name,
    severity,
  ]);
  expect(listed.sort()).toEqual(
    builtInRules()
      .map(({ name, severity }) => [name, severity])
      .sort(),
  );
});
