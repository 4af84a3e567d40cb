import { connect } from '../client/api.ts';
import { kindMeant, readKinds, resourceMeant, targetOf } from '../client/resources.ts';
import type { ReconcileOptions } from '../commands/reconcile.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

/** Asks the platform to look at one resource now. */
export async function runReconcile(
  kindWord: string,
  name: string | undefined,
  options: ReconcileOptions,
  terminal: Terminal,
): Promise<number> {
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
}
