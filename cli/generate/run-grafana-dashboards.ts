import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import type { Dashboard } from './grafana/dashboard.ts';
import { registryDashboards } from './grafana/registry-dashboards.ts';
import { dashboardConfigMap } from './prometheus/kubernetes.ts';
import { registryResources } from './registry-resources.ts';
import type { GenerateOptions } from './run-prometheus-rules.ts';
import { type GeneratedFile, writeFiles } from './write-files.ts';

/** Prints or writes the dashboards of a registry, and answers the status to exit with. */
export async function runGrafanaDashboards(
  named: string,
  options: GenerateOptions,
  terminal: Terminal,
): Promise<number> {
  const dashboards = registryDashboards(await registryResources(named, options, terminal));
  const files = dashboards.map((one) => (options.kubernetes ? inConfigMap(one) : asFile(one)));
  if (options.out === undefined) {
    const all = Object.fromEntries(dashboards.map(({ file, content }) => [file, content]));
    terminal.out(options.kubernetes ? files.map(({ text }) => text).join('---\n') : json(all));
    return exitCodes.success;
  }
  await writeFiles(resolve(terminal.folder, options.out), files);
  terminal.out(`Wrote ${files.length} dashboards to ${options.out}:\n`);
  for (const { name } of files) terminal.out(`  ${name}\n`);
  return exitCodes.success;
}

function asFile({ file, content }: Dashboard): GeneratedFile {
  return { name: file, text: json(content) };
}

function inConfigMap({ file, content }: Dashboard): GeneratedFile {
  const text = stringify(dashboardConfigMap(file, json(content)), { lineWidth: 0 });
  return { name: file.replace(/json$/, 'yaml'), text };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
