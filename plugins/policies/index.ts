import { admission } from '../../core/capabilities/admission.ts';
import { forge } from '../../core/capabilities/forge.ts';
import { gate } from '../../core/capabilities/gate.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin, optional } from '../../core/plugin.ts';
import { commitAdmission } from './admission.ts';
import { AdmissionMemory } from './admission-memory.ts';
import { admissionSchema } from './admission-options.ts';
import { trustedCommit } from './admission-trust.ts';
import { policyGate } from './gate.ts';
import { glassAlarm } from './glass-alarm.ts';
import { policyKind } from './policy.ts';
import { policyController } from './policy-controller.ts';
import { teamKind } from './team.ts';
import { teamController } from './team-controller.ts';

export const plugin = definePlugin({
  name: 'policies',
  description: 'Who may approve, what a proposal must meet, and which commits may be applied.',
  kinds: [policyKind, teamKind],
  needs: { registries: registry, forges: optional(forge) },
  provides: [gate, admission],
  options: { type: 'object', additionalProperties: false, properties: { admission: admissionSchema } },
  setup(host, { registries, forges }, options) {
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
        isDemanding: options.admission !== undefined,
        log: host.log,
        now: () => Date.now(),
      }),
    );
  },
});
