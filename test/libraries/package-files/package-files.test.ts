import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { expect, test } from 'vitest';
import { packageFile } from '../../../libraries/package-files/index.ts';

test('finds a file of the package from its sources', () => {
  const path = packageFile('package.json');
  expect(isAbsolute(path)).toBe(true);
  expect(JSON.parse(readFileSync(path, 'utf8')).name).toBe('switchyard');
});

test('names a file that is not there yet, so that the caller can say what is missing', () => {
  expect(existsSync(packageFile('dist/no-such-file.js'))).toBe(false);
});
