import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';

const root = packageFile('.');
const page = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');
/** Codes have a row of their own, or stand in the paragraph that says which are as above. */
const documented = new Set([...page.matchAll(/`([A-Z][A-Za-z]+)`/g)].map((match) => match[1] ?? ''));
const rows = [...page.matchAll(/^\| `([A-Z][A-Za-z]+)` \|/gm)].map((match) => match[1] ?? '');

/** Where codes that a user can meet are born. Other libraries keep their errors to their callers. */
const folders = [
  'core',
  'plugins',
  'server',
  'cli',
  'libraries/git',
  'libraries/model-signing',
  'libraries/unread-http',
  'libraries/visible-text',
];

const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path: relative(root, path), text: readFileSync(path, 'utf8') };
    }),
);

const code = /'([A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)*)'/g;
const births = [
  // An error made, or a finding told, by its code.
  /(?:new \w*Error|\.error|keptIssue)\(\s*'[A-Z]\w+'/g,
  /\bfault\([^']*'[A-Z]\w+'/g,
  /\bcode: [^,;\n]*'[A-Z]\w+'(?: : '[A-Z]\w+')?/g,
];

function codesIn({ path, text }: { path: string; text: string }): string[] {
  const found = births.flatMap((birth) => [...text.matchAll(birth)].map((match) => match[0]));
  // In a file of errors, whatever looks like a code is one; but for the name of a class.
  if (/errors\.ts$/.test(basename(path))) found.push(text.replaceAll(/\bname = '\w+'|'typeof \w+'/g, ''));
  return found.flatMap((piece) => [...piece.matchAll(code)].map((match) => match[1] ?? ''));
}

const born = new Map<string, string>();
for (const source of sources) for (const found of codesIn(source)) born.set(found, source.path);

describe('docs/errors.md', () => {
  it('is compared with something: the codes in the sources are found', () => {
    expect(born.size).toBeGreaterThan(150);
    expect(born.has('UnknownField')).toBe(true);
    expect(born.has('NotARepository')).toBe(true);
  });

  it('names every code that a user can meet', () => {
    const names = new Set(['SwitchyardError', 'GitError', 'InferenceError']);
    const missing = [...born].filter(([name]) => !documented.has(name) && !names.has(name));
    expect(missing).toEqual([]);
  });

  it('names no code that is gone', () => {
    const all = sources.map(({ text }) => text).join('\n');
    const gone = [...new Set(rows)].filter((name) => !all.includes(`'${name}'`));
    expect(gone).toEqual([]);
  });

  it('explains each code once', () => {
    const twice = rows.filter((name, index) => rows.indexOf(name) !== index);
    expect(twice).toEqual([]);
  });
});
