import type { Intent, Proposer } from '../../../core/capabilities/proposer.ts';
import type { Resource } from '../../../core/plugin.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { liftNotProposed } from '../errors.ts';
import type { Said } from '../walk-state.ts';
import { platformAuthor } from './rollback-intent.ts';

/** Proposes that a version may be deployed again, for whoever answers for it. Says in words what came of it. */
export async function liftQuarantine(
  version: Resource<ModelVersionSpec>,
  said: Said,
  proposer: Proposer | undefined,
): Promise<string> {
  if (proposer === undefined) throw liftNotProposed(version.origin.path);
  const proposed = await proposer.propose(liftIntent(version, said), { byHand: true, waitMs: 5_000 });
  if (proposed.state === 'queued') return `the proposal that lifts its quarantine waits: ${proposed.reason}`;
  return `proposal ${proposed.proposal.number} lifts its quarantine`;
}

/** The same change as that of `switchyard quarantine --lift`, with who answers for it. */
function liftIntent(
  { ref, metadata, origin, spec }: Resource<ModelVersionSpec>,
  { by, reason }: Said,
): Intent {
  const { name } = metadata;
  const model = String(metadata.model);
  const because = [
    `${by} accepts the risk: ${reason ?? ''}`,
    `It was quarantined because: ${spec.quarantine?.reason ?? ''}`,
  ];
  return {
    key: `quarantine:${ref}`,
    type: 'quarantine',
    title: `Lift the quarantine of ${model} ${name}`,
    files: [{ path: origin.path, ref, edits: [{ op: 'remove', pointer: '/spec/quarantine' }] }],
    reason: because.map(quoted).join('\n\n'),
    trailers: { 'Switchyard-Model': model, 'Switchyard-Version': name },
    author: platformAuthor,
  };
}

/** Words of others are shown, not obeyed. */
function quoted(text: string): string {
  return `> ${text
    .replace(/[`<>[\]@|*_]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()}`;
}
