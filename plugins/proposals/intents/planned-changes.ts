import type { Draft } from '../../../core/capabilities/forge.ts';
import type { PlannedChange, Registry } from '../../../core/capabilities/registry.ts';
import { type Logger, messageOf } from '../../../core/plugin.ts';

/** What a draft would do on the base that it is made on. Undefined where that cannot be said: it is proposed all the same. */
export async function plannedChanges(
  { repository, plan }: Pick<Registry, 'repository' | 'plan'>,
  { on, changes }: Pick<Draft, 'on' | 'changes'>,
  log: Logger,
): Promise<readonly PlannedChange[] | undefined> {
  try {
    const author = { name: 'Switchyard', email: 'switchyard@localhost' };
    const commit = await repository.makeCommit({ message: 'Draft\n', author, parents: [on], changes });
    return (await plan(on, commit)).plan.changes;
  } catch (error) {
    log.warn({ error: messageOf(error) }, 'a change is proposed without its plan');
    return undefined;
  }
}
