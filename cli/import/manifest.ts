import type { AnalysisTemplateSpec } from '../../schemas/generated/analysis-template.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';

export type Metric = AnalysisTemplateSpec['metrics'][number];
export type Strategy = NonNullable<DeploymentSpec['strategy']>;
export type CanaryStep = NonNullable<Strategy['canary']>['steps'][number];
export type AnalysisUse = NonNullable<CanaryStep['analysis']>;

/** What came of a document, before it is known where it goes. */
export type Made = MadeTemplate | MadeWalk;

export interface MadeTemplate {
  readonly kind: 'AnalysisTemplate';
  readonly name: string;
  readonly spec: AnalysisTemplateSpec;
}

/** The part of a Deployment that says how traffic walks; which version of which model is not in what was read. */
export interface MadeWalk {
  readonly kind: 'Deployment';
  readonly name: string;
  readonly spec: Pick<DeploymentSpec, 'strategy' | 'progressDeadline' | 'keepWarm'>;
}
