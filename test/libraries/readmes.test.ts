import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';
import { runExample } from '../fixtures/shown-example.ts';

const names = readdirSync(packageFile('libraries'));
const folder = mkdtempSync(join(tmpdir(), 'switchyard-readmes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const readmeOf = (name: string) => readFileSync(packageFile(`libraries/${name}/README.md`), 'utf8');

it.each(names)('libraries/%s says what it is', (name) => {
  expect(readmeOf(name)).toMatch(new RegExp(`^# ${name}\\n\\n[A-Z]`));
});

const shown = names.flatMap((name) => {
  const example = readmeOf(name).match(/```ts example\n([\s\S]*?)```/)?.[1];
  return example === undefined ? [] : [[name, example] as const];
});

/** What the example may use beside what its library exports. */
const around = {
  ...{ folder, readFile, writeFile, createHash, generateKeyPairSync },
  signal: new AbortController().signal,
};

it.each(shown)('libraries/%s does what its README shows', async (name, example) => {
  const given: Record<string, unknown> = { ...around, ...(await import(`../../libraries/${name}/index.ts`)) };
  const said = await runExample(example, given);
  expect(said.length).toBeGreaterThan(0);
  for (const [is, says] of said) expect(is).toEqual(says);
});
