import type { Registry } from '../../core/capabilities/registry.ts';
import type { Request } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { KeptAnalyses } from './analysis/analyses.ts';
import { boundInWords } from './analysis/budget.ts';
import { evidenceOf, type VerdictEvidence } from './analysis/evidence.ts';
import type { RolloutEvent, RolloutState } from './strategy.ts';

/** Writes down what came about, each event with what it is about; what was measured goes with the rollback that it caused. */
export async function recordEvents(
  request: Request<DeploymentSpec, RolloutState>,
  events: readonly RolloutEvent[],
  runs: KeptAnalyses = {},
): Promise<void> {
  for (const event of events) {
    const { type, message, data } = entryOf(request, event);
    const key = event.type === 'rolledBack' ? (event.aborted.analysis ?? '') : '';
    const run = runs[key];
    const evidence = run === undefined ? {} : { evidence: evidenceOf(key, whereOf(request), run) };
    await request.record(type, message, { model: request.resource.spec.model, ...data, ...evidence });
  }
}

/**
 * Writes down the analyses that came to their end, each with all that its verdict rests on. Where an earlier process may have
 * done so before it was killed, `journal` is looked into: the same evidence is not written twice.
 */
export async function recordAnalyses(
  request: Request<DeploymentSpec, RolloutState>,
  ended: KeptAnalyses,
  { journal }: { readonly journal?: Registry['journal'] | undefined } = {},
): Promise<void> {
  const where = whereOf(request);
  for (const [key, analysis] of Object.entries(ended)) {
    const evidence = evidenceOf(key, where, analysis);
    const { ref } = request.resource;
    const told = (await journal?.({ ref, type: 'analysis.ended', limit: 50 })) ?? [];
    if (told.some(({ data }) => (data.evidence as VerdictEvidence | undefined)?.id === evidence.id)) continue;
    const { outcome, message } = evidence.verdict;
    const about = `${where.environment}/${where.deployment}: ${where.model} ${analysis.candidate}`;
    const bound = analysis.budget === undefined ? '' : `. ${boundInWords(analysis.budget)}`;
    await request.record('analysis.ended', `${about}: ${outcome}: ${message}${bound}`, { evidence });
  }
}

export function whereOf({ resource }: Request<DeploymentSpec, RolloutState>) {
  const { metadata, spec } = resource;
  return { environment: String(metadata.environment), deployment: metadata.name, model: spec.model };
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
    case 'processLost': {
      const { version, message } = event;
      return {
        type: 'rollout.processLost',
        message: `${name}: ${message}, and held ${version}, which is on trial`,
        data: { version },
      };
    }
    case 'rolledBack': {
      const { to, aborted } = event;
      const message = `${name} went back from ${aborted.version} to ${to}: ${aborted.message}`;
      return { type: 'rollout.rolledBack', message, data: { to, ...aborted } };
    }
  }
}
