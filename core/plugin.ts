/**
 * All that a plugin author imports (published as `switchyard/plugin`).
 *
 * A plugin owns kinds, controls them, provides capabilities and uses those of others. It never imports another
 * plugin or the kernel's inside. Everything but `setup` is data that can be read without running the plugin.
 *
 * @example
 * export const plugin = definePlugin({
 *   name: 'greeting',
 *   kinds: [greetingKind],
 *   setup(host) {
 *     host.control(greetingKind, {
 *       async reconcile({ resource }) {
 *         return ready('Greeted', `hello ${resource.spec.to}`);
 *       },
 *     });
 *   },
 * });
 */
export {
  type CodedError,
  codeOf,
  type ErrorDetails,
  isCodedError,
  messageOf,
  SwitchyardError,
} from './errors.ts';

// ── Resources ────────────────────────────────────────────────────────────────────────────────────────────────

/** `Kind/name`, or `Kind/scope/name` for a kind that lives in an environment or belongs to a model. */
export type Ref = string;

/** Writes a reference: `refOf('Deployment', 'bird-strike', 'production')` is `Deployment/production/bird-strike`. */
export function refOf(kind: string, name: string, scope?: string): Ref {
  return scope === undefined ? `${kind}/${name}` : `${kind}/${scope}/${name}`;
}

