import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { exitCodes } from '../../cli/exit-codes.ts';
import { createProgram } from '../../cli/switchyard.ts';
import { processTerminal } from '../../cli/terminal.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { readConfiguration } from '../../server/configuration.ts';
import { settings } from '../../server/configuration-schema.ts';

const page = readFileSync(packageFile('docs/cli.md'), 'utf8');
const program = createProgram(processTerminal(new AbortController().signal));
const verbs = program
  .createHelp()
  .visibleCommands(program)
  .filter((command) => command.name() !== 'help');
const sectionOf = (verb: string) => page.split(`### switchyard ${verb}\n`)[1]?.split(/^##/m)[0] ?? '';

describe('docs/cli.md', () => {
  it('has a section for every verb, and for no other', () => {
    const sections = [...page.matchAll(/^### switchyard (\S+)$/gm)].map((match) => match[1]);
    expect(sections.sort()).toEqual(verbs.map((verb) => verb.name()).sort());
  });

  it.each(verbs.map((verb) => [verb.name(), verb] as const))('names every flag of %s', (name, verb) => {
    const missing = verb.options
      .filter((option) => !option.hidden && !sectionOf(name).includes(`${option.long}`))
      .map((option) => option.flags);
    expect(missing).toEqual([]);
  });

  it('lists the exit statuses as they are', () => {
    const listed = [...page.matchAll(/^\| (\d+) \| \S/gm)].map((match) => Number(match[1]));
    expect(listed).toEqual(Object.values(exitCodes));
  });

  it('has a row for every setting, as the settings say it', () => {
    const rows = settings.map(({ key, flag, variable, defaultText }) => {
      const code = (text: string | undefined) => (text === undefined ? '' : `\`${text.split(' ')[0]}\``);
      return `| ${code(key)} | ${code(flag)} | ${code(variable)} | ${defaultText} |`;
    });
    const [, table = ''] = page.split('<!-- settings -->\n');
    const written = (table.split('<!-- /settings -->')[0] ?? '').trimEnd().split('\n').slice(2);
    expect(written).toEqual(rows);
  });

  it('shows a configuration file that is valid', async () => {
    const example = [...page.matchAll(/```yaml\n(# switchyard.config.yaml\n[\s\S]*?)```/g)][0]?.[1] ?? '';
    expect(Object.keys(parse(example))).toContain('repository');
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-docs-'));
    writeFileSync(join(folder, 'switchyard.config.yaml'), example);
    const sources = { flags: {}, environment: { HOME: folder }, folder, terminal: false };
    const configuration = await readConfiguration(sources);
    rmSync(folder, { recursive: true });
    expect(configuration).toMatchObject({ processes: 4, environments: ['staging', 'production'] });
  });
});
