import { defineCapability } from '../plugin.ts';

/**
 * Where proposals live. Providers are named by what they speak to: `git` (the registry's own repository), `github`,
 * `gitlab`, `gitea`. Every method may be called again after a crash and then ends in the same state.
 *
 * All throw `ForgeUnavailable` (status 503, with `retryAfterMs` where the forge says when) for what may pass by itself,
 * `ForgeRefused` for what will not, `ProposalNotFound`, and what else is named below. `forge-errors.ts` makes them.
 */
export interface Forge {
  /** Highest number first. Cheap: it is asked each time somebody looks. */
  list(query: ProposalQuery): Promise<readonly Proposal[]>;
  /** What lies where proposals lie and cannot be read as one. `list` leaves it out. Absent: it cannot happen here. */
  broken?(): Promise<readonly BrokenProposal[]>;
  /** Undefined where there is none of that number. Throws `ProposalBroken` where it cannot be read. */
  get(number: number): Promise<Proposal | undefined>;
  /**
   * Makes the commit on a branch of the proposal's own and opens the proposal. While an open proposal has the same
   * key: with the same draft it is answered as it is; with another it throws `ProposalExists`, which carries the
   * `number`. Two callers at once with one key open one.
   */
  open(draft: Draft): Promise<Proposal>;
  /**
   * Puts a newer commit on the branch, with a new title and body. The same draft again changes nothing. Throws
   * `ProposalMoved` where the head is another, `ProposalMerged`, `ProposalClosed`.
   */
  update(number: number, draft: Draft, expectedHead: string): Promise<Proposal>;
  /** One comment a slot (`plan`, `alert`): written once, then kept up to date. The same body again changes nothing. */
  comment(number: number, slot: string, body: string): Promise<void>;
  /** The comments with a slot, one each, as they stand. To be shown, not to be judged by. */
  comments(number: number): Promise<readonly Comment[]>;
  /** Shows checks on that head; a later report of the same name replaces the earlier one. Only changes are written. */
  report(number: number, head: string, checks: readonly CheckReport[]): Promise<void>;
  /** What was reported on that head, by name, as far as the forge keeps it. To be shown, not to be judged by. */
  checks(number: number, head: string): Promise<readonly CheckReport[]>;
  /** All reviews, oldest first, with those of earlier heads. Whether one counts is for the gate to say. */
  reviews(number: number): Promise<readonly Review[]>;
  /**
   * Adds a review, unless it is that person's newest and says the same. Throws `ReviewElsewhere` with the address of the
   * page where the forge wants people to do it themselves, `ProposalMoved` where the head is another.
   */
  review(number: number, review: NewReview): Promise<void>;
  /**
   * Adds or takes away a label. With `expectedHead` it speaks of that head alone, and throws `ProposalMoved` where the head
   * is another: nobody labels what they did not see. One's own of an earlier head is put on anew where the forge can.
   */
  label(
    number: number,
    name: string,
    change: 'add' | 'remove',
    by: Actor,
    sign?: Sign,
    expectedHead?: string,
  ): Promise<void>;
  /**
   * Merges with a merge commit whose parents are `expectedBase` and `expectedHead`. Throws `ProposalMoved` where head or
   * base moved since, `MergeConflict` with the `paths`, `ProposalClosed`. Merged already: answers the commit again.
   */
  merge(number: number, merge: Merge): Promise<{ readonly commit: string }>;
  /** Closed already: nothing happens. A merged one throws `ProposalMerged`. */
  close(number: number, close: Close): Promise<void>;
  /** After this, the head's objects can be read from the registry's repository. */
  fetch(number: number): Promise<void>;
  /**
   * Has `listener` called when the forge says by itself that something happened, with the number of the proposal where it
   * says which. A hint to look and no more: it may be missed, doubled or wrong. Answers how to stop. Absent: the forge never says.
   */
  onHint?(listener: (number: number | undefined) => void): () => void;
}

/** Signs the bytes of a commit object and answers the armored signature, as `git commit -S` does. */
export type Sign = (payload: Uint8Array) => Promise<string>;

export type ProposalState = 'open' | 'merged' | 'closed';

export interface ProposalQuery {
  readonly state?: ProposalState;
  /** Only those with this key. */
  readonly key?: string;
  readonly limit: number;
}

/** Who did something: as the forge knows them, or as a commit names them. */
export interface Actor {
  readonly name: string;
  readonly email?: string;
  /** The forge's own name for the account: `octocat`. Absent in the embedded forge. */
  readonly account?: string;
}

