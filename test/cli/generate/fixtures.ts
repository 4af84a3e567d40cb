import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { putTemplateRegistry } from '../../fixtures/template-registry.ts';

/** A registry from the template, to which manifests can be added; in a folder of its own. */
export class RegistryOnDisk {
  readonly #parent = mkdtempSync(join(tmpdir(), 'switchyard-generate-'));
  readonly folder = join(this.#parent, 'registry');

  async make(): Promise<void> {
    await putTemplateRegistry(this.folder);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  remove(): void {
    rmSync(this.#parent, { recursive: true, force: true });
  }
}

/** Metrics that docs/metrics.md lists (a test holds it to the program), with the parts of histograms and summaries. */
export function exposedMetrics(): ReadonlySet<string> {
  const page = readFileSync(packageFile('docs/metrics.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(switchyard_\w+)` *\| (\w+) *\|/gm)];
  const parts: Readonly<Record<string, readonly string[]>> = {
    histogram: ['_bucket', '_sum', '_count'],
    summary: ['_sum', '_count'],
  };
  return new Set(
    rows.flatMap(([, name = '', type = '']) => (parts[type] ?? ['']).map((part) => name + part)),
  );
}

/** Names of metrics that PromQL asks for, recorded ones (`switchyard:…`) too. */
export function metricsIn(promql: string): readonly string[] {
  const withoutTexts = promql.replaceAll(/"(\\.|[^"\\])*"/g, '""');
  return [...new Set(withoutTexts.match(/\bswitchyard[_:][a-z0-9_:]+/g) ?? [])];
}
