import type { OpenedRepository } from './opened-repository.ts';
import type { RemoteAccess } from './remote-access.ts';

/** A bare copy of a remote on this machine's disk, brought up to date by `fetch`. */
export interface Mirror {
  /** Its `write` goes to the remote, and is compare-and-swap there. */
  readonly repository: OpenedRepository;
  /**
   * Makes branches and tags as they are on the remote, also after a force push; what is gone there goes here.
   * Throws `RemoteUnreachable`, `RemoteRefused` or `RemoteMissing`, and then the copy stays as it was.
   */
  fetch(signal: AbortSignal): Promise<void>;
  /**
   * The same for the references that these patterns name: a full name (`refs/pull/7/head`) or a folder
   * (`refs/proposals/*`). Later fetches leave them as they are. Also throws `ReferenceInvalid`.
   */
  fetchReferences(patterns: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface MirrorOptions {
  readonly access: RemoteAccess;
  /** The folder that holds the mirror and nothing else; made where it is not there. */
  readonly folder: string;
  /** Milliseconds without a sign of life after which a conversation with the remote is cut. */
  readonly idleTimeout: number;
  readonly signal: AbortSignal;
}
