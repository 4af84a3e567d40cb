import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';
import type { Course, StrategySpec } from './course.ts';
import { abTest } from './strategies/ab-test.ts';
import { blueGreen } from './strategies/blue-green.ts';
import { canary } from './strategies/canary.ts';
import { shadow } from './strategies/shadow.ts';

/** One a name of the schema: a strategy that can be declared and is missing here does not compile. */
const courses: {
  readonly [Name in keyof Required<StrategySpec>]: (spec: NonNullable<StrategySpec[Name]>) => Course;
} = {
  direct: () => ({ name: 'direct', stages: [] }),
  canary,
  blueGreen,
  shadow,
  abTest,
};

/** The strategy that holds for a deployment: its own, else that of its environment, else direct. */
export function strategyOf(
  { strategy }: Pick<DeploymentSpec, 'strategy'>,
  environment: EnvironmentSpec | undefined,
): StrategySpec {
  return strategy ?? environment?.strategy ?? { direct: {} };
}

/** The course that a strategy lays out. */
export function courseOf(strategy: StrategySpec): Course {
  for (const name of Object.keys(courses) as (keyof StrategySpec)[]) {
    const spec = strategy[name];
    if (spec !== undefined) return (courses[name] as (spec: unknown) => Course)(spec);
  }
  return courses.direct({});
}
