import type { Actor, CheckReport, Draft, Label, Merge, ProposalState, Push, Review } from '../forge.ts';

/**
 * What a host of repositories with pull requests can do, whatever it calls them. `hostedForge` makes a `Forge` of it: what
 * all hosts need (one proposal a key, one comment a slot, looking before repeating) is written there once.
 *
 * All methods throw `ForgeUnavailable` and `ForgeRefused`. What changes something is asked once; when its answer is lost, the
 * method throws `ForgeUnavailable`, whether it happened or not.
 */
export interface ForgeHost {
  /** Where it is, for people: `https://github.com/acme/registry`. */
  readonly where: string;
  readonly limits: { readonly title: number; readonly body: number };
  /** The pull requests into the registry's branch, highest number first. */
  pulls(query: PullQuery): AsyncIterable<Pull>;
  /** One, as it is shown in a list. Undefined where there is none. */
  pull(number: number): Promise<Pull | undefined>;
  /** The same with all that the host tells of it: who pushed, who labelled, who closed. */
  detail(pull: Pull): Promise<Pull>;
  /** Opens one from that branch. Undefined where one is open already. */
  openPull(branch: string, title: string, body: string): Promise<Pull | undefined>;
  editPull(number: number, change: { readonly title?: string; readonly body?: string }): Promise<void>;
  closePull(number: number): Promise<void>;
  /** The commit of a branch; undefined where there is none. */
  branch(name: string): Promise<string | undefined>;
  deleteBranch(name: string): Promise<void>;
  /**
   * Makes the draft's commit, with `draft.on` as its parent, and has the branch name it: a new branch where `replaces` is
   * null. Answers the commit, or undefined where the branch is not what was expected.
   */
  commit(draft: Draft, branch: string, replaces: string | null): Promise<string | undefined>;
  /** Whether that commit is what the draft makes (parent, message, files), and when it was made (milliseconds since 1970). */
  compare(commit: string, draft: Draft): Promise<{ readonly isDraft: boolean; readonly madeAt: number }>;
  parents(commit: string): Promise<readonly string[]>;
  /** What people and programs wrote below it, oldest first. Undefined where there is no such pull request. */
  notes(number: number): Promise<readonly Note[] | undefined>;
  addNote(number: number, body: string): Promise<void>;
  editNote(number: number, id: string, body: string): Promise<void>;
  deleteNote(number: number, id: string): Promise<void>;
  addLabels(number: number, names: readonly string[]): Promise<void>;
  /** Not there: nothing happens. */
  removeLabel(number: number, name: string): Promise<void>;
  reviews(pull: Pull): Promise<readonly Review[]>;
  /** Writes those checks that differ from what is there. */
  report(pull: Pull, head: string, checks: readonly CheckReport[]): Promise<void>;
  checks(pull: Pull, head: string): Promise<readonly CheckReport[]>;
  /** Merges, if the head is still that. Answers the merge commit, or why the host would not. */
  mergePull(pull: Pull, merge: Merge): Promise<{ readonly commit: string } | { readonly refused: string }>;
  /** Where the objects of a head are: `refs/pull/7/head`. */
  headReference(number: number): string;
  /** The page on which people review. */
  reviewPage(pull: Pull): string;
  /** Who the credentials belong to; undefined where the host does not tell. */
  self(): Promise<string | undefined>;
}

export interface PullQuery {
  /** `closed` leaves out merged ones. Default: all. */
  readonly state?: ProposalState;
  /** Only those from that branch of the same repository. */
  readonly branch?: string;
}

/** A pull request as the host shows it. */
export interface Pull {
  readonly number: number;
  readonly url: string;
  readonly state: ProposalState;
  readonly title: string;
  /** As it is stored, markers and all. */
  readonly body: string;
  readonly author: Actor;
  /** The name of the branch that it comes from. */
  readonly branch: string;
  readonly fromFork: boolean;
  /** In full: `refs/heads/main`. */
  readonly base: string;
  readonly head: string;
  readonly pushes: readonly Push[];
  readonly labels: readonly Label[];
  readonly openedAt: string;
  readonly updatedAt: string;
  readonly closedAt?: string;
  readonly closedBy?: Actor;
  readonly mergedAs?: string;
}

export interface Note {
  readonly id: string;
  readonly body: string;
  readonly by: Actor;
  /** RFC 3339: when it was last written. */
  readonly at: string;
}
