import { gate } from '../../core/capabilities/gate.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin } from '../../core/plugin.ts';
import { policyGate } from './gate.ts';
import { glassAlarm } from './glass-alarm.ts';
import { policyKind } from './policy.ts';
import { policyController } from './policy-controller.ts';
import { teamKind } from './team.ts';
import { teamController } from './team-controller.ts';

export const plugin = definePlugin({
  name: 'policies',
  description: 'Who may approve, and what a proposal must meet.',
  kinds: [policyKind, teamKind],
  needs: { registries: registry },
  provides: [gate],
  setup(host, { registries }) {
    host.control(policyKind, policyController());
    host.control(teamKind, teamController());
    const registry = registries.get('registry');
    host.provide(gate, 'policies', policyGate({ registry, brokeGlass: glassAlarm(registry, host) }));
  },
});
