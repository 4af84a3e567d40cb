import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

interface Import {
  readonly from: string;
  /** A path from the root for a relative import, else the package's name. */
  readonly to: string;
  readonly isTypeOnly: boolean;
}

function sourcesBelow(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true, recursive: true })) {
    const path = relative(root, join(entry.parentPath, entry.name)).split(sep).join('/');
    if (entry.isFile() && path.endsWith('.ts')) found.push(path);
  }
  return found.sort();
}

const statement = /(?:^|\n)\s*(import|export)\s+(type\s+)?([^'";]*?)from\s+'([^']+)'|import\(\s*'([^']+)'/g;

function importsOf(path: string): Import[] {
  const text = readFileSync(join(root, path), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  return [...text.matchAll(statement)].map((match) => {
    const specifier = match[4] ?? match[5] ?? '';
    const relativeTo = specifier.startsWith('.')
      ? relative(root, join(root, dirname(path), specifier))
          .split(sep)
          .join('/')
      : specifier;
    const names = (match[3] ?? '').match(/\{([^}]*)\}/)?.[1]?.split(',') ?? [];
    const allTypes = names.length > 0 && names.every((name) => /^\s*(type\s|$)/.test(name));
    return { from: path, to: relativeTo, isTypeOnly: match[2] !== undefined || allTypes };
  });
}

const folders = ['core', 'plugins', 'libraries', 'schemas', 'server', 'cli', 'demo', 'bench'];
const imports = folders.flatMap((folder) => sourcesBelow(folder).flatMap(importsOf));
const own = imports.filter(({ to }) => folders.some((folder) => to.startsWith(`${folder}/`)));

/** Names of arrows that break a rule, for a readable failure. */
const arrows = (broken: readonly Import[]) => broken.map(({ from, to }) => `${from} → ${to}`);

function expectOnly(from: RegExp, allowed: readonly RegExp[]): void {
  const broken = own.filter((one) => from.test(one.from) && !allowed.some((pattern) => pattern.test(one.to)));
  expect(arrows(broken)).toEqual([]);
}

function cyclesOf(imports: readonly Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    else if (!done.has(path)) {
      for (const other of next.get(path) ?? []) visit(other, [...trail, path]);
      done.add(path);
    }
  };
  for (const path of next.keys()) visit(path, []);
  return cycles;
}

describe('the architecture', () => {
  it('is looked at: the sources and their imports are found', () => {
    expect(own.length).toBeGreaterThan(100);
  });

  it('lets generated schemas import nothing of ours', () => {
    expectOnly(/^schemas\//, [/^schemas\//]);
  });

  it('lets libraries import nothing of ours but themselves', () => {
    const broken = own.filter(({ from, to }) => {
      const library = from.match(/^libraries\/[^/]+\//)?.[0];
      return library !== undefined && !to.startsWith(library);
    });
    expect(arrows(broken)).toEqual([]);
  });

  it('lets the contract and the capabilities import only each other and schemas', () => {
    expectOnly(/^core\/(plugin|errors)\.ts$/, [/^schemas\//, /^core\/errors\.ts$/]);
    expectOnly(/^core\/capabilities\//, [
      /^schemas\//,
      /^core\/plugin\.ts$/,
      /^core\/capabilities\//,
      /^libraries\/git\/repository\.ts$/,
    ]);
  });

  it('lets the kernel import the kernel, schemas and libraries', () => {
    expectOnly(/^core\//, [/^core\//, /^schemas\//, /^libraries\//]);
  });

  it('lets plugins import the contract, capabilities, schemas, libraries and themselves', () => {
    const broken = own.filter(({ from, to }) => {
      const plugin = from.match(/^plugins\/[^/]+\//)?.[0];
      if (plugin === undefined || to.startsWith(plugin)) return false;
      return !/^(core\/plugin\.ts|core\/capabilities\/|schemas\/|libraries\/)/.test(to);
    });
    expect(arrows(broken)).toEqual([]);
  });

  it('lets nobody but the places listed here into the inside of a plugin: around the one door (ADR 11)', () => {
    // To be made shorter. What a stranger's plugin could not be asked in the same way belongs into a capability.
    const doors = [
      'cli/output → plugins/proposals',
      'cli/policy → plugins/policies',
      'cli/policy → plugins/proposals',
      'cli/proposing → plugins/forge-git',
      'cli/proposing → plugins/proposals',
      'cli/rollout → plugins/rollout',
      'server/supervisor → plugins/serving',
    ];
    const inside = own.filter(
      ({ from, to }) => /^(core|server|cli)\//.test(from) && /^plugins\/[^/]+\/(?!index\.ts$)/.test(to),
    );
    const folderOf = (path: string) => path.split('/').slice(0, 2).join('/');
    const used = new Set(inside.map(({ from, to }) => `${folderOf(from)} → ${folderOf(to)}`));
    expect([...used].sort()).toEqual(doors);
  });

  it('loads plugins by name alone, in one place', () => {
    const fronts = own.filter(
      ({ from, to }) => /^(core|server|cli)\//.test(from) && /^plugins\/[^/]+\/index\.ts$/.test(to),
    );
    expect(new Set(fronts.map(({ from }) => from))).toEqual(new Set(['server/built-in-plugins.ts']));
  });

  it('lets the data plane import no part of the control side but its contract', () => {
    const broken = own.filter(
      ({ from, to }) =>
        from.startsWith('plugins/serving/dataplane/') &&
        !/^(plugins\/serving\/dataplane\/|libraries\/|core\/(plugin|errors)\.ts|core\/capabilities\/)/.test(
          to,
        ),
    );
    expect(arrows(broken)).toEqual([]);
  });

  it('lets control and supervisor into the data plane by its interface alone', () => {
    const inside = own.filter(
      ({ from, to }) =>
        /^(server|cli|plugins\/serving)\/(?!dataplane\/)/.test(from) &&
        to.startsWith('plugins/serving/dataplane/'),
    );
    expect(inside.length).toBeGreaterThan(20);
    const past = inside.filter(({ to }) => !to.startsWith('plugins/serving/dataplane/interface/'));
    expect(arrows(past)).toEqual([]);
  });

  it('keeps the interface of the data plane clear of what is behind it', () => {
    expectOnly(/^plugins\/serving\/dataplane\/interface\//, [
      /^plugins\/serving\/dataplane\/interface\//,
      /^plugins\/serving\/dataplane\/tensor\/datatypes\.ts$/,
      /^libraries\//,
      /^core\/(plugin\.ts|capabilities\/)/,
    ]);
  });

  it('lets lanes know of loaded versions, these of what they run on, and none the other way round', () => {
    const broken = own.filter(({ from, to }) => {
      const [, below] = from.match(/^plugins\/serving\/dataplane\/(load|run)\//) ?? [];
      const above = below === 'run' ? /\/dataplane\/(lane|load)\// : /\/dataplane\/lane\//;
      return below !== undefined && above.test(to);
    });
    expect(arrows(broken)).toEqual([]);
  });

  it('keeps web frameworks out of the kernel and of the plugins', () => {
    const broken = imports.filter(({ from, to }) => /^(core|plugins)\//.test(from) && /^@?hono/.test(to));
    expect(arrows(broken)).toEqual([]);
  });

  it('keeps onnxruntime in the data plane, and in benchmarks that compare with it bare', () => {
    const broken = imports.filter(
      ({ from, to }) => to.startsWith('onnxruntime') && !/^(plugins\/serving\/dataplane|bench)\//.test(from),
    );
    expect(arrows(broken)).toEqual([]);
  });

  it('reaches onnxruntime from the control process by no way', () => {
    const reached = new Set(['server/control.ts']);
    for (const path of reached) {
      for (const { from, to, isTypeOnly } of imports) if (from === path && !isTypeOnly) reached.add(to);
    }
    expect(reached).toContain('server/built-in-plugins.ts');
    expect(reached).toContain('plugins/serving/setup.ts');
    expect([...reached].filter((path) => path.startsWith('onnxruntime'))).toEqual([]);
  });

  it('lets nothing that is shipped import the demonstration or the benchmarks', () => {
    const broken = own.filter(({ from, to }) => /^(demo|bench)\//.test(to) && !/^(demo|bench)\//.test(from));
    expect(arrows(broken)).toEqual([]);
  });

  it('has no cycle', () => {
    expect(cyclesOf(own.filter(({ isTypeOnly }) => !isTypeOnly))).toEqual([]);
  });

  it('has none among the folders of either side of serving, types included', () => {
    for (const folder of [
      /^plugins\/serving\/(?!dataplane\/)[^/]+(?=\/)/,
      /^plugins\/serving\/dataplane\/[^/]+(?=\/)/,
    ]) {
      const between = own.flatMap(({ from, to, isTypeOnly }) => {
        const source = from.match(folder)?.[0];
        const target = to.match(folder)?.[0];
        if (source === undefined || target === undefined || source === target) return [];
        return [{ from: source, to: target, isTypeOnly }];
      });
      expect(between.length).toBeGreaterThan(10);
      expect(cyclesOf(between)).toEqual([]);
    }
  });

  it('has no drawers: no file is called utils, helpers, misc, common, manager or base', () => {
    const drawers = folders
      .flatMap(sourcesBelow)
      .filter((path) => /(^|\/)(utils?|helpers?|misc|common|manager|base)(\.ts|\/)/.test(path));
    expect(drawers).toEqual([]);
  });

  it('keeps the kernel readable in one sitting, and its engines within their budgets (ADR 14, 18, 21)', () => {
    const linesOf = (pattern: RegExp) =>
      sourcesBelow('core')
        .filter((path) => pattern.test(path))
        .reduce((sum, path) => sum + readFileSync(join(root, path), 'utf8').split('\n').length, 0);
    const kernel = linesOf(/^core\/([^/]+|control\/.*|host\/.*)$/);
    expect(kernel).toBeGreaterThan(1000);
    expect(kernel).toBeLessThan(2600);
    expect(linesOf(/^core\/manifest\//)).toBeLessThan(4200);
    expect(linesOf(/^core\/state\//)).toBeLessThan(1350);
  });

  it('has no default exports', () => {
    const broken = folders
      .flatMap(sourcesBelow)
      .filter((path) => /^export default/m.test(readFileSync(join(root, path), 'utf8')));
    expect(broken).toEqual([]);
  });
});

describe('the tests', () => {
  /** By the folder that each would lie in beside what it tests. */
  const tests = sourcesBelow('test')
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => ({ path, folder: dirname(path).slice('test/'.length), name: basename(path, '.test.ts') }))
    .filter(({ folder }) => folders.includes(folder.split('/', 1)[0] ?? ''));
  const isFolder = (path: string) =>
    statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
  const isFile = (path: string) => statSync(join(root, path), { throwIfNoEntry: false })?.isFile() ?? false;

  it('lie in the folders of what they test', () => {
    expect(tests.length).toBeGreaterThan(100);
    const elsewhere = tests.filter(({ folder }) => !isFolder(folder)).map(({ folder }) => folder);
    // Against the whole inference process, in whatever way it can be asked.
    expect([...new Set(elsewhere)]).toEqual(['plugins/serving/dataplane/fuzz']);
  });

  it('lie inside a folder that they are about, not beside it', () => {
    const beside = tests.filter(
      ({ folder, name }) => isFolder(`${folder}/${name}`) && !isFile(`${folder}/${name}.ts`),
    );
    expect(beside.map(({ path }) => path)).toEqual([]);
  });

  it('that are named as a file which they test lie where it does', () => {
    const part = (path: string) => path.split('/', /^(plugins|libraries)\//.test(path) ? 2 : 1).join('/');
    const strayed = tests.flatMap(({ path, folder, name }) =>
      importsOf(path).filter(
        ({ to }) => basename(to, '.ts') === name && part(to) === part(folder) && dirname(to) !== folder,
      ),
    );
    expect(arrows(strayed)).toEqual([]);
  });
});
