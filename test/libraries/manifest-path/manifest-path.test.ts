import { describe, expect, it } from 'vitest';
import { pathFromManifest, pathOfUri } from '../../../libraries/manifest-path/index.ts';

const manifest = { origin: { path: 'models/churn/model.yaml' } };

describe('the path of what a manifest names', () => {
  it('counts from the folder of the manifest, or with a slash from the root', () => {
    expect(pathFromManifest(manifest, 'card.md')).toBe('models/churn/card.md');
    expect(pathFromManifest(manifest, '../shared/./card.md')).toBe('models/shared/card.md');
    expect(pathFromManifest(manifest, '/data/rows.csv')).toBe('data/rows.csv');
  });

  it.each([
    '',
    '../../../card.md',
    '/..',
    '//host/card.md',
    'C:card.md',
    'cards/',
    'a\\b',
    'card.md?x',
    'a\0b',
  ])('is none for %j, which names no file inside the repository', (text) =>
    expect(pathFromManifest(manifest, text)).toBeUndefined(),
  );

  it('is read from file URIs alone, whose characters may be escaped', () => {
    expect(pathOfUri(manifest, 'file:my%20card.md')).toBe('models/churn/my card.md');
    expect(pathOfUri(manifest, 'file:%2e%2e/%2e%2e/%2e%2e/card.md')).toBeUndefined();
    expect(pathOfUri(manifest, 'file:%zz')).toBeUndefined();
    expect(pathOfUri(manifest, 'https://example.com/card.md')).toBeUndefined();
  });
});
