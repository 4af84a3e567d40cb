import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';
import { builtInPlugins } from '../../server/built-in-plugins.ts';

interface Defined {
  readonly needs?: Readonly<Record<string, { readonly name: string }>>;
  readonly provides?: readonly { readonly name: string }[];
}

describe.each(Object.entries(builtInPlugins))('the README of %s', (name, load) => {
  it('names each capability that the plugin needs or provides, and denies none', async () => {
    const { plugin } = (await load()) as { readonly plugin: Defined };
    const text = readFileSync(join(packageFile('plugins'), name, 'README.md'), 'utf8');
    const needs = Object.values(plugin.needs ?? {}).map((capability) => capability.name);
    const provides = (plugin.provides ?? []).map((capability) => capability.name);
    for (const capability of [...needs, ...provides]) expect(text).toContain(`\`${capability}\``);
    if (needs.length > 0) expect(text).not.toMatch(/needs nothing/i);
    if (provides.length > 0) expect(text).not.toMatch(/provides nothing/i);
  });
});

it('the README of serving explains each folder of its control side, and none besides', () => {
  const serving = packageFile('plugins/serving');
  const text = readFileSync(join(serving, 'README.md'), 'utf8');
  const table = text.split('has a folder')[1]?.split('goes through the folders of')[0] ?? '';
  const explained = [...table.matchAll(/^\| `([^`]+)\/` +\|/gm)].map((row) => row[1]);
  const folders = readdirSync(serving, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(explained.sort()).toEqual(folders.map(({ name }) => name).sort());
});

it('the README of serving explains each folder of the data plane, and none besides', () => {
  const serving = packageFile('plugins/serving');
  const text = readFileSync(join(serving, 'README.md'), 'utf8');
  const table = text.split('goes through the folders of `dataplane/`')[1]?.split('\n## ')[0] ?? '';
  const rows = [...table.matchAll(/^\| (`[^|]*`) +\|/gm)].map((row) => row[1] ?? '');
  const explained = rows.flatMap((row) => [...row.matchAll(/`([^`]+)\/`/g)].map((name) => name[1]));
  const files = readdirSync(join(serving, 'dataplane'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.parentPath !== join(serving, 'dataplane'))
    .map(({ parentPath }) => relative(join(serving, 'dataplane'), parentPath).split(sep).join('/'));
  expect(explained.sort()).toEqual([...new Set(files)].sort());
});
