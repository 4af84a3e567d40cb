import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { LineCounter, parseDocument } from 'yaml';
import { meantBy } from '../libraries/did-you-mean/index.ts';
import { parseRemote } from '../libraries/git/remote-url.ts';
import { OtlpSettingError, settingsFrom } from '../libraries/otlp/settings.ts';
import { configurationUnreadable, invalidConfiguration } from './configuration-errors.ts';
import { configurationSchema, patternMeanings, type Setting, settings } from './configuration-schema.ts';
import { defaultDataFolder } from './run-file.ts';

/** What belongs to one machine: never in the registry, and never a secret (those stay in the environment). */
export interface Configuration {
  /** An absolute path, or a URL. */
  readonly repository: string;
  readonly reference: string;
  /** Absolute. */
  readonly dataFolder: string;
  readonly host: string;
  /** 0: any free port. */
  readonly inferencePort: number;
  /** Without it there is no gRPC. */
  readonly grpcPort?: number;
  /** 0: any free port. */
  readonly apiPort: number;
  readonly api: {
    readonly allowedHosts: readonly string[];
    readonly requireTokenForReads: boolean;
  };
  readonly git: 'auto' | 'native' | 'isomorphic';
  readonly processes: number;
  /** Empty: all. */
  readonly environments: readonly string[];
  /** Between two looks at a remote registry. */
  readonly intervalMs: number;
  readonly dryRun: boolean;
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
    readonly format: 'pretty' | 'json';
    /** Which answers of inference get a line. */
    readonly requests: 'errors' | 'all' | 'none';
    /** From when on an answer is slow; undefined: none is. */
    readonly slowMs?: number;
    /** Which requests get a line of the access log: `none`, `errors`, `all`, or a share: `10%`. */
    readonly access?: string;
    /** Where those lines go, instead of among all others. */
    readonly accessFile?: string;
  };
  /** What processes are told of traces and metrics, as variables of OpenTelemetry. Those of the environment hold as they are. */
  readonly telemetry: Readonly<Record<string, string>>;
  /** `Machine.settings` by the plugin's name. */
  readonly plugins: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface ConfigurationSources {
  /** By setting key: `inferencePort`, `log.level`. Text as typed, or a list of it, or a boolean. */
  readonly flags: Readonly<Record<string, string | readonly string[] | boolean | undefined>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Relative paths are meant from here, and here `switchyard.config.yaml` is looked for. */
  readonly folder: string;
  /** A configuration file that must be there. */
  readonly file?: string;
  /** Whether a person reads the log. */
  readonly terminal: boolean;
}

const configurationFileName = 'switchyard.config.yaml';

/**
 * The operator's configuration: flags before environment variables before the file before defaults. Throws
 * `InvalidConfiguration`, which names the flag, the variable or the line.
 */
export async function readConfiguration(sources: ConfigurationSources): Promise<Configuration> {
  const values = await readFileValues(sources);
  for (const setting of settings) {
    const variable = setting.variable && sources.environment[setting.variable];
    if (variable !== undefined && variable !== '' && !isKubernetesLink(variable)) {
      values.set(setting.key, fromText(setting, variable, `environment variable ${setting.variable}`));
    }
    const flag = sources.flags[setting.key];
    if (flag !== undefined) {
      values.set(setting.key, fromText(setting, flag, `flag ${setting.flag?.split(' ')[0] ?? setting.key}`));
    }
  }
  return complete(values, sources);
}

const prefix = 'SWITCHYARD_';

/** Names that look like a setting's variable but are none: `SWITCHYARD_REFRENCE` → `SWITCHYARD_REFERENCE`. */
export function misspeltVariables(
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const known = settings.flatMap((setting) => setting.variable ?? []);
  const found = new Map<string, string>();
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(prefix) || known.includes(name)) continue;
    const meant = meantBy(
      name.slice(prefix.length),
      known.map((variable) => variable.slice(prefix.length)),
    );
    if (meant) found.set(name, prefix + meant);
  }
  return found;
}

