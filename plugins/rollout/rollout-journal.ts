import type { Request } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { AnalysisRuns } from './analysis-runner.ts';
import type { RolloutEvent, RolloutState } from './strategy.ts';

/** Writes down what came about, each event with what it is about; what was measured goes with the rollback that it caused. */
export async function recordEvents(
  request: Request<DeploymentSpec, RolloutState>,
  events: readonly RolloutEvent[],
  runs: AnalysisRuns = {},
): Promise<void> {
  for (const event of events) {
    const { type, message, data } = entryOf(request, event);
    const run = event.type === 'rolledBack' ? runs[event.aborted.analysis ?? ''] : undefined;
    const evidence = run === undefined ? {} : { evidence: run };
    await request.record(type, message, { model: request.resource.spec.model, ...data, ...evidence });
  }
}

interface Entry {
  readonly type: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function entryOf({ resource, commit }: Request<DeploymentSpec, RolloutState>, event: RolloutEvent): Entry {
  const { metadata, spec } = resource;
  const name = `${metadata.environment}/${metadata.name}`;
  switch (event.type) {
    case 'switched': {
      const { from = null, to } = event;
      const message =
        from === null ? `${name} answers with ${spec.model} ${to}` : `${name} switched ${from} → ${to}`;
      return { type: 'deployment.switched', message, data: { from, to, commit } };
    }
    case 'released': {
      const { version } = event;
      return {
        type: 'deployment.released',
        message: `${name} released ${spec.model} ${version}`,
        data: { version },
      };
    }
    case 'started': {
      const { from, to, strategy, steps } = event;
      const message = `${name} walks ${from} → ${to} by ${strategy} in ${steps} steps`;
      return { type: 'rollout.started', message, data: { from, to, strategy, steps } };
    }
    case 'stepped': {
      const { version, step, steps, what } = event;
      const message = `${name}: ${version} is in step ${step} of ${steps}: ${what}`;
      return { type: 'rollout.stepped', message, data: { version, step, steps, what } };
    }
    case 'superseded': {
      const { version, by } = event;
      return {
        type: 'rollout.superseded',
        message: `${name}: the rollout of ${version} ends, ${by} begins`,
        data: { version, by },
      };
    }
    case 'rolledBack': {
      const { to, aborted } = event;
      const message = `${name} went back from ${aborted.version} to ${to}: ${aborted.message}`;
      return { type: 'rollout.rolledBack', message, data: { to, ...aborted } };
    }
  }
}
