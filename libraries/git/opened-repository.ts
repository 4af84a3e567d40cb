import type { Repository } from './repository.ts';

/** A repository on this machine's disk, with the places where its references change. */
export interface OpenedRepository extends Repository {
  /** Holds HEAD. */
  readonly gitFolder: string;
  /** Holds the references: the same, but for a linked work tree. */
  readonly commonFolder: string;
  /** The full name of the branch that HEAD names (also before its first commit), or `HEAD` where it names none. */
  headReference(): Promise<string>;
}
