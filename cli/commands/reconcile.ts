import type { Command } from 'commander';
import { connect } from '../client/api.ts';
import { kindMeant, readKinds, resourceMeant, targetOf } from '../client/resources.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { apiOption } from '../output-option.ts';

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
      act(
        async (
          kindWord: string,
          name: string | undefined,
          options: { api?: string; environment?: string },
        ) => {
          const target = targetOf(kindWord, name);
          if (target.name === undefined) {
            throw usageError('reconcile needs a name', `List them with: switchyard get ${kindWord}.`);
          }
          const api = await connect(options, terminal);
          const kind = kindMeant(target.kind, await readKinds(api));
          const { ref } = await resourceMeant(api, kind, target, options.environment);
          await api.post(`/resources/${ref}/reconcile`);
          terminal.out(`${ref} will be reconciled. Watch it with: switchyard get ${ref} --watch\n`);
          return exitCodes.success;
        },
      ),
    );
}
