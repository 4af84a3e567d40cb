import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { apiOption } from '../output-option.ts';

export interface ReconcileOptions {
  api?: string;
  environment?: string;
}

/** Adds `switchyard reconcile KIND NAME`. */
export function addReconcile(program: Command, { terminal, act }: Context): void {
  program
    .command('reconcile')
    .description('ask the platform to look at one resource now')
    .argument('<kind>', 'a kind, or Kind/scope/name')
    .argument('[name]', 'name, or scope/name')
    .option('-e, --environment <name>', 'the environment that it lives in')
    .addOption(apiOption())
    .addHelpText('after', '\nExamples:\n  switchyard reconcile deployment bird-strike -e production')
    .action(
      act(async (kindWord: string, name: string | undefined, options: ReconcileOptions) => {
        const { runReconcile } = await import('../platform/run-reconcile.ts');
        return runReconcile(kindWord, name, options, terminal);
      }),
    );
}
