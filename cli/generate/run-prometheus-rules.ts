import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { exitCodes } from '../exit-codes.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { prometheusRule, serviceMonitor } from './prometheus/kubernetes.ts';
import { registryRules } from './prometheus/registry-rules.ts';
import { registryResources } from './registry-resources.ts';
import { type GeneratedFile, writeFiles } from './write-files.ts';

export interface GenerateOptions {
  readonly out?: string;
  readonly kubernetes?: boolean;
  readonly config?: string;
}

const written =
  '# Written by `switchyard generate prometheus-rules`: generate it again when manifests change.\n';

/** Prints or writes the rules of a registry, says what has no equal in Prometheus, and answers the status to exit with. */
export async function runPrometheusRules(
  named: string,
  options: GenerateOptions,
  terminal: Terminal,
): Promise<number> {
  const { groups, leftOut } = registryRules(await registryResources(named, options, terminal));
  const files: readonly GeneratedFile[] = options.kubernetes
    ? [
        { name: 'prometheus-rule.yaml', text: yaml(prometheusRule(groups)) },
        { name: 'service-monitor.yaml', text: yaml(serviceMonitor()) },
      ]
    : [{ name: 'switchyard.rules.yaml', text: yaml({ groups }) }];
  for (const { ref, reason } of leftOut) terminal.err(`! ${ref} is left out: ${oneLine(reason)}\n`);
  const rules = groups.reduce((sum, group) => sum + group.rules.length, 0);
  if (options.out === undefined) terminal.out(files.map(({ text }) => text).join('---\n'));
  else {
    await writeFiles(resolve(terminal.folder, options.out), files);
    const names = files.map(({ name }) => name).join(', ');
    terminal.out(`Wrote ${rules} rules in ${groups.length} groups to ${options.out}: ${names}\n`);
  }
  return exitCodes.success;
}

function yaml(value: unknown): string {
  return `${written}${stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}
