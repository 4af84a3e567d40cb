import { type Controller, type Machine, ready } from '../../core/plugin.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';

/** There is nothing to make of an environment: its status says whether this process runs it. */
export function environmentController(machine: Pick<Machine, 'runs'>): Controller<EnvironmentSpec> {
  return {
    async reconcile({ resource }) {
      const { name } = resource.metadata;
      return machine.runs(name)
        ? ready('RunHere', `deployments in ${name} are run by this process`)
        : ready('NotRunHere', `deployments in ${name} are left to another process`);
    },
  };
}
