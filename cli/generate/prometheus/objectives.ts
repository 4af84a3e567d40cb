import type { Resource } from '../../../core/plugin.ts';
import { parseDuration } from '../../../libraries/duration/index.ts';
import type { Objective } from './slo-rules.ts';

interface Promised {
  readonly availability?: number;
  readonly window?: string;
  /** `p95: 100ms`. */
  readonly [quantile: `p${number}`]: string;
}

/** What a Deployment promises in `spec.slo`; nothing where it promises nothing. */
export function objectivesOf({ metadata, spec }: Resource): readonly Objective[] {
  const { slo } = spec as { readonly slo?: Promised };
  if (slo === undefined) return [];
  const { name: deployment, environment = '' } = metadata;
  const windowMs = parseDuration(slo.window ?? '30d');
  const objectives: Objective[] = [];
  if (slo.availability !== undefined) {
    const budget = Number((1 - slo.availability / 100).toPrecision(6));
    objectives.push({ environment, deployment, slo: 'availability', budget, windowMs });
  }
  for (const [key, value] of Object.entries(slo)) {
    const percent = /^p(\d{2,3})$/.exec(key)?.[1];
    if (percent === undefined || typeof value !== 'string') continue;
    // `p999` is 99.9 %.
    const share = Number(`0.${percent}`);
    const budget = Number((1 - share).toPrecision(6));
    objectives.push({
      environment,
      deployment,
      slo: key,
      budget,
      windowMs,
      slowerThan: parseDuration(value) / 1000,
    });
  }
  return objectives;
}
