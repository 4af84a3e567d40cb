import { parseDuration } from '../../../libraries/duration/index.ts';
import { type Course, mirrored, type StrategySpec } from '../course.ts';

type Shadow = NonNullable<StrategySpec['shadow']>;

/** The new version sees requests and answers nobody, for so long or so many of them; then it takes over. */
export function shadow({ percent = 100, duration, requests, analysis }: Shadow): Course {
  return {
    name: 'shadow',
    stages: [
      { type: 'traffic', shares: mirrored(percent) },
      {
        type: 'watch',
        judge: 'failure',
        ...(duration === undefined ? {} : { forMs: parseDuration(duration) }),
        ...(requests === undefined ? {} : { requests }),
        ...(analysis === undefined ? {} : { analysis }),
      },
    ],
  };
}
