import { definePlugin } from '../../core/plugin.ts';
import { environmentKind } from './environment.ts';
import { environmentController } from './environment-controller.ts';

export const plugin = definePlugin({
  name: 'environments',
  description: 'The stages that deployments live in.',
  kinds: [environmentKind],
  setup(host) {
    host.control(environmentKind, environmentController(host.machine));
  },
});
