import { admission } from '../../core/capabilities/admission.ts';
import { forge } from '../../core/capabilities/forge.ts';
import { gate } from '../../core/capabilities/gate.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin, optional } from '../../core/plugin.ts';
import { admissionSchema } from './admission-options.ts';
import { policyKind } from './policy.ts';
import { teamKind } from './team.ts';

export const plugin = definePlugin({
  name: 'policies',
  description: 'Who may approve, what a proposal must meet, and which commits may be applied.',
  kinds: [policyKind, teamKind],
  needs: { registries: registry, forges: optional(forge) },
  provides: [gate, admission],
  options: { type: 'object', additionalProperties: false, properties: { admission: admissionSchema } },
  async setup(host, { registries, forges }, options) {
    const { setUpPolicies } = await import('./setup.ts');
    setUpPolicies(host, { registries, forges }, options.admission !== undefined);
  },
});
