import type {
  ServingStatus,
  TrafficRules,
  Variant,
  VersionState,
} from '../../core/capabilities/serving-runtime.ts';
import type { Because, Outcome, Resource } from '../../core/plugin.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import type { KeptAnalyses } from './analysis/analyses.ts';
import type { Verdict } from './analysis/analysis-run.ts';
import type { AnalysisSpec } from './course.ts';
import type { Aborted, Walk } from './walk-state.ts';

/**
 * How traffic walks from one version to the next. Pure: the same state and observation give the same decision, so that
 * a walk can be tested step by step and resumed after a kill at any point.
 */
export interface Strategy {
  /** As it is written under `spec.strategy`. */
  readonly name: string;
  /**
   * Decides what to hold and what to route, from what was so before and what is seen now. The controller carries it out,
   * looks again, and calls it again, until a decision changes nothing more.
   */
  step(state: RolloutState, observation: Observation): Decision;
}

/** What is known of a deployment between two looks; its cell. Observations only: without it, the walk converges too. */
export interface RolloutState {
  /** The model whose versions these are: with another model, all of this means nothing. */
  readonly model: string;
  /** What was last seen to answer everywhere. */
  readonly stable?: StableVersion;
  /** The manifest of stable, as it was while the registry had it with the bytes that answer. */
  readonly manifest?: Resource<ModelVersionSpec>;
  /** A version that was seen ready and to which traffic was then sent: after a restart the switch goes on, not back. */
  readonly switchingTo?: string;
  /** Versions that answered before and are kept loaded. */
  readonly warm: readonly WarmVersion[];
  /** What answered before stable, the latest last: to go back there is no news and takes no walk. */
  readonly lineage?: readonly ProvenVersion[];
  /** A rollout under way. */
  readonly walk?: Walk;
  /** Analyses under way, by the keys of their orders. */
  readonly runs?: KeptAnalyses;
  /** Analyses that came to their end and may not be in the journal yet. */
  readonly untold?: KeptAnalyses;
  /** What was tried and given up: it is not tried again until another version is declared or a human says so. */
  readonly aborted?: Aborted;
  /** What was given up before, and of whose quarantine nobody has decided yet; the latest last. */
  readonly undecided?: readonly Aborted[];
}

export interface ProvenVersion {
  readonly version: string;
  /** Of its artifact. */
  readonly digest: string;
}

export interface StableVersion {
  readonly version: string;
  /** The registry commit that its answers are attributed to. */
  readonly commit: string;
  /** Of its artifact, where it was known. */
  readonly digest?: string;
}

export interface WarmVersion {
  readonly version: string;
  /** When it stopped answering, in milliseconds since 1970. */
  readonly since: number;
}

export interface Observation {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `production/bird-strike`. */
  readonly deployment: string;
  /** The commit that is being converged to. */
  readonly commit: string;
  /** The version that the manifest declares. */
  readonly target: string;
  /** Why the target must not be deployed, where so. */
  readonly refusal?: Because;
  /** How long a version stays loaded after traffic has left it, in milliseconds. */
  readonly keepWarm: number;
  /** Versions whose manifests are there: only those can be declared to the runtime. */
  readonly present: ReadonlySet<string>;
  /** The artifacts of those that are present. */
  readonly artifacts: Readonly<Record<string, { readonly digest: string; readonly size: number }>>;
  /** How long a walk may stand still, in milliseconds. */
  readonly progressDeadline: number;
  /** What the analyses that were ordered have come to, by their keys. */
  readonly analyses: Readonly<Record<string, Verdict>>;
  /** Requests that versions have answered or seen since some moment, which a restart moves. */
  readonly requests: Readonly<Record<string, number>>;
  /** What versions that weights lead to have answered while weights are as they are: keys where those are sticky, else requests. */
  readonly arms?: Readonly<Record<string, number>>;
  /** Those among them that must not be deployed, and so are not kept warm either. */
  readonly quarantined: ReadonlySet<string>;
  readonly versions: Readonly<Record<string, VersionState>>;
  /** Inference processes that ended while they held a version. */
  readonly losses: ServingStatus['losses'];
  /** What every inference process is known to answer with; undefined where that is not known. */
  readonly answering?: readonly Variant[];
  readonly processes: ServingStatus['processes'];
}

export interface Decision {
  /** Versions to have loaded, routed or not. */
  readonly hold: readonly string[];
  /** What should answer; empty: leave the data plane as it is. */
  readonly variants: readonly Variant[];
  /** What leads requests beside weights. */
  readonly rules?: TrafficRules;
  /** Analyses to run; one that is not ordered any more is dropped. */
  readonly analyses?: readonly AnalysisOrder[];
  /** The commit that answers are attributed to. */
  readonly commit: string;
  readonly state: RolloutState;
  /** What came about since the step before, for the journal. */
  readonly events: readonly RolloutEvent[];
  readonly outcome: Outcome;
}

export interface AnalysisOrder extends AnalysisSpec {
  /** One a run: another key is another run. */
  readonly key: string;
  /** What it is about. */
  readonly candidate: string;
  readonly stable: string;
  /** Analyses that the rollout orders in all. */
  readonly analyses: number;
  /** Where its window begins at the earliest, in milliseconds since 1970. */
  readonly since: number;
  /** Whether a metric ends at its first success that is sure. */
  readonly endsWhenTold?: boolean;
  /** How it is to come to an end: with what was measured so far, or with one more look at each metric. Absent: not yet. */
  readonly conclude?: 'asItIs' | 'withLastLook';
}

export type RolloutEvent =
  | { readonly type: 'switched'; readonly from: string | undefined; readonly to: string }
  | { readonly type: 'released'; readonly version: string }
  | {
      readonly type: 'started';
      readonly from: string;
      readonly to: string;
      readonly strategy: string;
      readonly steps: number;
    }
  | {
      readonly type: 'stepped';
      readonly version: string;
      /** Counted from 1. */
      readonly step: number;
      readonly steps: number;
      readonly what: string;
    }
  | { readonly type: 'superseded'; readonly version: string; readonly by: string }
  | { readonly type: 'processLost'; readonly version: string; readonly message: string }
  | { readonly type: 'rolledBack'; readonly to: string; readonly aborted: Aborted };

/** Where every walk begins, and where it begins again when what was known is lost. */
export function initialState(model: string): RolloutState {
  return { model, warm: [] };
}
