import type { TrafficRules } from '../../../core/capabilities/serving-runtime.ts';
import { parseDuration } from '../../../libraries/duration/index.ts';
import type { AnalysisSpec, Course, StrategySpec, Way } from '../course.ts';
import { keySource, saltOf } from '../sticky.ts';

type AbTest = NonNullable<StrategySpec['abTest']>;

/** Versions side by side with fixed shares, until a metric tells them apart or the time is over. */
export function abTest(spec: AbTest): Course {
  const { arms, duration, stopRule = 'sequential' } = spec;
  return {
    name: 'abTest',
    stages: [
      {
        type: 'traffic',
        shares: arms.map(({ version, share }) => ({
          of: version,
          role: version === 'stable' ? 'stable' : version === 'candidate' ? 'candidate' : 'arm',
          weight: share,
        })),
      },
      {
        type: 'watch',
        judge: stopRule === 'sequential' ? 'early' : 'end',
        forMs: parseDuration(duration),
        analysis: metricOf(spec),
        checksShares: true,
      },
    ],
    also: arms.map(({ version }) => version).filter((version) => !/^(stable|candidate)$/.test(version)),
    rules: (way) => rulesOf(spec, way),
  };
}

/** The least effect that matters is the template's to judge. */
function metricOf({ metric, minimumEffect }: AbTest): AnalysisSpec {
  if (minimumEffect === undefined) return metric;
  return {
    ...metric,
    args: [...(metric.args ?? []), { name: 'minimum-effect', value: String(minimumEffect) }],
  };
}

function rulesOf({ arms, assignment, match = [] }: AbTest, way: Way): TrafficRules {
  const versionOf = (arm: string): string => {
    const version = arms.find(({ name }) => name === arm)?.version;
    return version === 'candidate'
      ? way.candidate
      : version === 'stable'
        ? way.stable
        : (version ?? way.stable);
  };
  return {
    ...(assignment === undefined ? {} : { sticky: { by: keySource(assignment), salt: saltOf(way) } }),
    ...(match.length === 0
      ? {}
      : { matches: match.map(({ all, arm }) => ({ all, version: versionOf(arm) })) }),
  };
}
