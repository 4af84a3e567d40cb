import { defineCapability, type Ref } from '../plugin.ts';

/** Watches what deployments promise their users: how much of their error budgets is left, and how fast they burn. */
export interface ServiceLevels {
  /**
   * Declares what a deployment promises, and says how it stands. Idempotent: call it again whenever woken. `owner` is woken
   * when the answer would be another one. Objectives that were declared before and are not now are forgotten.
   */
  keep(promise: PromisedLevel): ServiceLevel;
  /** It promises nothing any more. What was counted of it is forgotten. */
  forget(environment: string, deployment: string): void;
}

export interface PromisedLevel {
  /** The resource to wake. */
  readonly owner: Ref;
  readonly environment: string;
  readonly deployment: string;
  readonly objectives: readonly Objective[];
  /** What the budget is for, in milliseconds. */
  readonly windowMs: number;
  /** A window with fewer requests alarms nobody. */
  readonly minRequests: number;
}

export interface Objective {
  /** `availability`, `p95`. */
  readonly name: string;
  /** The share of requests that may be bad, above 0 and below 1. */
  readonly budget: number;
  /** A request that takes more seconds is bad. Without it, one that is not answered is. */
  readonly seconds?: number;
}

/** Small, JSON, and the same while nothing is worth telling: a status shows it. */
export interface ServiceLevel {
  /** By objective, in whole percent; below 0 where more is spent than there was. */
  readonly budgetLeft: Readonly<Record<string, number>>;
  /** What burns, worst first; none where all is well. */
  readonly burning?: {
    /** `fast`: somebody must act now. `slow`: the budget does not last for its window. */
    readonly speed: 'fast' | 'slow';
    /** RFC 3339. */
    readonly since: string;
    /** One sentence for each objective. */
    readonly message: string;
    readonly objectives: readonly BurningObjective[];
  };
}

export interface BurningObjective {
  readonly objective: string;
  /** How many times faster than it may, over the longer window: `42`. */
  readonly burnRate: number;
  /** `1h and 5m`. */
  readonly windows: string;
  /** Whole percent. */
  readonly budgetLeft: number;
  /** `503 (120), 500 (3)`: the most frequent first. */
  readonly errors: string;
  /** `1.1.0: 12 of 100 bad; 1.0.0: 0 of 900`: the worst first. */
  readonly versions: string;
}

export const serviceLevels = defineCapability<ServiceLevels>('service-levels');
