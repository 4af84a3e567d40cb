import { type Question, unknownSpeed } from './bird-strikes.ts';
import type { ClassifierParameters } from './classifier.ts';

/** How a version is made. Publishing a new version begins with a new recipe here. */
export interface Recipe {
  readonly version: string;
  /** The version that this one is to replace, and is measured against. */
  readonly parent?: string;
  /** First and last year of the strikes that it learns from. */
  readonly years: readonly [number, number];
  readonly parameters: ClassifierParameters;
}

/** Chosen by cross-validation in four parts on the rows that train, never by the rows that measure. */
const parameters: ClassifierParameters = {
  trees: 100,
  depth: 3,
  learningRate: 0.05,
  rowsPerLeaf: 20,
  l2: 1,
  thresholds: 63,
  levels: 15,
};

export const recipes: readonly Recipe[] = [
  { version: '1.0.0', years: [1990, 1994], parameters },
  { version: '1.1.0', parent: '1.0.0', years: [1995, 1998], parameters },
];

/** Years that train no version: how a version holds up later. */
export const laterYears = [1999, 2002] as const;

/** Seed and number of the bootstrap samples behind every interval. */
export const bootstrap = { seed: 1, replicates: 2000 } as const;

/** Questions that a version must answer in serving as it did in training: two strikes that were held out, and one made up. */
export const examples: readonly Example[] = [
  { name: 'canada-goose-at-laguardia', strike: 3230 },
  { name: 'small-bird-at-charlotte', strike: 3170 },
  {
    name: 'nothing-seen-before',
    strike: {
      airport: 'NEW AIRPORT',
      aircraft: 'NEW AIRCRAFT',
      operator: 'NEW OPERATOR',
      origin_state: 'New State',
      phase_of_flight: 'Hover',
      wildlife_size: 'Huge',
      wildlife_species: 'Dragon',
      time_of_day: 'Eclipse',
      speed_knots: unknownSpeed,
    },
  },
];

export interface Example {
  readonly name: string;
  /** The `id` of a reported strike, or one made up. */
  readonly strike: number | Question;
}
