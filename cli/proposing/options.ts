import type { Command } from 'commander';

/** Adds the options that say which registry, which branch, and whose configuration. */
export function addProposingOptions(command: Command): Command {
  return command
    .option('--repo <path>', 'a clone of the registry', '.')
    .option(
      '--reference <name>',
      'the branch that the platform runs from (default: SWITCHYARD_REFERENCE, or main)',
    )
    .option('--config <file>', 'the operator’s configuration (default: SWITCHYARD_CONFIG)');
}

/** The number of a proposal as people write it: `7` or `#7`. */
export function proposalNumber(text: string): number {
  const digits = /^#?([1-9][0-9]{0,8})$/.exec(text)?.[1];
  return digits === undefined ? Number.NaN : Number(digits);
}
