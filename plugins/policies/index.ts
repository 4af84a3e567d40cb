import { definePlugin } from '../../core/plugin.ts';
import { teamKind } from './team.ts';
import { teamController } from './team-controller.ts';

export const plugin = definePlugin({
  name: 'policies',
  description: 'Who may approve, and what a proposal must meet.',
  kinds: [teamKind],
  setup(host) {
    host.control(teamKind, teamController());
  },
});
