import { defineCapability, type Resource } from '../plugin.ts';

/** Where the bytes of artifacts are. Providers are named by the URI scheme that they read: `file`, `http`, `https`, … */
export interface ArtifactStore {
  /**
   * Opens an artifact for reading. Idempotent. The bytes are not trusted: the caller hashes them.
   * Throws `ArtifactUnreachable` (try again), or `ArtifactMissing`, `ArtifactTooLarge`, `ArtifactRefused` (do not). The
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
  readonly signal: AbortSignal;
}

export interface OpenedArtifact {
  /** Bytes, where the store knows before reading. */
  readonly size: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

export const artifactStore = defineCapability<ArtifactStore>('artifact-store');
