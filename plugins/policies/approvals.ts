import type { Actor, Proof, Review } from '../../core/capabilities/forge.ts';
import type { Authors } from './authors.ts';
import { commitSigner } from './commit-signer.ts';
import type { People, Person } from './people.ts';

export interface ReviewQuestion {
  /** Oldest first, as a forge gives them. */
  readonly reviews: readonly Review[];
  /** The commit that is judged: a review of any other is stale. */
  readonly head: string;
  readonly authors: Pick<Authors, 'includes'>;
  readonly people: People;
  /** The name of the forge's provider, whose accounts `Proof` `forge` speaks of. */
  readonly forge: string;
  /** When the keys that signed must be valid, in milliseconds since 1970. */
  readonly at: number;
}

/** What a forge's reviews come to. One person has one say: their latest of this head. */
export interface CountedReviews {
  readonly approvals: readonly CountedReview[];
  readonly objections: readonly CountedReview[];
  /** The others, and why each does not count; oldest first. Comments are left out. */
  readonly discounted: readonly { readonly review: Review; readonly because: Discount }[];
}

export interface CountedReview {
  readonly person: Person;
  readonly review: Review;
}

export interface Discount {
  readonly reason: 'stale' | 'unproven' | 'stranger' | 'author' | 'machine' | 'superseded';
  /** Goes on from a name: `approved an earlier commit`. */
  readonly words: string;
}

/**
 * Decides which reviews count: those of this very head, by a person of a team whose identity is proven, who is no program
 * and no author of the change. The approvers that come out are distinct people. Whether they are enough is for rules to say.
 */
export function countReviews(question: ReviewQuestion): CountedReviews {
  const latest = new Map<Person, CountedReview>();
  const discounted: { review: Review; because: Discount }[] = [];
  for (const review of question.reviews) {
    if (review.verdict === 'comment') continue;
    const counted = countReview(review, question);
    if ('because' in counted) {
      discounted.push({ review, because: counted.because });
      continue;
    }
    const before = latest.get(counted.person);
    if (before !== undefined && before.review.verdict !== review.verdict) {
      const words = review.verdict === 'approve' ? 'asked for changes before' : 'approved before';
      discounted.push({ review: before.review, because: { reason: 'superseded', words } });
    }
    latest.set(counted.person, counted);
  }
  const all = [...latest.values()];
  return {
    approvals: all.filter(({ review }) => review.verdict === 'approve'),
    objections: all.filter(({ review }) => review.verdict === 'request-changes'),
    discounted,
  };
}

function countReview(review: Review, question: ReviewQuestion): CountedReview | { because: Discount } {
  const did = review.verdict === 'approve' ? 'approved' : 'asked for changes';
  if (review.head !== question.head) {
    return { because: { reason: 'stale', words: `${did} on an earlier commit` } };
  }
  const proven = provenPerson(review.by, review.proof, question);
  if ('problem' in proven) {
    const { reason, problem } = proven;
    return { because: { reason, words: `${did}, but ${problem}` } };
  }
  const { person } = proven;
  if (person.machine) return { because: { reason: 'machine', words: `${did} as a program` } };
  if (question.authors.includes(person, review.by)) {
    return { because: { reason: 'author', words: `${did} a change of their own` } };
  }
  return { person, review };
}

export type Proven =
  | { readonly person: Person }
  | { readonly problem: string; readonly reason: 'unproven' | 'stranger' };

/**
 * Who did something on a forge: the member that its account belongs to, or the one who signed it and is named by it.
 * What anybody could have written is never somebody's.
 */
export function provenPerson(
  by: Actor,
  proof: Proof,
  { people, forge, at }: Pick<ReviewQuestion, 'people' | 'forge' | 'at'>,
): Proven {
  switch (proof.type) {
    case 'none':
      return { reason: 'unproven', problem: 'without a signature' };
    case 'forge': {
      if (by.account === undefined) return { reason: 'unproven', problem: 'the forge names no account' };
      const person = people.byAccount(forge, by.account);
      if (person !== undefined) return { person };
      return { reason: 'stranger', problem: `no team has the ${forge} account ${by.account}` };
    }
    case 'signature': {
      if (by.email === undefined) return { reason: 'unproven', problem: 'without an e-mail address' };
      if (authorEmail(proof.object) !== by.email) {
        return { reason: 'unproven', problem: 'what is signed names another author' };
      }
      const signer = commitSigner({ object: proof.object, email: by.email, at }, people);
      if ('person' in signer) return signer;
      const isKnown = people.byEmail(by.email) !== undefined;
      return { reason: isKnown ? 'unproven' : 'stranger', problem: signer.problem };
    }
  }
}

/** The address in the author line of a commit object. */
function authorEmail(object: Uint8Array): string | undefined {
  const headers = Buffer.from(object).toString('utf8').split('\n\n', 1)[0] ?? '';
  return /^author [^\n]*<([^<>\n]*)> \d+ [+-]\d+$/m.exec(headers)?.[1];
}
