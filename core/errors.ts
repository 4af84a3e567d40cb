/**
 * The one error class of Switchyard, and the kernel's own errors.
 *
 * An error says what happened, where, and what to do next. Its `code` is stable: people search for it, alert on
 * it and link to `docs/errors.md`. One code has one function. A plugin keeps its errors in its own `errors.ts`.
 */
export interface ErrorDetails {
  /** Where it happened: `models/fraud.yaml:12:3`, a URL without credentials, a resource. */
  readonly where?: string;
  /** What to do next, as a sentence. */
  readonly hint?: string;
  /** The HTTP status that fits, when it crosses an HTTP boundary. Default 500. */
  readonly status?: number;
  readonly cause?: unknown;
}

export class SwitchyardError extends Error {
  override readonly name = 'SwitchyardError';
  readonly code: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;
  readonly status: number;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.where = details.where;
    this.hint = details.hint;
    this.status = details.status ?? 500;
  }
}

/** The message of anything thrown, for a condition or a log line. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The stable code of anything thrown; `InternalError` where it carries none. */
export function codeOf(thrown: unknown): string {
  return isCodedError(thrown) ? thrown.code : 'InternalError';
}

/** What a `SwitchyardError` and the errors of our libraries have in common. */
export interface CodedError extends Error {
  readonly code: string;
  readonly where?: string | undefined;
  readonly hint?: string | undefined;
  readonly status?: number;
}

/**
 * Whether an error carries a stable code, which is PascalCase (Node's are in capitals). Told by shape and not by class:
 * libraries have error classes of their own, and a plugin may bring its own copy of the contract.
 */
export function isCodedError(thrown: unknown): thrown is CodedError {
  if (!(thrown instanceof Error)) return false;
  const { code } = thrown as { code?: unknown };
  return typeof code === 'string' && /^[A-Z][a-z][A-Za-z]*$/.test(code);
}

// ── Host ─────────────────────────────────────────────────────────────────────────────────────────────────────

export const pluginNotFound = (name: string, cause: unknown) =>
  new SwitchyardError('PluginNotFound', `plugin "${name}" cannot be loaded: ${messageOf(cause)}`, {
    hint: `Install it beside switchyard (npm install ${name}), or take it out of platform.yaml.`,
    cause,
  });

export const pluginInvalid = (name: string, problem: string) =>
  new SwitchyardError('PluginInvalid', `plugin "${name}" is not a Switchyard plugin: ${problem}`, {
    hint: 'Its entry must export `plugin`, made by definePlugin of switchyard/plugin.',
  });

export const pluginDuplicate = (name: string) =>
  new SwitchyardError('PluginDuplicate', `plugin "${name}" is named twice`, {
    hint: 'Name each plugin once in platform.yaml.',
  });

export const pluginOptionsInvalid = (name: string, problems: string) =>
  new SwitchyardError('PluginOptionsInvalid', `the options of plugin "${name}" are not valid: ${problems}`, {
    hint: `See the README of the plugin for its options.`,
    where: 'platform.yaml',
  });

export const pluginSetupFailed = (name: string, cause: unknown) =>
  new SwitchyardError('PluginSetupFailed', `plugin "${name}" failed to start: ${messageOf(cause)}`, {
    ...(isCodedError(cause) && cause.hint !== undefined ? { hint: cause.hint } : {}),
    cause,
  });

export const pluginCycle = (names: readonly string[]) =>
  new SwitchyardError('PluginCycle', `plugins need each other in a circle: ${names.join(' → ')}`, {
    hint: 'One of them must do without the other; a condition or an event often serves instead.',
  });

export const capabilityMissing = (plugin: string, capability: string) =>
  new SwitchyardError(
    'CapabilityMissing',
    `plugin "${plugin}" needs the capability "${capability}", which no plugin provides`,
    { hint: 'Add a plugin that provides it to platform.yaml.' },
  );

export const providerMissing = (capability: string, name: string, names: readonly string[]) =>
  new SwitchyardError('ProviderMissing', `no provider "${name}" of the capability "${capability}"`, {
    hint: names.length > 0 ? `There are: ${names.join(', ')}.` : 'No plugin provides this capability.',
  });

export const providerDuplicate = (capability: string, name: string, first: string, second: string) =>
  new SwitchyardError(
    'ProviderDuplicate',
    `plugins "${first}" and "${second}" both provide "${name}" of the capability "${capability}"`,
    { hint: 'Take one of them out of platform.yaml.' },
  );

export const kindDuplicate = (kind: string, first: string, second: string) =>
  new SwitchyardError('KindDuplicate', `plugins "${first}" and "${second}" both own the kind ${kind}`, {
    hint: 'A kind has one owner: take one of them out of platform.yaml.',
  });

export const kindNotOwned = (plugin: string, kind: string) =>
  new SwitchyardError('KindNotOwned', `plugin "${plugin}" controls ${kind}, which is not among its kinds`, {
    hint: 'List the kind in `kinds` of definePlugin, and control each kind once.',
  });

export const capabilityNotDeclared = (plugin: string, capability: string) =>
  new SwitchyardError(
    'CapabilityNotDeclared',
    `plugin "${plugin}" provides the capability "${capability}" without saying so`,
    { hint: 'List it in `provides` of definePlugin: whoever needs it is set up after those that say so.' },
  );

// ── Kernel ───────────────────────────────────────────────────────────────────────────────────────────────────

/** `hint`: which one was probably meant, where that is known. */
export const resourceNotFound = (ref: string, hint?: string) =>
  new SwitchyardError('ResourceNotFound', `there is no resource ${ref}`, {
    status: 404,
    hint: hint ?? 'See `switchyard get all` for those there are.',
  });

export const acknowledgeRefused = (commit: string, why: string) =>
  new SwitchyardError(
    'AcknowledgeRefused',
    `commit ${commit} was rejected, which nobody can acknowledge: ${why}`,
    {
      status: 409,
      hint: 'Put right what is missing, or push a commit that may be applied: see docs/admission.md.',
    },
  );

export const nothingHeld = (commit: string) =>
  new SwitchyardError('NothingHeld', `commit ${commit} is not held`, {
    status: 409,
    hint: 'See `switchyard status` for what is held, if anything.',
  });
