import { Counter, Gauge, Registry } from 'prom-client';
import type { Outcome, Ref, Resource } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { KeptAnalyses } from './analysis/analyses.ts';
import { verdict } from './analysis/analysis-run.ts';
import type { Course } from './course.ts';
import type { RolloutEvent, RolloutState } from './strategy.ts';

/** Where a deployment is: exactly one of these. */
export const phases = ['steady', 'loading', 'walking', 'paused', 'undecided', 'rolledBack'] as const;
export type Phase = (typeof phases)[number];

interface Place {
  readonly environment: string;
  readonly deployment: string;
}

interface Standing extends Place {
  readonly phase: Phase;
  readonly walk?: {
    readonly version: string;
    readonly strategy: string;
    readonly step: number;
    readonly steps: number;
  };
}

type Counted = 'rollouts' | 'rollbacks' | 'analyses';

/**
 * Rollouts in Prometheus' words. Counters begin when the control process does. What is exposed is set anew at each look,
 * so that a deployment that is gone, and a walk that is over, leave no series behind.
 */
export class RolloutMetrics {
  readonly #standing = new Map<Ref, Standing>();
  /** By deployment, by what is counted, by how it ended. */
  readonly #counts = new Map<Ref, Place & { readonly of: Record<Counted, Map<string, number>> }>();
  readonly #registry = new Registry();
  readonly #phase = this.#gauge(
    'switchyard_rollout_phase',
    '1 for the phase that a deployment is in, else 0.',
    ['phase'],
  );
  readonly #step = this.#gauge(
    'switchyard_rollout_step',
    'The step of a rollout under way, counted from 1; 0 while the version is loaded.',
    ['version', 'strategy'],
  );
  readonly #steps = this.#gauge('switchyard_rollout_steps', 'How many steps a rollout under way has.', [
    'version',
    'strategy',
  ]);
  readonly #counters: Readonly<Record<Counted, readonly [Counter, string]>> = {
    rollouts: this.#counter('switchyard_rollouts_total', 'Rollouts that ended, by how.', 'result'),
    rollbacks: this.#counter('switchyard_rollbacks_total', 'Rollouts that were given up, by why.', 'reason'),
    analyses: this.#counter('switchyard_analyses_total', 'Analyses that ended, by their outcome.', 'outcome'),
  };

  /** Where a deployment is after a look. */
  looked(
    resource: Resource<DeploymentSpec>,
    { name, stages }: Pick<Course, 'name' | 'stages'>,
    state: Pick<RolloutState, 'walk' | 'aborted'>,
    outcome: Outcome,
  ): void {
    const { walk } = state;
    const steps = stages.length;
    const { ref } = resource;
    const standing = { ...placeOf(resource), phase: phaseOf(state, outcome) };
    if (walk === undefined || steps === 0) {
      this.#standing.set(ref, standing);
      return;
    }
    const step = walk.isBegun ? Math.min(walk.stage + 1, steps) : 0;
    const shown = { version: walk.version, strategy: name, step, steps };
    this.#standing.set(ref, { ...standing, walk: shown });
  }

  /** What came about; `isWalking` says whether a rollout was under way before. */
  happened(resource: Resource<DeploymentSpec>, events: readonly RolloutEvent[], isWalking: boolean): void {
    for (const event of events) {
      if (event.type === 'rolledBack') {
        this.#count(resource, 'rollouts', 'rolledBack');
        this.#count(resource, 'rollbacks', event.aborted.reason);
      }
      if (event.type === 'superseded') this.#count(resource, 'rollouts', 'superseded');
      if (event.type === 'switched' && isWalking) this.#count(resource, 'rollouts', 'completed');
    }
  }

  analysed(resource: Resource<DeploymentSpec>, ended: KeptAnalyses): void {
    for (const { run } of Object.values(ended)) this.#count(resource, 'analyses', verdict(run).outcome);
  }

  /** It is not looked after any more. */
  forget(ref: Ref): void {
    this.#standing.delete(ref);
    this.#counts.delete(ref);
  }

  /** Prometheus text exposition. */
  collect(): Promise<string> {
    for (const gauge of [this.#phase, this.#step, this.#steps]) gauge.reset();
    for (const { environment, deployment, phase, walk } of this.#standing.values()) {
      for (const one of phases) {
        this.#phase.set({ environment, deployment, phase: one }, one === phase ? 1 : 0);
      }
      if (walk === undefined) continue;
      const { version, strategy, step, steps } = walk;
      this.#step.set({ environment, deployment, version, strategy }, step);
      this.#steps.set({ environment, deployment, version, strategy }, steps);
    }
    for (const [counted, [counter, label]] of Object.entries(this.#counters)) {
      counter.reset();
      for (const { environment, deployment, of } of this.#counts.values()) {
        for (const [how, count] of of[counted as Counted]) {
          counter.inc({ environment, deployment, [label]: how }, count);
        }
      }
    }
    return this.#registry.metrics();
  }

  #count(resource: Resource<DeploymentSpec>, counted: Counted, how: string): void {
    const { ref } = resource;
    let counts = this.#counts.get(ref);
    if (counts === undefined) {
      counts = {
        ...placeOf(resource),
        of: { rollouts: new Map(), rollbacks: new Map(), analyses: new Map() },
      };
      this.#counts.set(ref, counts);
    }
    const map = counts.of[counted];
    map.set(how, (map.get(how) ?? 0) + 1);
  }

  #gauge(name: string, help: string, more: readonly string[]): Gauge {
    const labelNames = ['environment', 'deployment', ...more];
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  #counter(name: string, help: string, label: string): readonly [Counter, string] {
    const labelNames = ['environment', 'deployment', label];
    return [new Counter({ name, help, labelNames, registers: [this.#registry] }), label];
  }
}

function placeOf({ metadata }: Resource<DeploymentSpec>): Place {
  return { environment: String(metadata.environment), deployment: metadata.name };
}

function phaseOf({ walk, aborted }: Pick<RolloutState, 'walk' | 'aborted'>, outcome: Outcome): Phase {
  if (aborted !== undefined) return 'rolledBack';
  if (walk === undefined) return 'steady';
  if (!walk.isBegun) return 'loading';
  if (/^Analysis(Error|Inconclusive)$/.test(outcome.degraded?.reason ?? '')) return 'undecided';
  return outcome.progressing?.reason === 'Paused' ? 'paused' : 'walking';
}
