import type { ProposalCheck, ProposalSubject } from '../../../core/capabilities/proposal-check.ts';
import { movedDeployments, ofKind } from '../../../core/capabilities/proposed-versions.ts';
import type { Resource } from '../../../core/plugin.ts';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { type Complaint, verdictOf } from './verdict.ts';

type Version = Resource<ModelVersionSpec>;

/** Whether what is to be deployed was condemned before: under this name, or as the same artifact under any other. */
export const quarantineCheck: ProposalCheck = {
  title: 'Nothing that is quarantined is deployed',
  version: 1,

  concerns(subject) {
    const moves = movesIn(subject);
    if (moves.length === 0) return undefined;
    return moves
      .map(({ deployment, candidate, condemned }) =>
        [deployment.ref, candidate.ref, condemned?.ref, condemned?.digest].join(' '),
      )
      .join('\n');
  },

  async run(subject) {
    const moves = movesIn(subject);
    const complaints = moves.flatMap(complaintsOf);
    const names = new Set(moves.map(({ candidate }) => nameOf(candidate)));
    return verdictOf(complaints, `${[...names].join(', ')}: not quarantined`);
  },
};

interface Move {
  readonly deployment: Resource<DeploymentSpec>;
  readonly candidate: Version;
  /** Whose manifest condemns the candidate's artifact. */
  readonly condemned: Version | undefined;
}

/** To quarantine what answers is no move: it goes on until another version is declared. */
function movesIn(subject: ProposalSubject): readonly Move[] {
  const condemned = condemnedIn(subject);
  return movedDeployments(subject).flatMap(({ deployment, candidate, current }) => {
    if (candidate === undefined) return [];
    const { digest } = candidate.spec.artifact;
    if (current?.ref === candidate.ref && current.spec.artifact.digest === digest) return [];
    return [{ deployment, candidate, condemned: condemned.get(digest) }];
  });
}

/** By the digest of the artifact. What the base condemns, a proposal cannot free and deploy at once. */
function condemnedIn({ base, merged }: ProposalSubject): ReadonlyMap<string, Version> {
  const condemned = new Map<string, Version>();
  for (const { resources } of [base, merged]) {
    for (const version of ofKind<ModelVersionSpec>(resources, 'ModelVersion')) {
      if (version.spec.quarantine !== undefined) condemned.set(version.spec.artifact.digest, version);
    }
  }
  return condemned;
}

function complaintsOf({ deployment, candidate, condemned }: Move): readonly Complaint[] {
  if (condemned === undefined) return [];
  const as = condemned.ref === candidate.ref ? '' : `, as the artifact of ${nameOf(condemned)}`;
  const { environment, name } = deployment.metadata;
  return [
    {
      code: 'Quarantined',
      resource: deployment,
      pointer: '/spec/version',
      message: `${nameOf(candidate)} is quarantined${as}, and ${environment}/${name} would deploy it: ${condemned.spec.quarantine?.reason}`,
      hint: `Deploy another version, or propose to lift the quarantine in ${condemned.origin.path} first.`,
    },
  ];
}

function nameOf({ metadata }: Version): string {
  return `${metadata.model} ${metadata.name}`;
}
