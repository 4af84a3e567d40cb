import type { ProposalCheck, ProposalSubject } from '../../../core/capabilities/proposal-check.ts';
import { ofKind } from '../../../core/capabilities/proposed-versions.ts';
import { type Resource, refOf } from '../../../core/plugin.ts';
import { formatByteSize } from '../../../libraries/byte-size/index.ts';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { leastMemory } from '../dataplane/interface/needed-memory.ts';

interface Placed {
  readonly deployment: Resource<DeploymentSpec>;
  readonly version: Resource<ModelVersionSpec>;
  /** Bytes that it takes at least. */
  readonly needed: number;
}

/**
 * Whether what would be deployed can ever be loaded where the operator has set a budget of memory. The size of a file and the
 * replicas say what a version takes at least; what it takes more is measured when it is tried.
 */
export function memoryBudgetCheck(budget: number, runs: (environment: string) => boolean): ProposalCheck {
  return {
    title: 'The memory budget has room for the version',
    version: 1,

    concerns(subject) {
      const placed = placedIn(subject, runs);
      if (placed.length === 0) return undefined;
      const lines = placed.map(
        ({ deployment, version }) => `${deployment.ref} ${deployment.digest} ${version.digest}`,
      );
      return [String(budget), ...lines].join('\n');
    },

    async run(subject) {
      const placed = placedIn(subject, runs);
      const tooLarge = placed.filter(({ needed }) => needed > budget);
      const [first] = tooLarge;
      const room = `the memory budget of an inference process is ${formatByteSize(budget)}`;
      if (first === undefined) {
        const most = Math.max(...placed.map(({ needed }) => needed));
        return { outcome: 'pass', summary: `${formatByteSize(most)} at least, and ${room}` };
      }
      const messages = tooLarge.map((one) => ({ ...one, message: messageOf(one, room) }));
      return {
        outcome: 'fail',
        summary: messages[0]!.message,
        details: messages
          .map(({ deployment, message }) => `- \`${deployment.origin.path}\`: ${message}`)
          .join('\n'),
        annotations: messages.map(({ deployment, message }) => ({
          code: 'MemoryBudgetExceeded',
          severity: 'error',
          message,
          hint: 'Let the operator raise plugins.serving.memoryBudget, or have fewer replicas or a smaller model.',
          path: deployment.origin.path,
          line: deployment.origin.line,
          column: deployment.origin.column,
          pointer: '/spec/version',
          ref: deployment.ref,
        })),
      };
    },
  };
}

function messageOf({ deployment, version, needed }: Placed, room: string): string {
  const { model } = deployment.spec;
  return `${model} ${version.metadata.name} takes ${formatByteSize(needed)} at least, and ${room}: it can never be loaded`;
}

/** What the proposal deploys otherwise than the base, where this machine runs it. */
function placedIn(
  { base, merged }: ProposalSubject,
  runs: (environment: string) => boolean,
): readonly Placed[] {
  return ofKind<DeploymentSpec>(merged.resources, 'Deployment').flatMap((deployment) => {
    const { spec, metadata } = deployment;
    const at = refOf('ModelVersion', spec.version, spec.model);
    const version = merged.resources.get(at) as Resource<ModelVersionSpec> | undefined;
    const isSame =
      base.resources.get(deployment.ref)?.digest === deployment.digest &&
      base.resources.get(at)?.digest === version?.digest;
    if (isSame || version === undefined || !runs(metadata.environment ?? '')) return [];
    const { placement, replicas, provider } = spec.runtime ?? {};
    const session = { provider: provider ?? version.spec.runtime?.provider };
    const needed = leastMemory({ size: version.spec.artifact.size, placement, replicas, session });
    return [{ deployment, version, needed }];
  });
}
