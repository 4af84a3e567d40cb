import { admission } from '../../core/capabilities/admission.ts';
import type { Forge } from '../../core/capabilities/forge.ts';
import { gate } from '../../core/capabilities/gate.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import type { Host, Providers } from '../../core/plugin.ts';
import { commitAdmission } from './admission.ts';
import { AdmissionMemory } from './admission-memory.ts';
import { trustedCommit } from './admission-trust.ts';
import { policyGate } from './gate.ts';
import { glassAlarm } from './glass-alarm.ts';
import { policyKind } from './policy.ts';
import { policyController } from './policy-controller.ts';
import { teamKind } from './team.ts';
import { teamController } from './team-controller.ts';

export interface PoliciesGiven {
  readonly registries: Providers<Registry>;
  readonly forges: Providers<Forge>;
}

/** What runs of this plugin: apart from its declaration, so that reading manifests loads no judge of commits. */
export function setUpPolicies(host: Host, { registries, forges }: PoliciesGiven, isDemanding: boolean): void {
  host.control(policyKind, policyController());
  host.control(teamKind, teamController());
  const registry = registries.get('registry');
  const policies = policyGate({ registry, brokeGlass: glassAlarm(registry, host) });
  host.provide(gate, 'policies', policies);
  host.provide(
    admission,
    'policies',
    commitAdmission({
      registry,
      forges,
      gate: policies,
      memory: new AdmissionMemory(host.machine.folder, registry.reference),
      trusted: trustedCommit(host.machine.settings),
      isDemanding,
      log: host.log,
      now: () => Date.now(),
    }),
  );
}
