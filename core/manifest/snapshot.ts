import type { Ref, Resource } from '../plugin.ts';
import type { Issue } from './issue.ts';

/** All resources of one commit: a pure function of the commit and of the kinds. */
export interface Snapshot {
  readonly commit: string;
  /** Seconds since 1970, of the committer. */
  readonly time: number;
  /**
   * Valid ones only. One that refers to a broken document is among them: whether that has a version to stand on is told
   * by `withLastGood`. The order of iteration is not promised.
   */
  readonly resources: ReadonlyMap<Ref, Resource>;
  readonly issues: readonly Issue[];
  /** Documents that name a resource but are not valid: it keeps its last good version. Ref → path. */
  readonly broken: ReadonlyMap<Ref, string>;
  /** Files that hold a document which could not be identified. While there is one, nothing is removed. */
  readonly unidentified: readonly string[];
  /** Which resources to look at again when a resource changes (or one of `Kind/scope/*`): those that refer to it with `wakes`. */
  readonly referrers: ReadonlyMap<Ref, ReadonlySet<Ref>>;
}
