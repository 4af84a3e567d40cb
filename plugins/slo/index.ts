/** Watches what deployments promise their users: error budgets, and how fast they burn. */
import { answerCounts } from '../../core/capabilities/answer-counts.ts';
import { serviceLevels } from '../../core/capabilities/service-levels.ts';
import { definePlugin } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'slo',
  description: 'Watches what deployments promise their users: error budgets, and how fast they burn.',
  needs: { counts: answerCounts },
  provides: [serviceLevels],
  async setup(host, { counts }) {
    const { setUpServiceLevels } = await import('./setup.ts');
    setUpServiceLevels(host, counts);
  },
});