// ── From the file ────────────────────────────────────────────────────────────────────────────────────────────

async function readFileValues(sources: ConfigurationSources): Promise<Map<string, unknown>> {
  const path = resolve(sources.folder, sources.file ?? configurationFileName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (sources.file === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw configurationUnreadable(path, error);
  }
  return valuesOfFile(text, path);
}

function valuesOfFile(text: string, path: string): Map<string, unknown> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [syntax] = document.errors;
  if (syntax) {
    throw invalidConfiguration(
      `the file is not valid YAML: ${syntax.message}`,
      at(syntax.pos[0]),
      'Correct the line.',
    );
  }
  const content: unknown = document.toJS({ maxAliasCount: 0 }) ?? {};
  const validate = new Ajv({ strict: false, allErrors: false }).compile(configurationSchema);
  if (!validate(content)) {
    const error = validate.errors?.[0];
    if (error) {
      const pointer = pointerOf(error);
      const node = document.getIn(pointer, true) as { range?: [number, number, number] } | undefined;
      throw invalidConfiguration(
        `${pointer.join('.') || 'the file'} ${complaint(error)}`,
        at(node?.range?.[0] ?? 0),
        hintFor(error),
      );
    }
  }
  const values = new Map<string, unknown>();
  for (const setting of settings) {
    const value = setting.key
      .split('.')
      .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], content);
    if (value !== undefined) values.set(setting.key, value);
  }
  const plugins = values.get('plugins');
  if (plugins !== undefined)
    values.set('plugins', placed(plugins as Configuration['plugins'], dirname(path)));
  return values;
}

/** Where the code of a plugin lies is said from the file that says it, wherever the command is started. */
function placed(plugins: Configuration['plugins'], folder: string): Configuration['plugins'] {
  return Object.fromEntries(
    Object.entries(plugins).map(([name, block]) => {
      const { module } = block;
      return [name, typeof module === 'string' ? { ...block, module: resolve(folder, module) } : block];
    }),
  );
}

function pointerOf(error: ErrorObject): string[] {
  const path = error.instancePath.split('/').slice(1);
  return error.keyword === 'additionalProperties'
    ? [...path, (error.params as { additionalProperty: string }).additionalProperty]
    : path;
}

function hintFor(error: ErrorObject): string {
  if (error.keyword !== 'additionalProperties') return 'See "Configuration" in docs/cli.md.';
  const unknown = pointerOf(error);
  const key = unknown.join('.');
  const nearest = meantBy(
    key,
    settings.map((setting) => setting.key),
  );
  return nearest ? `Did you mean ${nearest}?` : 'See "Configuration" in docs/cli.md.';
}

// ── From text ────────────────────────────────────────────────────────────────────────────────────────────────

function fromText(setting: Setting, text: string | readonly string[] | boolean, where: string): unknown {
  const value = convert(setting.schema.type, text);
  const validate = new Ajv({ strict: false }).compile(setting.schema);
  if (validate(value)) return value;
  const error = validate.errors?.[0];
  throw invalidConfiguration(
    `${setting.key} ${error ? complaint(error) : 'is not valid'}, not ${JSON.stringify(text)}`,
    where,
    setting.schema.description,
  );
}

function convert(type: unknown, text: string | readonly string[] | boolean): unknown {
  if (type === 'array') {
    const list = typeof text === 'string' ? text.split(',') : text;
    return Array.isArray(list)
      ? list.flatMap((item: string) => item.split(',')).map((item) => item.trim())
      : list;
  }
  if (typeof text !== 'string') return text;
  if (type === 'number') return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (type === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return { true: true, '1': true, false: false, '0': false }[text] ?? text;
  return text;
}

function complaint(error: ErrorObject): string {
  const parameters = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'type':
      return `must be ${article(String(parameters.type))}`;
    case 'enum':
      return `must be one of ${(parameters.allowedValues as unknown[]).join(', ')}`;
    case 'minimum':
      return `must be at least ${parameters.limit}`;
    case 'maximum':
      return `must be at most ${parameters.limit}`;
    case 'minLength':
      return 'must not be empty';
    case 'uniqueItems':
      return 'must not name one twice';
    case 'pattern':
      return `must be ${patternMeanings[String(parameters.pattern)] ?? `of the form ${parameters.pattern}`}`;
    case 'additionalProperties':
      return 'is not a setting';
    default:
      return error.message ?? 'is not valid';
  }
}