export interface Metadata {
  readonly name: string;
  readonly environment?: string;
  readonly model?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Where a resource was read from. `line` and `column` count from 1. */
export interface Origin {
  readonly commit: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** A file of the same commit that a resource stands on: a model card, an artifact. */
export interface Attachment {
  /** Path from the repository's root. */
  readonly path: string;
  /** Git's object id of the content. */
  readonly blob: string;
  /** Bytes. */
  readonly size: number;
  /** The content, where the kind asked for it. */
  readonly text?: string;
}

/** A valid manifest of one commit, frozen. */
export interface Resource<Spec = unknown> {
  readonly ref: Ref;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly spec: Spec;
  readonly origin: Origin;
  /** sha256 of the document and of its attachments: "changed" means that this changed. */
  readonly digest: string;
  readonly attachments: readonly Attachment[];
}

/** The annotation that keeps the kernel's hands off one resource: `switchyard/suspend: "true"`. */
export const suspendAnnotation = 'switchyard/suspend';

// ── Kinds ────────────────────────────────────────────────────────────────────────────────────────────────────

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A reference that one resource makes to another. */
export interface Reference {
  /** The resource meant. A trailing `/*` means every resource of that kind in that scope (never an error when none is there). */
  readonly to: Ref;
  /** JSON pointer of the field that makes the reference, so that an error can name its line. */
  readonly pointer: string;
  /** Absent resources are an error unless this is true. */
  readonly optional?: boolean;
  /** False where a change of the other resource matters to `validate` only and needs no reconcile. Default true. */
  readonly wakes?: boolean;
}

export interface AttachmentRequest {
  /** Path from the repository's root. */
  readonly path: string;
  readonly pointer: string;
  /** Whether `validate` reads the content (UTF-8, at most 256 KiB); `short`: only where it is text of at most 1 KiB. */
  readonly read: boolean | 'short';
  readonly optional?: boolean;
}

/** Something wrong in a manifest. The kernel adds path, line and column from the pointer. */
export interface Finding {
  /** Stable PascalCase code: `UnknownField`, `BreakingChange`. */
  readonly code: string;
  /** JSON pointer into the document: `/spec/version`. */
  readonly pointer: string;
  readonly message: string;
  readonly hint?: string;
  /** An error keeps the document out; a warning is shown. Default error. */
  readonly severity?: 'error' | 'warning';
}

/** The resources that a resource declared references to. Nothing else is visible: validation stays incremental. */
export interface Related {
  get<Spec = unknown>(ref: Ref): Resource<Spec> | undefined;
  /** Those that a `Kind/scope/*` reference reaches. */
  matching<Spec = unknown>(pattern: Ref): readonly Resource<Spec>[];
}

export interface KindDefinition<Spec = unknown> {
  readonly kind: string;
  /** Lower-case plural for the CLI and the API: `deployments`. */
  readonly plural: string;
  readonly shortNames?: readonly string[];
  /** One sentence: what a resource of this kind is. */
  readonly description: string;
  /** JSON Schema (draft 2020-12 subset that ajv's default understands: draft-07) of the whole document. */
  readonly schema: JsonSchema;
  /** The metadata field that scopes the name: a Deployment lives in an environment, a ModelVersion belongs to a model. */
  readonly scope?: 'environment' | 'model';
  /** Where such a manifest lives by convention: `environments/{environment}/{name}.yaml`. */
  readonly path: string;
  /** Columns for `switchyard get`, beside name and conditions. */
  readonly columns?: readonly { readonly title: string; readonly pointer: string }[];
  references?(resource: Resource<Spec>): readonly Reference[];
  attachments?(resource: Resource<Spec>): readonly AttachmentRequest[];
  /**
   * Names what `validate`, `references` and `attachments` do; raise it with any change of their answers, also one that
   * comes from code they call. With it, what they answered is kept from one start to the next; without it they are
   * asked again at each start.
   */
  readonly validationVersion?: string;
  /** Pure: the same resources give the same findings. */
  validate?(resource: Resource<Spec>, related: Related): readonly Finding[];
}

/** Declares a kind. `Spec` is the type of the schema's `spec`. */
export function defineKind<Spec>(definition: KindDefinition<Spec>): KindDefinition<Spec> {
  return definition;
}

// ── Status ───────────────────────────────────────────────────────────────────────────────────────────────────

export type ConditionType = 'Ready' | 'Progressing' | 'Degraded';

/** What the kernel wrote from an outcome. Times are RFC 3339. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  /** Stable PascalCase. */
  readonly reason: string;
  readonly message: string;
  readonly observedCommit: string;
  readonly lastTransitionTime: string;
}

export interface Status {
  readonly ref: Ref;
  readonly conditions: readonly Condition[];
  /** Digest of the resource that the conditions speak of. */
  readonly observedDigest: string;
  readonly suspended: boolean;
  /** Facts that the controller wants shown: small, JSON, never secret. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export interface Because {
  readonly reason: string;
  readonly message: string;
}

/**
 * What a controller answers. Three ways not to succeed: wait (`waiting`, with `checkAfter`), fail (throw: the kernel
 * backs off), need a human (`stalled`).
 */
export interface Outcome extends Because {
  readonly state: 'ready' | 'waiting' | 'stalled';
  /** Present only while something is under way. */
  readonly progressing?: Because;
  /** Present only while something works worse than declared. */
  readonly degraded?: Because;
  /** Look again after so many milliseconds, whatever happens. */
  readonly checkAfter?: number;
  readonly facts?: Readonly<Record<string, unknown>>;
}

type More = Pick<Outcome, 'progressing' | 'degraded' | 'checkAfter' | 'facts'>;

/** The world is as declared. */
export function ready(reason: string, message: string, more: More = {}): Outcome {
  return { ...more, state: 'ready', reason, message };
}

/** Not yet; it will come by itself. Look again after `checkAfter` milliseconds (or when woken). */
export function waiting(
  reason: string,
  message: string,
  more: More & { readonly checkAfter: number },
): Outcome {
  return { progressing: { reason, message }, ...more, state: 'waiting', reason, message };
}

/** Trying again will not help: a human must change something. */
export function stalled(reason: string, message: string, more: More = {}): Outcome {
  return { ...more, state: 'stalled', reason, message };
}

// ── Controllers ──────────────────────────────────────────────────────────────────────────────────────────────

export type Change<Spec = unknown> =
  | { readonly type: 'added'; readonly next: Resource<Spec> }
  | { readonly type: 'changed'; readonly previous: Resource<Spec>; readonly next: Resource<Spec> }
  | { readonly type: 'removed'; readonly previous: Resource<Spec> }
  /** Unchanged itself, but something that it references changed. */
  | { readonly type: 'affected'; readonly previous: Resource<Spec>; readonly next: Resource<Spec> };

/** One thing that will be done, in words a reviewer reads. */
export interface PlanStep {
  /** A verb: `load`, `switch traffic`, `release`. */
  readonly action: string;
  readonly description: string;
  /** Figures for programs. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export interface Request<Spec = unknown, Cell = unknown> {
  readonly resource: Resource<Spec>;
  /** The commit that is being converged to. */
  readonly commit: string;
  readonly related: Related;
  /** What this controller saved for this resource: an observation, never a wish; may be gone after a restart. */
  readonly cell: Cell | undefined;
  save(cell: Cell): Promise<void>;
  /** The status of any resource, as the kernel last wrote it. */
  status(ref: Ref): Status | undefined;
  /** Appends to the journal: what was done, with its evidence. */
  record(type: string, message: string, data?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Aborted when a newer commit pre-empts or the kernel stops. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Reconciles one kind. Looks at the world, not at the event; idempotent; resumable after a kill at any point. */
export interface Controller<Spec = unknown, Cell = unknown> {
  /**
   * Pure: the steps that this change will take. Not asked about what is suspended; when that is resumed or removed,
   * `previous` is what was reconciled last, where it is known.
   */
  plan?(change: Change<Spec>, related: Related): readonly PlanStep[];
  reconcile(request: Request<Spec, Cell>): Promise<Outcome>;
  /** Undoes what `reconcile` made. Gone when it answers `ready`. Without it, there is nothing to undo. */
  remove?(request: Request<Spec, Cell>): Promise<Outcome>;
}

// ── Capabilities ─────────────────────────────────────────────────────────────────────────────────────────────

declare const promise: unique symbol;

/** A typed promise that plugins provide by name and others need. */
export interface Capability<T> {
  readonly name: string;
  /** Whether who needs it can do without: see `optional`. */
  readonly optional?: boolean;
  readonly [promise]?: T;
}

export function defineCapability<T>(name: string): Capability<T> {
  return { name };
}

/**
 * Marks a need that a plugin can do without: `needs: { forges: optional(forge) }`. Its providers are set up first where
 * there are any; where there are none, `names()` is empty and the boot goes on.
 */
export function optional<T>(capability: Capability<T>): Capability<T> {
  return { ...capability, optional: true };
}

/** The named providers of one capability. */
export interface Providers<T> {
  /** Throws `ProviderMissing`, which lists the names there are. */
  get(name: string): T;
  names(): readonly string[];
}

// ── Plugins ──────────────────────────────────────────────────────────────────────────────────────────────────

export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** The kernel's events: a closed list. */
export interface Events {
  /** A commit was read and is now what the kernel converges to. */
  'snapshot.applied': { readonly commit: string; readonly resources: number; readonly issues: number };
  /** A commit was read but is not applied, and why: `MassRemovalHeld`, `SnapshotRejected`, `DryRun`. */
  'snapshot.held': {
    readonly commit: string;
    readonly reason: string;
    readonly message: string;
    /** With `SnapshotRejected`, which of its causes: `SignatureMissing`. */
    readonly cause?: string;
  };
  'plan.made': { readonly from: string | null; readonly to: string; readonly steps: number };
  /** A condition of a resource changed its status or reason. */
  'resource.status': { readonly ref: Ref; readonly status: Status };
  'resource.removed': { readonly ref: Ref };
  'journal.appended': { readonly entry: JournalEntry };
}

export interface JournalEntry {
  /** Grows by one with each entry. */
  readonly sequence: number;
  /** RFC 3339. */
  readonly time: string;
  /** `snapshot.applied`, `deployment.switched`, … */
  readonly type: string;
  readonly ref: Ref | null;
  readonly commit: string | null;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What belongs to this machine and not to the registry. */
export interface Machine {
  /** The plugin's own folder for what it keeps on disk; it exists. */
  readonly folder: string;
  /** Whether this process runs that environment. */
  runs(environment: string): boolean;
  /** The plugin's block in the operator's configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface Host {
  readonly log: Logger;
  readonly machine: Machine;
  provide<T>(capability: Capability<T>, name: string, implementation: T): void;
  control<Spec, Cell>(kind: KindDefinition<Spec>, controller: Controller<Spec, Cell>): void;
  /** Answers requests below `/plugins/<name>/` of the status API. `undefined`: not mine. */
  routes(handler: (request: globalThis.Request, path: string) => Promise<Response | undefined>): void;
  /**
   * Answers what others send to `/webhooks/<name>/`, which asks for no token: the handler verifies the sender before it
   * believes anything. At most 1 MiB, and so many a minute. `undefined`: not mine.
   */
  webhooks(handler: (delivery: WebhookDelivery) => Promise<Response | undefined>): void;
  on<Name extends keyof Events>(event: Name, listener: (payload: Events[Name]) => void): void;
  /** Runs a job by cron; never two runs of it at once. */
  every(cron: string, job: (signal: AbortSignal) => Promise<void>): void;
  /** Asks the kernel to reconcile a resource soon. */
  wake(ref: Ref): void;
  /** Reads a file of the registry by its object id, in pieces; memory does not grow with its size. */
  readBlob(blob: string): AsyncIterable<Uint8Array>;
  /** Adds Prometheus text exposition to `/metrics`. Buckets may have exemplars, as OpenMetrics writes them. */
  metrics(collect: () => Promise<string>): void;
  /**
   * Called once every plugin is set up, in their order: here sockets open and timers begin. The command line sets plugins
   * up without ever starting them, to plan and to check, so that `setup` itself must open nothing.
   */
  onStart(open: () => Promise<void> | void): void;
  /** Called on stop, last registered first. */
  onStop(close: () => Promise<void> | void): void;
}

/** What a webhook sent, byte for byte: signatures are over these bytes. */
export interface WebhookDelivery {
  /** What follows `/webhooks/<plugin>/`. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

type Needs = Readonly<Record<string, Capability<unknown>>>;
type Given<N extends Needs> = {
  readonly [K in keyof N]: N[K] extends Capability<infer T> ? Providers<T> : never;
};

export interface PluginDefinition<N extends Needs = Needs> {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  readonly kinds?: readonly KindDefinition[];
  readonly needs?: N;
  readonly provides?: readonly Capability<unknown>[];
  /** JSON Schema of the plugin's options in platform.yaml. Without it, the plugin takes none. */
  readonly options?: JsonSchema;
  setup(host: Host, given: Given<N>, options: Readonly<Record<string, unknown>>): Promise<void> | void;
}

/** Declares a plugin. Export it as `plugin` from the package's entry. */
export function definePlugin<const N extends Needs>(definition: PluginDefinition<N>): PluginDefinition<N> {
  return definition;
}
