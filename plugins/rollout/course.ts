import type { TrafficRules, Variant } from '../../core/capabilities/serving-runtime.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';

export type StrategySpec = NonNullable<DeploymentSpec['strategy']>;
export type StrategyName = keyof StrategySpec;

/**
 * The way that a strategy lays out from the version that answers to the next: stages, one after the other. It is data; what
 * walks it is the same for all strategies.
 */
export interface Course {
  readonly name: StrategyName;
  /** Without any, all traffic moves as soon as the new version is ready. */
  readonly stages: readonly Stage[];
  /** Analyses that run beside the stages, from one of them on. */
  readonly background?: AnalysisSpec & { readonly from: number };
  /** What leads requests while it is walked. */
  readonly rules?: (way: Way) => TrafficRules;
  /** What leads requests while one version answers alone. */
  readonly restRules?: (version: string) => TrafficRules;
  /** Versions beside the two that must be held. */
  readonly also?: readonly string[];
  /** Bytes of artifacts that may be held beside the version that answers. */
  readonly maxSurge?: number;
}

/** From where to where. */
export interface Way {
  /** `production/bird-strike`. */
  readonly deployment: string;
  readonly stable: string;
  readonly candidate: string;
}

export type Stage = TrafficStage | PauseStage | AnalysisStage | WatchStage;

/** Over once every inference process answers so. */
export interface TrafficStage {
  readonly type: 'traffic';
  readonly shares: readonly Share[];
}

/** Over after so many milliseconds; without them, when a human promotes. */
export interface PauseStage {
  readonly type: 'pause';
  readonly forMs?: number;
}

/** Over when the analysis succeeded. */
export interface AnalysisStage {
  readonly type: 'analysis';
  readonly analysis: AnalysisSpec;
}

/** Over after so much time and so many requests, if what is analysed meanwhile succeeded. */
export interface WatchStage {
  readonly type: 'watch';
  readonly forMs?: number;
  /** Requests that the new version must have seen. */
  readonly requests?: number;
  readonly analysis?: AnalysisSpec;
  /** `early`: a success ends it. `end`: nothing is judged before. `failure`: only a failure is acted on before the end. */
  readonly judge: 'early' | 'end' | 'failure';
  /** Whether it only goes on while arms get the shares that they were meant to. */
  readonly checksShares?: boolean;
}

export interface Share {
  /** `stable`, `candidate`, or a version. */
  readonly of: string;
  readonly role: Variant['role'];
  readonly weight: number;
}

export interface AnalysisSpec {
  readonly templates: readonly { readonly templateName: string }[];
  readonly args?: readonly { readonly name: string; readonly value: string }[];
}

/** How many analyses a course orders, all stages together. */
export function analysesIn({ stages, background }: Pick<Course, 'stages' | 'background'>): number {
  const judged = stages.filter(
    (stage) => stage.type === 'analysis' || (stage.type === 'watch' && stage.analysis !== undefined),
  );
  return judged.length + (background === undefined ? 0 : 1);
}

/** Where traffic is before a stage has moved it. */
export const allStable: readonly Share[] = [{ of: 'stable', role: 'stable', weight: 100 }];

/** The shares that hold in a stage: those of the last one that moved traffic. */
export function sharesAt({ stages }: Pick<Course, 'stages'>, stage: number): readonly Share[] {
  for (let index = Math.min(stage, stages.length - 1); index >= 0; index -= 1) {
    const one = stages[index];
    if (one?.type === 'traffic') return one.shares;
  }
  return allStable;
}

/** Shares with the names of versions in them. */
export function variantsOf(shares: readonly Share[], { stable, candidate }: Way): readonly Variant[] {
  return shares.map(({ of, role, weight }) => {
    const version = of === 'stable' ? stable : of === 'candidate' ? candidate : of;
    return { version, role, weight };
  });
}

/** A share of traffic for the candidate and the rest for stable. */
export function split(weight: number): readonly Share[] {
  if (weight === 0) return allStable;
  return [
    { of: 'stable', role: 'stable', weight: 100 - weight },
    { of: 'candidate', role: 'candidate', weight },
  ];
}

/** Stable answers all, and the candidate sees a share of it. */
export function mirrored(percent: number): readonly Share[] {
  return percent === 0 ? allStable : [...allStable, { of: 'candidate', role: 'shadow', weight: percent }];
}
