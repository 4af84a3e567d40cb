import type { Commit, Repository } from '../../libraries/git/repository.ts';
import { commitsOf, type Step } from './admission-line.ts';
import type { AdmissionOptions } from './admission-options.ts';
import { type AdmissionRefusal, described, short } from './admission-refusal.ts';
import type { People } from './people.ts';
import { type Signer, signerOf } from './signers.ts';

export interface SignatureDemand {
  /** Of the commit that the step starts from. */
  readonly options: AdmissionOptions;
  readonly people: People;
  /** When keys must be valid, in milliseconds since 1970. */
  readonly at: number;
}

/** More commits than these in one step are not looked through. */
const maxCommits = 2000;

const causes = {
  unsigned: 'SignatureMissing',
  stranger: 'SignerUnknown',
  bad: 'SignatureInvalid',
  unsupported: 'SignatureInvalid',
  expired: 'SignatureExpired',
  revoked: 'SignerRevoked',
} as const;

/** Why a step is not signed as it must be; undefined if it is. The committer is who must have signed. */
export async function checkSignatures(
  step: Step,
  demand: SignatureDemand,
  repository: Pick<Repository, 'commit' | 'isAncestor' | 'log' | 'rawCommit'>,
): Promise<AdmissionRefusal | undefined> {
  const { signatures } = demand.options;
  if (signatures === 'none') return undefined;
  const isEach = signatures === 'every-commit' || !step.isDirect;
  const commits = isEach ? await commitsOf(step, repository, maxCommits) : [step.to];
  if (commits === undefined) {
    return {
      cause: 'TooManyCommits',
      message: `${described(step.to)} brings more than ${maxCommits} commits at once`,
      hint: 'Merge less at a time.',
    };
  }
  for (const commit of commits) {
    const refusal = await whyNotSigned(commit, demand, repository);
    if (refusal === undefined) continue;
    if (commit === step.to) return refusal;
    return { ...refusal, message: `${refusal.message}; it came with ${described(step.to)}` };
  }
  return undefined;
}

async function whyNotSigned(
  commit: Commit,
  { options, people, at }: SignatureDemand,
  repository: Pick<Repository, 'rawCommit'>,
): Promise<AdmissionRefusal | undefined> {
  const object = await repository.rawCommit(commit.id);
  const signer = signerOf({ object, email: commit.committer.email, at }, people);
  if ('person' in signer) {
    const { signers } = options;
    if (signers === undefined || signer.person.teams.some((team) => signers.includes(team))) return undefined;
    return {
      cause: 'SignerNotAllowed',
      message: `${described(commit)} is signed by ${signer.person.name}, who is in none of the teams that may sign (${signers.join(', ')})`,
      hint: again(commit),
    };
  }
  return {
    cause: causes[signer.verdict],
    message: `${described(commit)} is not signed by whom it names: ${signer.problem}${keyOf(signer)}`,
    hint: again(commit),
  };
}

function keyOf(signer: Extract<Signer, { verdict: string }>): string {
  return signer.fingerprint === undefined ? '' : ` (key ${signer.fingerprint})`;
}

function again({ parents }: Commit): string {
  const [parent] = parents;
  const on = parent === undefined ? '' : ` on top of ${short(parent)}`;
  return `Have the change committed again${on}, signed by a member of a team with a key that the team lists.`;
}
