import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { translateConditions } from '../../cli/import/condition/translate-conditions.ts';
import { packageFile } from '../../libraries/package-files/index.ts';

const page = readFileSync(packageFile('docs/importing.md'), 'utf8');
const [, table = ''] = page.split('<!-- conditions -->\n');
const rows = (table.split('<!-- /conditions -->')[0] ?? '')
  .trimEnd()
  .split('\n')
  .slice(2)
  .map((row) => {
    const [provider = '', there = '', here = ''] = row
      .split(/(?<!\\)\|/)
      .slice(1)
      .map((cell) => cell.trim().replaceAll('\\|', '|').replaceAll('`', ''));
    return [provider, there, here] as const;
  });

describe('docs/importing.md', () => {
  it('has a table of conditions', () => {
    expect(rows.length).toBeGreaterThan(10);
  });

  it.each(rows)('says how a condition of %s is translated: %s', (provider, there, here) => {
    const shape = provider === 'web' ? 'document' : 'number';
    const translate = () =>
      translateConditions({ successCondition: there }, shape).conditions.successCondition;
    if (here === 'refused') expect(translate).toThrow(expect.objectContaining({ name: 'Untranslatable' }));
    else expect(translate()).toBe(here);
  });
});
