import { join } from 'node:path';

/** Where the log keeps what it holds, below the plugin's own folder. */
export interface LogPaths {
  /** The key of pseudonyms. No query reaches it. */
  readonly keyFile: string;
  /** What was handed in and is in no file of the store yet. */
  readonly inbox: string;
  /** What could not be read, kept for people to look at. */
  readonly broken: string;
  /** All that queries reach: Parquet files by date, environment and deployment. */
  readonly store: string;
  /** Files that are being written, and what queries put aside. Below `store`, so that both are on one disk. */
  readonly drafts: string;
  /** Profiles of whole hours, so that they are not counted again. */
  readonly profiles: string;
  /** Counters that outlive a restart. */
  readonly counts: string;
  /** Subjects that were erased, and when: what of theirs is still on its way is let go of. */
  readonly erasures: string;
  /** What is known of the bucket. */
  readonly objects: string;
}

export function logPaths(folder: string): LogPaths {
  const store = join(folder, 'store');
  return {
    keyFile: join(folder, 'key'),
    inbox: join(folder, 'inbox'),
    broken: join(folder, 'broken'),
    store,
    drafts: join(store, 'drafts'),
    profiles: join(folder, 'profiles'),
    counts: join(folder, 'counts.json'),
    erasures: join(folder, 'erasures.json'),
    objects: join(folder, 'objects.json'),
  };
}
