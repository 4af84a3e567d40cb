import type { People, Person } from './people.ts';
import { type SignerQuestion, signerOf } from './signers.ts';

/** Who signed, or in a few words why that is not shown: `the key is revoked`. */
export type CommitSigner = { readonly person: Person } | { readonly problem: string };

/** Whose signature a commit that speaks for somebody carries, such as a review. Never throws for what is in the object. */
export function commitSigner(question: SignerQuestion, people: People): CommitSigner {
  return signerOf(question, people);
}
