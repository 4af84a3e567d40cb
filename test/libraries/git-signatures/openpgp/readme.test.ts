import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

it('prints what the README says that its example prints', () => {
  const folder = mkdtempSync(join(tmpdir(), 'openpgp-signatures-readme-'));
  try {
    const library = join(import.meta.dirname, '../../../../libraries/git-signatures/openpgp');
    const code = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(library, 'README.md'), 'utf8'))?.[1] ?? '';
    const expected = /^\/\/ (good .*)$/m.exec(code)?.[1];
    expect(expected).toBeDefined();
    const file = join(folder, 'example.mts');
    writeFileSync(file, code.replace('./index.ts', pathToFileURL(join(library, 'index.ts')).href));
    const printed = execFileSync(process.execPath, ['--import', 'tsx', file], { encoding: 'utf8' });
    expect(printed.trim()).toBe(expected);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
