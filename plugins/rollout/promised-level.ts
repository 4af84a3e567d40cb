/** What a deployment promises to those who ask. */
import type { Objective, PromisedLevel } from '../../core/capabilities/service-levels.ts';
import type { Finding, Resource } from '../../core/plugin.ts';
import { parseDuration } from '../../libraries/duration/index.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';

type Slo = DeploymentSpec['slo'];

/** Percentages that latencies may be promised for. */
const quantiles = { p50: 50, p90: 90, p95: 95, p99: 99 } as const;
const shortestWindow = '3d';
const longestWindow = '90d';
/** Inference processes tell latencies apart between these. */
const shortestMs = 0.1;
const longestMs = 10_000;

/** Undefined where it promises nothing. */
export function promisedLevel({ ref, metadata, spec }: Resource<DeploymentSpec>): PromisedLevel | undefined {
  const { slo } = spec;
  const objectives = objectivesOf(slo);
  if (slo === undefined || objectives.length === 0) return undefined;
  return {
    owner: ref,
    environment: String(metadata.environment),
    deployment: metadata.name,
    objectives,
    windowMs: parseDuration(slo.window ?? '30d'),
    minRequests: slo.minRequests ?? 30,
  };
}

function objectivesOf(slo: Slo): readonly Objective[] {
  if (slo === undefined) return [];
  const { availability } = slo;
  return [
    ...(availability === undefined ? [] : [{ name: 'availability', budget: budgetOf(availability) }]),
    ...latenciesOf(slo).map(({ name, percent, limitMs }) => ({
      name,
      budget: budgetOf(percent),
      seconds: limitMs / 1000,
    })),
  ];
}

function latenciesOf(slo: NonNullable<Slo>) {
  return Object.entries(quantiles).flatMap(([name, percent]) => {
    const limit = slo[name as keyof typeof quantiles];
    return limit === undefined ? [] : [{ name, percent, limitMs: parseDuration(limit) }];
  });
}

/** 0.001 of 99.9: what is left after subtracting is not quite that. */
function budgetOf(percent: number): number {
  return Number(((100 - percent) / 100).toPrecision(9));
}

/** In the words of a plan: `availability 99.9, p95 100ms for 30d`. */
export function sloInWords({ slo }: Pick<DeploymentSpec, 'slo'>): string {
  if (slo === undefined) return 'nothing';
  const { window = '30d', minRequests = 30, ...objectives } = slo;
  const promised = Object.entries(objectives).map(([name, value]) => `${name} ${value}`);
  return `${promised.join(', ')} for ${window}${minRequests === 30 ? '' : ` from ${minRequests} requests`}`;
}

export function sloFindings({ slo }: DeploymentSpec): readonly Finding[] {
  if (slo === undefined) return [];
  const findings: Finding[] = [];
  if (objectivesOf(slo).length === 0) {
    findings.push({
      code: 'PromisesNothing',
      pointer: '/spec/slo',
      message: 'it names no objective',
      hint: 'Add availability: 99.9, or p95: 100ms.',
    });
  }
  const windowMs = parseDuration(slo.window ?? '30d');
  if (windowMs < parseDuration(shortestWindow) || windowMs > parseDuration(longestWindow)) {
    findings.push({
      code: 'WindowOutOfRange',
      pointer: '/spec/slo/window',
      message: `a budget is for ${shortestWindow} to ${longestWindow}, and not for ${slo.window}`,
      hint: 'Most are for 30d.',
    });
  }
  for (const { name, limitMs } of latenciesOf(slo)) {
    if (limitMs >= shortestMs && limitMs <= longestMs) continue;
    findings.push({
      code: 'LatencyOutOfReach',
      pointer: `/spec/slo/${name}`,
      message: `latencies are told apart up to ${longestMs / 1000}s, and not at ${slo[name as keyof typeof quantiles]}`,
      hint: 'Promise a time between 1ms and 10s.',
    });
  }
  return findings;
}
