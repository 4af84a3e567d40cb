import type { Found, ProposalIndex } from './proposal-index.ts';

/** The proposals of one clone, as far as a join must know them. */
export interface Side {
  readonly prefix: string;
  readonly references: ReadonlyMap<string, string>;
  readonly proposals: ReadonlyMap<number, SideProposal>;
  /** Those that are here under a second number, as a crash in the middle of a join leaves them. */
  readonly copies: ReadonlyMap<number, SideProposal>;
  readonly broken: ReadonlyMap<number, string>;
  readonly taken: readonly number[];
}

export interface SideProposal {
  /** The first event: the same proposal in every clone. */
  readonly root: string;
  readonly meta: string;
  /** Undefined where the branch is gone. */
  readonly head: string | undefined;
  readonly base: string;
  readonly key: string;
  /** Neither closed nor merged, by its events. */
  readonly isOpen: boolean;
}

export async function readSide(index: ProposalIndex, prefix: string): Promise<Side> {
  const { references, found, copies, broken, taken } = await index.view(prefix);
  return { prefix, references, proposals: side(found), copies: side(copies), broken, taken };
}

function side(found: ReadonlyMap<number, Found>): ReadonlyMap<number, SideProposal> {
  const proposals = new Map<number, SideProposal>();
  for (const [number, { meta, branch, folded }] of found) {
    const { root, base, key, closed, merged } = folded;
    const isOpen = closed === undefined && merged.length === 0;
    proposals.set(number, { root, meta, head: branch, base, key, isOpen });
  }
  return proposals;
}