/**
 * What shows that an actor is who they are said to be. `forge`: the forge authenticated the account. `signature`: the
 * bytes of a commit object that says it, whose signature the reader verifies. `none`: anybody could have written it.
 */
export type Proof =
  | { readonly type: 'forge' }
  | { readonly type: 'signature'; readonly object: Uint8Array }
  | { readonly type: 'none' };

/** A pull request, on whatever forge. */
export interface Proposal {
  readonly number: number;
  /** A page for people; absent in the embedded forge. */
  readonly url?: string;
  readonly state: ProposalState;
  /** What it is about, one open proposal each: `version:Deployment/production/bird-strike`. Null where a person opened it by hand. */
  readonly key: string | null;
  readonly title: string;
  readonly body: string;
  /** Who opened it. */
  readonly author: Actor;
  /**
   * Who put commits on its branch, oldest first. `get` answers all that the forge tells of, `list` the author's at least.
   * Nobody of them is an independent reviewer.
   */
  readonly pushes: readonly Push[];
  /** The reference it wants to change, in full. */
  readonly base: string;
  /** The newest commit of its branch. */
  readonly head: string;
  /** From a repository of somebody else: it is checked with nothing that is secret. */
  readonly fromFork: boolean;
  readonly labels: readonly Label[];
  /** RFC 3339. */
  readonly openedAt: string;
  readonly updatedAt: string;
  readonly closedAt?: string;
  readonly closedBy?: Actor;
  /** The number of the newer one that took its place. */
  readonly supersededBy?: number;
  /** The commit on the base that it became. */
  readonly mergedAs?: string;
}

/** Something where proposals lie that is none: pushed by mistake, damaged, or forged. */
export interface BrokenProposal {
  readonly number: number;
  /** What is wrong, as a sentence. */
  readonly reason: string;
}

export interface Push {
  readonly by: Actor;
  /** The head that it left. */
  readonly head: string;
  readonly at: string;
  readonly proof: Proof;
}

/** One for each person who added it, where the forge tells them apart: the same name may come more than once. */
export interface Label {
  readonly name: string;
  /** Who added it and when, where the forge tells. */
  readonly by?: Actor;
  readonly at?: string;
  /** The head at that time, where the forge tells. */
  readonly head?: string;
  readonly proof: Proof;
}

/** A change that somebody wants. */
export interface Draft {
  readonly key: string;
  /** The commit that the change is made on. */
  readonly on: string;
  /** Path → new content, or null to delete. */
  readonly changes: ReadonlyMap<string, Uint8Array | string | null>;
  /** The commit message, with its trailers. */
  readonly message: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  readonly author: Actor & { readonly email: string };
  readonly labels?: readonly string[];
  readonly sign?: Sign;
}

/** A comment that is kept up to date. */
export interface Comment {
  readonly slot: string;
  /** Markdown. */
  readonly body: string;
  readonly by: Actor;
  /** RFC 3339: when it was last written. */
  readonly at: string;
}

export interface CheckReport {
  /** The name of the check: `model-card`. */
  readonly name: string;
  readonly outcome: CheckOutcome;
  /** One line. */
  readonly summary: string;
  /** Markdown. */
  readonly details?: string;
  /** RFC 3339. */
  readonly at: string;
  /** Milliseconds that it took; 0 where the result was known already. */
  readonly durationMs: number;
}

/** `neutral`: has nothing to say about this change. `error`: could not judge. `pending`: not ended. */
export type CheckOutcome = 'pass' | 'fail' | 'neutral' | 'error' | 'pending';

export interface Review {
  /** With `proof: signature`, the author of that commit object; all else here is what the object says. */
  readonly by: Actor;
  readonly verdict: 'approve' | 'request-changes' | 'comment';
  /** The head that was looked at. */
  readonly head: string;
  readonly at: string;
  readonly body: string;
  readonly proof: Proof;
}

export interface NewReview {
  readonly verdict: Review['verdict'];
  readonly head: string;
  readonly body: string;
  readonly by: Actor & { readonly email: string };
  readonly sign?: Sign;
}

export interface Merge {
  readonly expectedHead: string;
  /** Where the base stood when the plan was made. */
  readonly expectedBase: string;
  /** Of the merge commit, with its trailers. */
  readonly message: string;
  readonly by: Actor & { readonly email: string };
  readonly sign?: Sign;
}

export interface Close {
  readonly by: Actor & { readonly email: string };
  readonly reason: string;
  readonly supersededBy?: number;
  readonly sign?: Sign;
}

export const forge = defineCapability<Forge>('forge');
