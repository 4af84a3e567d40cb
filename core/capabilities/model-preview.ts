import { defineCapability } from '../plugin.ts';
import type { VersionToServe } from './serving-runtime.ts';

/** Lets versions answer apart from production: an inference process of their own, which knows nothing else. */
export interface ModelPreview {
  /**
   * Fetches the artifacts (digest checked) and starts a process that answers with them. Resolves once it has tried every
   * version: each is ready or refuses with its reason. Throws what keeps an artifact from coming, and `PreviewEnded` where
   * the process ends first. Aborting ends what was begun.
   */
  open(preview: PreviewToServe, signal: AbortSignal): Promise<Preview>;
}

export interface PreviewToServe {
  /** The commit that answers are attributed to. */
  readonly commit: string;
  readonly models: readonly PreviewedModel[];
  /** Resident bytes beyond which the process is ended. */
  readonly maxBytes: number;
}

/** One name that answers. */
export interface PreviewedModel {
  /** As clients call it: `/v2/models/<name>`. */
  readonly name: string;
  readonly model: string;
  /** The first answers; each answers under `/v2/models/<name>/versions/<version>`. */
  readonly versions: readonly VersionToServe[];
}

/** A running preview. */
export interface Preview {
  /** Answers a request of the Open Inference Protocol; `path` begins with `/v2`. Throws `PreviewEnded`. */
  ask(path: string, request: globalThis.Request): Promise<Response>;
  /** Resolves with the reason when its process has ended; a crash there is nobody else's. */
  readonly ended: Promise<string>;
  /** Resident bytes of the process now. */
  memory(): Promise<number>;
  /** Ends it at once. Idempotent. */
  close(): Promise<void>;
}

export const modelPreview = defineCapability<ModelPreview>('model-preview');