function article(type: string): string {
  return (
    {
      integer: 'a whole number',
      number: 'a number',
      boolean: 'true or false',
      string: 'text',
      array: 'a list',
    }[type] ?? 'a mapping'
  );
}

/** In a cluster, a Service called `switchyard-api` makes SWITCHYARD_API_PORT=tcp://… appear in every container. */
function isKubernetesLink(value: string): boolean {
  return value.startsWith('tcp://');
}

// ── Complete ─────────────────────────────────────────────────────────────────────────────────────────────────

function complete(values: ReadonlyMap<string, unknown>, sources: ConfigurationSources): Configuration {
  const given = <T>(key: string, fallback: T) => (values.get(key) as T | undefined) ?? fallback;
  const named = given('repository', '.');
  const repository = parseRemote(named) ? named : resolve(sources.folder, named);
  const data = values.get('dataFolder') as string | undefined;
  const slow = values.get('log.slow') as string | undefined;
  const accessFile = values.get('log.accessFile') as string | undefined;
  return {
    repository,
    reference: given('reference', 'main'),
    dataFolder:
      data === undefined ? defaultDataFolder(repository, sources.environment) : resolve(sources.folder, data),
    host: given('host', '127.0.0.1'),
    inferencePort: given('inferencePort', 8080),
    ...grpcPortOf(values.get('grpcPort') as number | undefined),
    apiPort: given('apiPort', 8081),
    api: {
      allowedHosts: given('api.allowedHosts', []),
      requireTokenForReads: given('api.requireTokenForReads', false),
    },
    git: given('git', 'auto'),
    processes: given('processes', Math.min(2, availableParallelism())),
    environments: given('environments', []),
    intervalMs: milliseconds(given('interval', '30s')),
    dryRun: given('dryRun', false),
    log: {
      level: given('log.level', sources.terminal ? 'warn' : 'info'),
      format: given('log.format', sources.terminal ? 'pretty' : 'json'),
      requests: given('log.requests', 'errors'),
      ...(slow === undefined ? {} : { slowMs: milliseconds(slow) }),
      access: given('log.access', 'none'),
      ...(accessFile === undefined ? {} : { accessFile: resolve(sources.folder, accessFile) }),
    },
    telemetry: telemetryIn(values, sources.environment),
    plugins: given('plugins', {}),
  };
}

/** Throws `InvalidConfiguration`, also for what only the environment can say. */
function telemetryIn(
  values: ReadonlyMap<string, unknown>,
  environment: ConfigurationSources['environment'],
): Configuration['telemetry'] {
  const telemetry: Record<string, string> = {};
  for (const { key, variable } of settings) {
    const value = values.get(key);
    if (key.startsWith('telemetry.') && variable !== undefined && value !== undefined) {
      telemetry[variable] = String(value);
    }
  }
  try {
    settingsFrom({ ...environment, ...telemetry });
  } catch (error) {
    if (!(error instanceof OtlpSettingError)) throw error;
    throw invalidConfiguration(error.message, `environment variable ${error.variable}`, error.hint);
  }
  return telemetry;
}

function grpcPortOf(grpcPort: number | undefined): { readonly grpcPort?: number } {
  return grpcPort === undefined ? {} : { grpcPort };
}

function milliseconds(duration: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h)$/.exec(duration) ?? [];
  const scale = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit ?? ''] ?? Number.NaN;
  return Number(count) * scale;
}
