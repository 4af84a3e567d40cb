import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PluginDefinition } from '../../core/plugin.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { builtInPlugins } from '../../server/built-in-plugins.ts';

const read = (path: string) => readFileSync(packageFile(path), 'utf8');
const page = read('docs/architecture.md');

/** The rows of the table whose first two columns are called so: their cells. */
function rowsOf(first: string, second: string): readonly (readonly string[])[] {
  const table =
    page.slice(page.search(new RegExp(`^\\| ${first} +\\| ${second} `, 'm'))).split('\n\n', 1)[0] ?? '';
  const rows = table.split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

const listed = (cell: string | undefined) => (cell ? cell.split(', ') : []);

describe('docs/architecture.md', () => {
  it('names each built-in plugin, with its kinds and what it provides', async () => {
    const said = new Map(
      rowsOf('plugin', 'kinds').map(([name, kinds, provides]) => [name, { kinds, provides }]),
    );
    expect([...said.keys()].sort()).toEqual(Object.keys(builtInPlugins).sort());
    for (const [name, load] of Object.entries(builtInPlugins)) {
      const { plugin } = (await load()) as { plugin: PluginDefinition };
      const { kinds, provides } = said.get(name) ?? {};
      expect([name, ...listed(kinds)]).toEqual([name, ...(plugin.kinds ?? []).map(({ kind }) => kind)]);
      expect([name, ...listed(provides)]).toEqual([name, ...(plugin.provides ?? []).map((one) => one.name)]);
    }
  });

  it('names each capability', () => {
    const files = readdirSync(packageFile('core/capabilities')).filter((file) => file.endsWith('.ts'));
    const defined = files.flatMap((file) => {
      const match = /defineCapability<\w+>\('([^']+)'\)/.exec(read(`core/capabilities/${file}`));
      return match?.[1] === undefined ? [] : [match[1]];
    });
    expect(defined.length).toBeGreaterThan(5);
    expect(
      rowsOf('capability', 'promise')
        .map(([name]) => name)
        .sort(),
    ).toEqual(defined.sort());
  });
});

describe('docs/adr', () => {
  const files = readdirSync(packageFile('docs/adr')).sort();

  it('is numbered without a gap or a double', () => {
    const numbers = files.map((file) => Number(file.slice(0, 4)));
    expect(numbers).toEqual(files.map((_, index) => index + 1));
  });

  it('has records of one form: number and title, status, context, decision, consequences', () => {
    for (const file of files) {
      const headings = [...read(`docs/adr/${file}`).matchAll(/^##? (.*)$/gm)].map((match) => match[1] ?? '');
      expect([file, headings[0]]).toEqual([file, expect.stringMatching(`^${Number(file.slice(0, 4))}\\. `)]);
      expect([file, ...headings.slice(1)]).toEqual([file, 'Context', 'Decision', 'Consequences']);
      expect(read(`docs/adr/${file}`)).toMatch(/^Status: (accepted|superseded)/m);
    }
  });

  it('is referred to by numbers that there are', () => {
    const records = files.map((file) => read(`docs/adr/${file}`));
    for (const text of [page, ...records]) {
      for (const [, number] of text.matchAll(/ADR (\d+)/g)) {
        expect(Number(number)).toBeLessThanOrEqual(files.length);
      }
    }
  });
});

describe('the tree', () => {
  const tree = ['core', 'plugins', 'libraries', 'schemas', 'server', 'cli', 'test', 'docs'].flatMap(
    (folder) =>
      readdirSync(packageFile(folder), { recursive: true, encoding: 'utf8' }).map(
        (path) => `/${folder}/${path.split(sep).join('/')}`,
      ),
  );

  it('has each source file that the page and the records name', () => {
    const records = readdirSync(packageFile('docs/adr')).map((file) => read(`docs/adr/${file}`));
    const named = new Set([page, ...records].flatMap((text) => text.match(/(?<=`)[\w./-]+\.ts(?=`)/g) ?? []));
    expect(named.size).toBeGreaterThan(20);
    expect([...named].filter((path) => !tree.some((there) => there.endsWith(`/${path}`)))).toEqual([]);
  });

  it('has no folder of the data plane that its page does not name', () => {
    const dataplane = 'plugins/serving/dataplane';
    const folders = readdirSync(packageFile(dataplane), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) =>
        relative(packageFile(dataplane), join(entry.parentPath, entry.name)).split(sep).join('/'),
      );
    const readme = read('plugins/serving/README.md');
    expect(folders.length).toBeGreaterThan(10);
    expect(folders.filter((folder) => !readme.includes(`\`${folder}/\``))).toEqual([]);
  });
});

describe('README.md', () => {
  it('leads to each page of docs/', () => {
    const start = read('README.md');
    const pages = readdirSync(packageFile('docs')).filter((file) => file.endsWith('.md'));
    expect(pages.length).toBeGreaterThan(15);
    expect(pages.filter((file) => !start.includes(`(docs/${file})`))).toEqual([]);
  });
});
