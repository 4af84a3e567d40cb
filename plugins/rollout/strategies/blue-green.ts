import { allStable, type Course, type Share, type Stage, type StrategySpec } from '../course.ts';

type BlueGreen = NonNullable<StrategySpec['blueGreen']>;

const promoted: readonly Share[] = [
  { of: 'stable', role: 'stable', weight: 0 },
  { of: 'candidate', role: 'candidate', weight: 100 },
];

/** The new version can be asked under another name, is analysed, and takes over all at once; the old one stays ready. */
export function blueGreen(spec: BlueGreen): Course {
  const { autoPromotion = true, previewPath = 'preview' } = spec;
  const { prePromotionAnalysis: before, postPromotionAnalysis: after } = spec;
  const stages: readonly (Stage | undefined)[] = [
    { type: 'traffic', shares: allStable },
    before && { type: 'analysis', analysis: before },
    autoPromotion ? undefined : { type: 'pause' },
    { type: 'traffic', shares: promoted },
    after && { type: 'analysis', analysis: after },
  ];
  return {
    name: 'blueGreen',
    stages: stages.filter((stage) => stage !== undefined),
    rules: ({ candidate }) => ({ aliases: { [previewPath]: candidate } }),
    restRules: (version) => ({ aliases: { [previewPath]: version } }),
  };
}
