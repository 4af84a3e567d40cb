import type { Proposal } from '../../../core/capabilities/forge.ts';
import type { ProposalSubject } from '../../../core/capabilities/proposal-check.ts';
import type { Registry, RegistryIssue } from '../../../core/capabilities/registry.ts';
import { readTrailers } from '../../../libraries/git/trailers.ts';
import { mergeResult } from './merge-result.ts';
import { type ProposalWarning, proposalWarnings } from './proposal-warnings.ts';

/** A proposal on its base: the merge result as data, or the paths that are in the way of one. */
export type Examination =
  | {
      readonly subject: ProposalSubject;
      /** What is wrong in the merge result and not yet in the base. */
      readonly issues: readonly RegistryIssue[];
      readonly warnings: readonly ProposalWarning[];
      readonly held: { readonly reason: string; readonly message: string } | undefined;
    }
  | { readonly conflicts: readonly string[] };

export async function examineProposal(
  registry: Registry,
  proposal: Proposal,
  base: string,
): Promise<Examination> {
  const { repository } = registry;
  const result = await mergeResult(repository, base, proposal.head);
  if ('conflicts' in result) return result;
  const before = await registry.examine(base);
  const merged = await registry.examine(result.commit);
  const { plan, held } = await registry.plan(base, result.commit);
  const files = (await repository.changedPaths(base, result.commit)).map((file) => ({
    path: file.path,
    before: file.before,
    after: file.after,
  }));
  const subject = { proposal, base: before, merged, plan, files };
  const issues = newIssues(before.issues, merged.issues);
  const { message } = await repository.commit(proposal.head);
  const change = readTrailers(message).get('Switchyard-Change')?.at(-1);
  return { subject, issues, warnings: proposalWarnings(subject, issues, change), held };
}

/** A proposal answers for what it breaks, not for what was broken before. Lines move: they do not count. */
export function newIssues(
  before: readonly RegistryIssue[],
  after: readonly RegistryIssue[],
): readonly RegistryIssue[] {
  const known = new Set(before.map(identity));
  return after.filter((issue) => !known.has(identity(issue)));
}

function identity({ code, severity, path, pointer, message }: RegistryIssue): string {
  return JSON.stringify([code, severity, path, pointer, message]);
}
