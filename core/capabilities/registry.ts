import type { ReferenceUpdate, Repository } from '../../libraries/git/repository.ts';
import {
  defineCapability,
  type JournalEntry,
  type PlanStep,
  type Ref,
  type Resource,
  type Status,
} from '../plugin.ts';

/**
 * The registry as the kernel reads it, for plugins that judge, change or explain commits. The kernel provides it under
 * the name `registry`; the command line provides one of its own that stands on a clone alone.
 */
export interface Registry {
  /** Where it lives, for people and for finding its forge: a path, or a URL without credentials. */
  readonly location: string;
  /** The followed reference in full: `refs/heads/main`. */
  readonly reference: string;
  /** The object store. Read it by id; moves of references go through `push`. */
  readonly repository: Repository;
  /** The commit that the platform runs now; null before the first. Offline: what `reference` names. */
  applied(): string | null;
  /** How the platform stands to what `reference` names. Offline there is no platform: what is named counts as applied. */
  head(): RegistryHead;
  /**
   * All resources and issues of a commit (or of one that no reference names, such as a merge result), by the code that
   * would apply it. Costs what differs from the commit that was read last.
   */
  examine(commit: string): Promise<Examined>;
  /** What the platform would do to get from one commit to the other; `from: null` begins with nothing. Pure. */
  plan(from: string | null, to: string): Promise<RegistryPlan>;
  /** As the kernel last wrote it; undefined offline. */
  status(ref: Ref): Status | undefined;
  /** Newest first; nothing offline. */
  journal(query: JournalQuery): Promise<readonly JournalEntry[]>;
  /** Appends to the journal. Offline it does nothing: Git holds what must last. */
  record(entry: NewJournalEntry): Promise<void>;
  /** Says "look": the reference may have moved. */
  look(): void;
  /**
   * Brings references from where the registry lives into `repository`, under their own names: a full name
   * (`refs/pull/7/head`) or a folder (`refs/proposals/*`). What is gone there goes here. Answers what the patterns then name,
   * with the commits; of a registry on this machine, what it has. Throws `RemoteUnreachable`, `RemoteRefused` and the like.
   */
  fetch(patterns: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Moves references where the registry lives, all or none where it can, and then in `repository`. One that is already at
   * `to` counts as moved, so that what was cut short may be tried again. Throws `ReferenceMoved` where another was first.
   */
  push(updates: readonly ReferenceUpdate[]): Promise<void>;
}

export interface RegistryHead {
  /** What the reference names now; null before the first look. */
  readonly commit: string | null;
  readonly applied: string | null;
  /** Why the newest commit is not applied; `cause` is told with `SnapshotRejected`. */
  readonly held: {
    readonly commit: string;
    readonly reason: string;
    readonly message: string;
    readonly cause?: string;
  } | null;
  /** Why the last look failed, if it did. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** RFC 3339 of the last successful look. */
  readonly lookedAt: string | null;
}

export interface Examined {
  readonly commit: string;
  /** Seconds since 1970, of the committer. */
  readonly time: number;
  /** Valid ones only. */
  readonly resources: ReadonlyMap<Ref, Resource>;
  readonly issues: readonly RegistryIssue[];
}

/** Something wrong in a registry's file, with its place. `line` and `column` count from 1. */
export interface RegistryIssue {
  /** Stable PascalCase: `UnknownField`, `MissingReference`, `DuplicateKey`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** JSON pointer into the document; empty for the whole of it. */
  readonly pointer: string;
  /** The resource meant, where the document could be identified. */
  readonly ref?: Ref;
}

/** The ordered list of steps that takes the world from one snapshot to another. */
export interface Plan {
  readonly from: string | null;
  readonly to: string;
  readonly changes: readonly PlannedChange[];
}

export interface PlannedChange {
  readonly ref: Ref;
  readonly type: 'added' | 'changed' | 'removed' | 'affected';
  /** Which plugin acts; null for a kind that nothing owns. */
  readonly plugin: string | null;
  readonly path: string;
  readonly line: number;
  /** Fields that differ, as JSON pointers with their values before and after. */
  readonly fields: readonly { readonly pointer: string; readonly before: unknown; readonly after: unknown }[];
  readonly steps: readonly PlanStep[];
}

export interface RegistryPlan {
  readonly plan: Plan;
  /** What is wrong in the commit that it leads to: those documents keep their last good version. */
  readonly issues: readonly RegistryIssue[];
  /** Why a platform would hold that commit, if it would. */
  readonly held: { readonly reason: string; readonly message: string } | undefined;
}

export interface JournalQuery {
  readonly ref?: Ref;
  readonly type?: string;
  readonly commit?: string;
  /** Only entries with a sequence above this. */
  readonly after?: number;
  /** Only entries with a sequence below this. */
  readonly before?: number;
  readonly limit: number;
}

export type NewJournalEntry = Pick<JournalEntry, 'type' | 'ref' | 'commit' | 'message' | 'data'>;

export const registry = defineCapability<Registry>('registry');
