import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { packageFile } from '../../../libraries/package-files/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-grafana-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler says of dashboards, each as it is written into a file of its own. */
async function complaints(dashboards: ReadonlyMap<string, string>): Promise<string> {
  const model = JSON.stringify(packageFile('test/cli/generate/grafana-model.ts'));
  const head = `import type { Dashboard } from ${model};\nexport const dashboard: Dashboard =`;
  const files = [...dashboards].map(([name, json]) => {
    const path = join(folder, `${name.replaceAll(/\W/g, '-')}.ts`);
    writeFileSync(path, `${head} ${json};\n`);
    return path;
  });
  const options =
    '--ignoreConfig --noEmit --strict --skipLibCheck --allowImportingTsExtensions --module esnext --moduleResolution bundler --target es2022';
  const compiler = packageFile('node_modules/typescript/lib/tsc.js');
  return promisify(execFile)(process.execPath, [compiler, ...options.split(' '), ...files]).then(
    () => '',
    (error: { stdout?: string }) => String(error.stdout ?? error),
  );
}

it('every dashboard is one by Grafana’s own types, the options of its panels too', async () => {
  const at = packageFile('deploy/grafana');
  const all = new Map(readdirSync(at).map((name) => [name, readFileSync(join(at, name), 'utf8')]));
  expect(all.size).toBeGreaterThanOrEqual(6);
  expect(await complaints(all)).toBe('');
  const [overview = ''] = [...all.values()];
  const strange = overview.replace('"textMode": "auto"', '"textMode": "large"').replace('"stat"', '"stats"');
  expect(strange).not.toBe(overview);
  expect(await complaints(new Map([['strange', strange]]))).toContain('error TS');
});
