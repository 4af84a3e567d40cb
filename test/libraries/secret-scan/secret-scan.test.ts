import { describe, expect, it } from 'vitest';
import { secretsIn } from '../../../libraries/secret-scan/index.ts';

describe('the scan for secrets', () => {
  it('tells sorts and places, in their order, and nothing of the secrets', async () => {
    const github = `ghp_${'a1B2c3'.repeat(6)}`;
    const age = `AGE-SECRET-KEY-1${'QPZRY9X8'.repeat(7)}`;
    const text = `a: 1\nkey: ${age}\ntoken: ${github}\n`;
    expect(await secretsIn('models/m/model.yaml', text)).toEqual([
      { sort: 'age', line: 2, column: 6 },
      { sort: 'github', line: 3, column: 8 },
    ]);
    expect(await secretsIn('models/m/model.yaml', 'a: 1\n')).toEqual([]);
  });

  it('leaves nothing behind: a platform scans for as long as it runs', async () => {
    for (const text of ['a: 1', 'b: 2']) await secretsIn('a.yaml', text);
    const left = performance.getEntriesByType('mark').filter(({ name }) => name.startsWith('@core>'));
    expect(left).toEqual([]);
  });
});
