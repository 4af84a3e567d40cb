import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isScalar, parse, parseDocument, visit } from 'yaml';
import { editYaml } from '../../../libraries/yaml-edit/index.ts';
import { lineDiff } from './line-diff.ts';

const folder = fileURLToPath(new URL('../../../registry-repo-template', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml') && !file.includes('node_modules'))
  .map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const);

describe('the manifests of the template', () => {
  it('are there', () => {
    expect(files.length).toBeGreaterThan(5);
  });

  it.each(files)('%s changes by one line for one value', (_file, text) => {
    const all = scalarsIn(parse(text));
    const places = all.filter((_place, index) => index % Math.ceil(all.length / 8) === 0);
    for (const { pointer, value } of places) {
      const next = typeof value === 'number' ? value + 1 : `${value}-next`;
      const after = editYaml(text, [{ op: 'set', pointer, value: next }]);
      const { removed, added } = lineDiff(text, after);
      expect([pointer, removed.length]).toEqual([pointer, 1]);
      // A folded text may have to begin another line.
      expect(added.length).toBeLessThanOrEqual(String(value).length > 80 ? 2 : 1);
      expect(editYaml(after, [{ op: 'set', pointer, value }])).toBe(text);
    }
  });
});

describe('a promotion of a version', () => {
  const text = [
    '# One line that a reviewer reads.',
    'kind: Deployment',
    'metadata: {name: bird-strike, environment: production}',
    'spec:',
    "    version:   '1.0.0'   # soaked since Monday",
    '    strategy:',
    '    - {weight: 10, hold: 10m}',
    '',
    '',
    '    description: A sentence that is long enough to be broken into two lines when it is printed by somebody else.',
    '',
  ].join('\n');

  it('is a one-line diff', () => {
    const after = editYaml(text, [{ op: 'set', pointer: '/spec/version', value: '1.1.0' }]);
    expect(lineDiff(text, after)).toEqual({
      removed: ["    version:   '1.0.0'   # soaked since Monday\n"],
      added: ["    version:   '1.1.0'   # soaked since Monday\n"],
    });
  });

  it('would be a diff of many lines if the document were printed again', () => {
    const document = parseDocument(text);
    document.setIn(['spec', 'version'], '1.1.0');
    const { removed } = lineDiff(text, document.toString());
    expect(removed.length).toBeGreaterThanOrEqual(6);

    const node = parseDocument(text, { keepSourceTokens: true });
    visit(node, {
      Pair: (_key, pair) => {
        if (isScalar(pair.key) && pair.key.value === 'version' && isScalar(pair.value))
          pair.value.value = '1.1.0';
      },
    });
    const gentle = node.toString({ lineWidth: 0, flowCollectionPadding: false, indent: 4, indentSeq: false });
    expect(lineDiff(text, gentle).removed.length).toBeGreaterThanOrEqual(2);
  });
});

function scalarsIn(value: unknown, at = ''): { pointer: string; value: unknown }[] {
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' || typeof value === 'number' ? [{ pointer: at, value }] : [];
  }
  return Object.entries(value).flatMap(([key, member]) =>
    scalarsIn(member, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}
