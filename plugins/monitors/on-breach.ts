/** What is done about a breach beside telling of it: a proposal, which people decide. */
import type { Intent, Proposer } from '../../core/capabilities/proposer.ts';
import { codeOf, messageOf, type Providers, type Resource, refOf } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { MonitorSpec } from '../../schemas/generated/monitor.ts';
import type { Find } from './scene.ts';
import type { Owed } from './state.ts';

/** What became of it, for people. */
export type Asked =
  | { readonly state: 'open'; readonly number: number; readonly version: string }
  /** The forge is away: it goes on by itself. */
  | { readonly state: 'queued'; readonly version: string }
  | {
      readonly state: 'refused';
      readonly version: string;
      readonly code: string;
      readonly message: string;
    };

const waitMs = 2_000;

/**
 * Proposes what the manifest says; undefined where it says nothing. The same breach gives the same proposal, so that it may be asked
 * for again after a kill. Never throws: that a breach is told does not hang on it.
 */
export async function askFor(
  monitor: Resource<MonitorSpec>,
  breach: Owed,
  {
    proposers,
    find,
  }: {
    readonly proposers: Providers<Proposer>;
    readonly find: Find;
  },
): Promise<Asked | undefined> {
  const version = monitor.spec.onBreach?.propose.rollbackTo;
  if (version === undefined) return undefined;
  const { environment, deployment } = monitor.spec.target;
  try {
    const found = find(refOf('Deployment', deployment, environment));
    // The manifest is not valid without it.
    if (found === undefined) return undefined;
    const [name = 'proposals'] = proposers.names();
    const intent = rollbackIntent(monitor, found as Resource<DeploymentSpec>, version, breach);
    const proposed = await proposers.get(name).propose(intent, { waitMs });
    return proposed.state === 'open'
      ? { state: 'open', number: proposed.proposal.number, version }
      : { state: 'queued', version };
  } catch (error) {
    return { state: 'refused', version, code: codeOf(error), message: messageOf(error) };
  }
}

/** One of all changes of the deployment's version may be open. */
function rollbackIntent(
  { ref }: Resource<MonitorSpec>,
  deployment: Resource<DeploymentSpec>,
  version: string,
  { message, data }: Owed,
): Intent {
  const { metadata, spec, origin } = deployment;
  const environment = String(metadata.environment);
  return {
    key: `version:${deployment.ref}`,
    type: 'rollback',
    title: `Roll ${spec.model} back to ${version} in ${environment}`,
    files: [
      {
        ...{ path: origin.path, ref: deployment.ref },
        edits: [{ op: 'set', pointer: '/spec/version', value: version, expected: spec.version }],
      },
    ],
    reason: `${ref} tells of a breach in its check of ${data.run}: ${message}.`,
    trailers: {
      'Switchyard-Model': spec.model,
      'Switchyard-Version': version,
      'Switchyard-Previous-Version': spec.version,
      'Switchyard-Environment': environment,
      'Switchyard-Deployment': metadata.name,
    },
    author: { name: 'Switchyard', email: 'switchyard@localhost' },
  };
}
