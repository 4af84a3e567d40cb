import type { Intent, Proposer } from '../../../core/capabilities/proposer.ts';
import type { Registry } from '../../../core/capabilities/registry.ts';
import { codeOf, type Logger, messageOf, type Ref } from '../../../core/plugin.ts';
import { platformAuthor, versionKey } from '../rollback/rollback-intent.ts';
import { type Candidate, promotionCandidates } from './promotions-due.ts';

export interface ProposingPromotions {
  readonly proposer: Proposer;
  readonly registry: Pick<Registry, 'applied' | 'examine' | 'status' | 'journal'>;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Proposes what has served well for long enough, once; policy and people decide. Leaves alone what somebody else proposes for
 * the same deployment, and does not ask again for what a person closed.
 */
export function promotionProposals({ proposer, registry, log, now }: ProposingPromotions) {
  /** What was asked for last, by the deployment that it was asked for. */
  const asked = new Map<Ref, string>();
  return async (signal: AbortSignal): Promise<void> => {
    const commit = registry.applied();
    if (commit === null) return;
    const { resources } = await registry.examine(commit);
    for (const candidate of promotionCandidates(resources, (ref) => registry.status(ref))) {
      if (signal.aborted) return;
      const { source, target, afterMs } = candidate;
      if (asked.get(target.ref) === source.spec.version) continue;
      try {
        const since = await servingSince(registry, candidate);
        if (since === undefined || now() - since < afterMs) continue;
        const latest = await proposer.latest(versionKey(target.ref));
        if (latest?.state === 'open') continue;
        await proposer.propose(promotionIntent(candidate, since), { waitMs: 2_000 });
        asked.set(target.ref, source.spec.version);
      } catch (error) {
        // A no is a no; anything else may pass by itself, and is asked for again.
        if (codeOf(error) === 'ProposalDeclined') asked.set(target.ref, source.spec.version);
        log.warn(
          { ref: target.ref, code: codeOf(error), error: messageOf(error) },
          'no promotion was proposed',
        );
      }
    }
  };
}

/** When the version began to answer alone; undefined where nobody wrote that down. */
async function servingSince(
  { journal }: Pick<Registry, 'journal'>,
  { source }: Candidate,
): Promise<number | undefined> {
  const [latest] = await journal({ ref: source.ref, type: 'deployment.switched', limit: 1 });
  return latest?.data.to === source.spec.version ? Date.parse(latest.time) : undefined;
}

/** The same change as that of `switchyard promote`. */
export function promotionIntent({ source, target }: Candidate, since: number): Intent {
  const { model, version } = source.spec;
  const environment = String(target.metadata.environment);
  const from = `${source.metadata.environment}/${source.metadata.name}`;
  const edit = {
    op: 'set',
    pointer: '/spec/version',
    value: version,
    expected: target.spec.version,
  } as const;
  return {
    key: versionKey(target.ref),
    type: 'promote',
    title: `Promote ${model} ${version} to ${environment}`,
    files: [{ path: target.origin.path, ref: target.ref, edits: [edit] }],
    reason: `It has answered alone in ${from} since ${new Date(since).toISOString()}, and nothing there is degraded.`,
    trailers: {
      'Switchyard-Model': model,
      'Switchyard-Version': version,
      'Switchyard-Environment': environment,
      'Switchyard-Deployment': target.metadata.name,
    },
    author: platformAuthor,
  };
}
