import { describe, expect, it } from 'vitest';
import { pluginImporter } from '../../server/import-plugin.ts';

const importPlugin = pluginImporter({ folder: '/', settings: {} });

describe('importing plugins by name', () => {
  it('refuses what is a path or a URL and not the name of a package', async () => {
    const hostile = [
      './x.js',
      '../x.js',
      '/etc/x.js',
      'file:///x.js',
      'data:text/javascript,1',
      'node:fs',
      'a/../b',
    ];
    for (const name of hostile) await expect(importPlugin(name)).rejects.toThrow('not the name of a package');
  });

  it('does not take words of JavaScript for plugins', async () => {
    for (const name of ['constructor', 'valueof']) {
      await expect(importPlugin(name)).rejects.toMatchObject({ code: 'MODULE_NOT_FOUND' });
    }
  });
});
