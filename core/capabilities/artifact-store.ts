import { defineCapability, type Resource } from '../plugin.ts';

/** Where the bytes of artifacts are. Providers are named by the URI scheme that they read: `file`, `http`, `https`, … */
export interface ArtifactStore {
  /**
   * Opens an artifact for reading. Idempotent. The bytes are not trusted: the caller hashes them.
   * Throws `ArtifactUnreachable` (try again), or `ArtifactMissing`, `ArtifactTooLarge`, `ArtifactRefused`, `DigestMismatch` (do not). The
   * body throws the same while it is read.
   */
  open(request: OpenArtifact): Promise<OpenedArtifact>;
}

export interface OpenArtifact {
  readonly uri: string;
  /** The resource that declares the artifact; a `file` URI means an attachment of it. */
  readonly resource: Resource;
  /** The declared bytes: more than that ends in `ArtifactTooLarge`, before they are read where the store can tell. */
  readonly maxBytes?: number;
  /** The declared SHA-256 (`sha256:…`), for a store that can tell before reading that it has something else. */
  readonly digest?: string;
  /** What the caller has already. A store that can go on from there does so; any other gives all of it. */
  readonly resume?: ResumePoint;
  readonly signal: AbortSignal;
}

export interface ResumePoint {
  /** Bytes from the beginning on. */
  readonly from: number;
  /** What the store called the artifact when it gave them. */
  readonly validator: string;
}

export interface OpenedArtifact {
  /** Bytes of the whole artifact, where the store knows before reading. */
  readonly size: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes that `body` leaves out at the beginning, because the caller has them: as in `resume`, or none. */
  readonly from?: number;
  /** A name of exactly this content, with which the rest of it can be asked for later. Holds no credential. */
  readonly validator?: string;
}

export const artifactStore = defineCapability<ArtifactStore>('artifact-store');
