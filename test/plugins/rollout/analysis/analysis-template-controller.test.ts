import { expect, it } from 'vitest';
import type { Request } from '../../../../core/plugin.ts';
import { analysisTemplateController } from '../../../../plugins/rollout/analysis/analysis-template-controller.ts';
import type { AnalysisTemplateSpec } from '../../../../schemas/generated/analysis-template.ts';

const metrics: AnalysisTemplateSpec['metrics'] = [
  {
    name: 'errors',
    successCondition: 'result.candidate < 0.1',
    provider: { builtin: { metric: 'errorRate' } },
  },
  { name: 'refused', successCondition: 'result < 1.0', provider: { prometheus: { query: 'sum(refused)' } } },
];
const outcome = (...names: string[]) =>
  analysisTemplateController({ names: () => names }).reconcile({
    resource: { spec: { metrics } },
  } as unknown as Request<AnalysisTemplateSpec>);

it('is available where each of its sources is there', async () => {
  expect(await outcome('builtin', 'prometheus')).toMatchObject({ state: 'ready', facts: { metrics: 2 } });
});

it('tells of a source that nobody provides before a rollout is held by it', async () => {
  expect(await outcome('builtin')).toMatchObject({
    state: 'stalled',
    reason: 'ProviderMissing',
    message: expect.stringContaining('refused is asked of prometheus'),
  });
});
