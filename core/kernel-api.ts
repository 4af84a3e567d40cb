import type { Issue } from './manifest/issue.ts';
import type {
  Events,
  JournalEntry,
  KindDefinition,
  Ref,
  Resource,
  Status,
  WebhookDelivery,
} from './plugin.ts';
import type { JournalQuery, PlanRecord, SnapshotRecord } from './state/store.ts';

/** What the status API, the CLI and tests may ask of a running kernel. */
export interface Kernel {
  /** `starting` until the first commit was applied; `stopping` from `stop()` on. */
  readonly phase: 'starting' | 'running' | 'stopping';
  head(): Head;
  /** Every resource that is applied or broken, in order of ref. */
  resources(): readonly ResourceView[];
  resource(ref: Ref): ResourceView | undefined;
  issues(): readonly Issue[];
  kinds(): readonly KindDefinition[];
  plugins(): readonly PluginView[];
  snapshots(limit: number): Promise<readonly SnapshotRecord[]>;
  snapshot(commit: string): Promise<SnapshotRecord | undefined>;
  plans(limit: number): Promise<readonly PlanRecord[]>;
  plan(to: string): Promise<PlanRecord | undefined>;
  journal(query: JournalQuery): Promise<readonly JournalEntry[]>;
  /** Says "look" from outside: the registry may have moved. A remote one is fetched now. */
  look(): void;
  /** The source has looked: read what the reference names now. Comes from the source's `onLook`. */
  noticed(): void;
  /** Asks for one resource to be reconciled soon. Throws `ResourceNotFound`. */
  wake(ref: Ref): void;
  /** Lets a held commit through (`MassRemovalHeld`). Throws `NothingHeld` where that commit is not held, `AcknowledgeRefused` where it was not admitted. */
  acknowledge(commit: string, by: string): Promise<void>;
  on<Name extends keyof Events>(event: Name, listener: (payload: Events[Name]) => void): () => void;
  /** Prometheus text exposition of the kernel and of all plugins. */
  metrics(): Promise<string>;
  /** A plugin's routes: `undefined` where no plugin answers. */
  route(plugin: string, path: string, request: Request): Promise<Response | undefined>;
  /** A plugin's webhooks: `undefined` where no plugin answers. */
  webhook(plugin: string, delivery: WebhookDelivery): Promise<Response | undefined>;
  /** Resolves when the queue is empty and nothing is running. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface Head {
  readonly repository: string;
  readonly reference: string;
  /** What the reference names now; null before the first look. */
  readonly commit: string | null;
  /** What is being converged to. */
  readonly applied: string | null;
  readonly held: { readonly commit: string; readonly reason: string; readonly message: string } | null;
  /** Why the last look failed, if it did. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** RFC 3339 of the last successful look. */
  readonly lookedAt: string | null;
}

export interface ResourceView {
  readonly ref: Ref;
  readonly kind: string;
  /** Absent for a document that was never valid. */
  readonly resource: Resource | undefined;
  readonly status: Status | undefined;
  readonly issues: readonly Issue[];
}

export interface PluginView {
  readonly name: string;
  readonly description: string;
  readonly kinds: readonly string[];
  readonly provides: readonly { readonly capability: string; readonly name: string }[];
  readonly needs: readonly string[];
}
