import type { Resource } from '../../../core/plugin.ts';
import { parseDuration } from '../../../libraries/duration/index.ts';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import type { Objective } from './slo-rules.ts';

const quantiles = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;

/** What a Deployment promises in `spec.slo`; nothing where it promises nothing. */
export function objectivesOf({ metadata, spec }: Resource<DeploymentSpec>): readonly Objective[] {
  const { slo } = spec;
  if (slo === undefined) return [];
  const { availability, window = '30d', minRequests = 30 } = slo;
  const of = { environment: String(metadata.environment), deployment: metadata.name, window, minRequests };
  const objectives: Objective[] = [];
  if (availability !== undefined) {
    objectives.push({ ...of, slo: 'availability', budget: rounded(1 - availability / 100) });
  }
  for (const [name, share] of Object.entries(quantiles)) {
    const within = slo[name as keyof typeof quantiles];
    if (within === undefined) continue;
    const slowerThan = parseDuration(within) / 1000;
    objectives.push({ ...of, slo: name, budget: rounded(1 - share), slowerThan });
  }
  return objectives;
}

/** Without the last digits of binary fractions. */
function rounded(share: number): number {
  return Number(share.toPrecision(9));
}
