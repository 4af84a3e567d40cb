/** Predicts whole files and large requests in the background: jobs that can be watched, cancelled and gone on with. */
import { predictionJobs } from '../../core/capabilities/prediction-jobs.ts';
import { definePlugin } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'jobs',
  description: 'Predicts whole files in the background, behind live traffic.',
  provides: [predictionJobs],
  async setup(host) {
    const { setUpJobs } = await import('./setup.ts');
    setUpJobs(host);
  },
});
