import { basename, relative, resolve } from 'node:path';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { MadeRegistry } from '../init/make-registry.ts';
import { withProgress } from '../output/progress.ts';
import type { Terminal } from '../terminal.ts';

/** Makes a registry from the template, and says what to do next. */
export async function runInit(
  folder: string,
  options: { name?: string },
  terminal: Terminal,
): Promise<number> {
  const target = resolve(terminal.folder, folder);
  const name = options.name ?? nameFrom(basename(target));
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    throw usageError(
      `"${name}" cannot be a platform's name`,
      'Use lower-case letters, digits and dashes: --name fraud-models.',
    );
  }
  const { makeRegistry } = await import('../init/make-registry.ts');
  const made = await withProgress(terminal, `making ${folder}`, makeRegistry(target, name));
  terminal.out(welcome(target, made, terminal));
  return exitCodes.success;
}

function nameFrom(folderName: string): string {
  const name = folderName
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
  return name || 'registry';
}

function welcome(target: string, made: MadeRegistry, terminal: Terminal): string {
  const { bold, dim, green } = terminal.colours;
  const here = relative(terminal.folder, target);
  const folder = here.startsWith('..') ? target : here;
  // By npx there is no `switchyard` on the path.
  const command = terminal.environment.npm_command === 'exec' ? 'npx --no switchyard' : 'switchyard';
  const steps = [
    ...(folder === '' ? [] : [[`cd ${quoted(folder)}`, '']]),
    [`${command} check`, 'every manifest is valid'],
    [`${command} up`, 'serve what it declares'],
  ] as const;
  const lines = steps.map(
    ([line, why]) => `  ${bold(line)}${why ? `${' '.repeat(Math.max(2, 30 - line.length))}${dim(why)}` : ''}`,
  );
  return [
    `${green('✔')} Made a registry in ${bold(folder || '.')}: ${made.files} files, commit ${made.commit.slice(0, 10)} on main.`,
    '',
    'Next:',
    ...lines,
    '',
    'Then ask for a newer version in staging; README.md says how it is reviewed and merged:',
    `  ${bold(`${command} promote bird-strike --to staging`)}`,
    '',
  ].join('\n');
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
