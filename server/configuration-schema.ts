import type { JsonSchema } from '../core/plugin.ts';

/**
 * The operator's configuration: what belongs to one machine and never to the registry. Each setting has one row here;
 * flags, environment variables, `switchyard.config.yaml`, its schema and `docs/cli.md` all follow from the rows.
 */
export interface Setting {
  /** Path in the file: `log.level`. */
  readonly key: string;
  readonly flag?: string;
  readonly variable?: string;
  /** JSON Schema of the value. */
  readonly schema: JsonSchema & { readonly description: string };
  /** What holds when nobody says otherwise, in words. */
  readonly defaultText: string;
}

const port = { type: 'integer', minimum: 0, maximum: 65_535 } as const;

const durationPattern = '^[1-9][0-9]*(ms|s|m|h)$';
const sharePattern = '^(none|errors|all|(100|[1-9]?[0-9])(\\.[0-9]{1,6})?%)$';

/** What fits a pattern of the settings, for whoever wrote something else. */
export const patternMeanings: Readonly<Record<string, string>> = {
  [durationPattern]: 'a duration such as 30s or 5m',
  [sharePattern]: 'none, errors, all or a share such as 10%',
};

export const settings: readonly Setting[] = [
  {
    key: 'repository',
    variable: 'SWITCHYARD_REPOSITORY',
    schema: {
      type: 'string',
      minLength: 1,
      description: 'The registry: the path of a Git repository, or an HTTP(S) or SSH URL.',
      examples: ['/srv/registry', 'https://git.example.com/ml/registry.git'],
    },
    defaultText: 'the repository of the current folder',
  },
  {
    key: 'reference',
    flag: '--reference <name>',
    variable: 'SWITCHYARD_REFERENCE',
    schema: {
      type: 'string',
      minLength: 1,
      description: 'The branch that the platform runs from.',
      examples: ['main'],
    },
    defaultText: '`main`',
  },
  {
    key: 'dataFolder',
    flag: '--data <folder>',
    variable: 'SWITCHYARD_DATA',
    schema: {
      type: 'string',
      minLength: 1,
      description:
        'Where this machine keeps what it observed, fetched and cached. Two platforms never share one.',
      examples: ['/var/lib/switchyard'],
    },
    defaultText: '`~/.local/share/switchyard/<name>-<hash>`, one for each registry',
  },
  {
    key: 'host',
    flag: '--host <address>',
    variable: 'SWITCHYARD_HOST',
    schema: {
      type: 'string',
      minLength: 1,
      description: 'The address that inference and the API listen on.',
      examples: ['127.0.0.1', '0.0.0.0'],
    },
    defaultText: '`127.0.0.1`: this machine alone',
  },
  {
    key: 'inferencePort',
    flag: '--port <number>',
    variable: 'SWITCHYARD_INFERENCE_PORT',
    schema: { ...port, description: 'The port of inference; 0 takes a free one.', examples: [8080] },
    defaultText: '8080',
  },
  {
    key: 'grpcPort',
    flag: '--grpc-port <number>',
    variable: 'SWITCHYARD_GRPC_PORT',
    schema: {
      ...port,
      description: 'The port of inference over gRPC; 0 takes a free one.',
      examples: [9000],
    },
    defaultText: 'none: no gRPC',
  },
  {
    key: 'apiPort',
    flag: '--api-port <number>',
    variable: 'SWITCHYARD_API_PORT',
    schema: { ...port, description: 'The port of the status API; 0 takes a free one.', examples: [8081] },
    defaultText: '8081',
  },
  {
    key: 'api.allowedHosts',
    variable: 'SWITCHYARD_API_ALLOWED_HOSTS',
    schema: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      uniqueItems: true,
      description:
        'Names beside `localhost`, the address and any IP address by which the API may be asked without the token, by scrapers as by browsers.',
      examples: [['switchyard.example.com']],
    },
    defaultText: 'none',
  },
  {
    key: 'api.requireTokenForReads',
    variable: 'SWITCHYARD_API_REQUIRE_TOKEN_FOR_READS',
    schema: {
      type: 'boolean',
      description: 'Ask for the token of `SWITCHYARD_API_TOKEN` also where nothing is changed.',
      examples: [true],
    },
    defaultText: 'off',
  },
  {
    key: 'git',
    variable: 'SWITCHYARD_GIT',
    schema: {
      type: 'string',
      enum: ['auto', 'native', 'isomorphic'],
      description: 'Which Git reads the registry: the one of the machine, or the one that comes along.',
      examples: ['native'],
    },
    defaultText: '`auto`: native git where there is a 2.38 or newer',
  },
  {
    key: 'processes',
    flag: '--processes <number>',
    variable: 'SWITCHYARD_PROCESSES',
    schema: {
      type: 'integer',
      minimum: 1,
      maximum: 256,
      description: 'How many inference processes share the inference port.',
      examples: [2],
    },
    defaultText: 'the number of cores, at most 2',
  },
  {
    key: 'environments',
    flag: '--environment <name...>',
    variable: 'SWITCHYARD_ENVIRONMENTS',
    schema: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      uniqueItems: true,
      description:
        'The environments that this machine runs. The flag repeats; the variable separates them by commas.',
      examples: [['staging', 'production']],
    },
    defaultText: 'every environment of the registry',
  },
  {
    key: 'interval',
    flag: '--interval <duration>',
    variable: 'SWITCHYARD_INTERVAL',
    schema: {
      type: 'string',
      pattern: durationPattern,
      description: 'How often a remote registry is asked for news: `30s`, `5m`.',
      examples: ['30s'],
    },
    defaultText: '`30s`',
  },
  {
    key: 'dryRun',
    flag: '--dry-run',
    variable: 'SWITCHYARD_DRY_RUN',
    schema: {
      type: 'boolean',
      description: 'Read, check and plan, but change nothing.',
      examples: [true],
    },
    defaultText: 'off',
  },
  {
    key: 'log.level',
    flag: '--log-level <level>',
    variable: 'SWITCHYARD_LOG_LEVEL',
    schema: {
      type: 'string',
      enum: ['debug', 'info', 'warn', 'error', 'silent'],
      description: 'The least important log lines that are written.',
      examples: ['info'],
    },
    defaultText: '`warn` on a terminal, `info` elsewhere',
  },
  {
    key: 'log.format',
    flag: '--log-format <format>',
    variable: 'SWITCHYARD_LOG_FORMAT',
    schema: {
      type: 'string',
      enum: ['pretty', 'json'],
      description: 'Log lines for people or for programs. They go to standard error.',
      examples: ['json'],
    },
    defaultText: '`pretty` on a terminal, `json` elsewhere',
  },
  {
    key: 'log.requests',
    variable: 'SWITCHYARD_LOG_REQUESTS',
    schema: {
      type: 'string',
      enum: ['errors', 'all', 'none'],
      description:
        'Which answers of inference get a line of the log: those with a status of 500 or above, all, or none. At most 20 lines a second and process.',
      examples: ['all'],
    },
    defaultText: '`errors`',
  },
  {
    key: 'log.slow',
    variable: 'SWITCHYARD_LOG_SLOW',
    schema: {
      type: 'string',
      pattern: durationPattern,
      description: 'From when on an answer of inference is slow, and gets a line of the log: `500ms`.',
      examples: ['500ms'],
    },
    defaultText: 'none is',
  },
  {
    key: 'log.access',
    variable: 'SWITCHYARD_LOG_ACCESS',
    schema: {
      type: 'string',
      pattern: sharePattern,
      description:
        'Which requests to the inference port get a line of the access log: those that are answered with 400 or above, all, none, or these errors and a share of the others (`10%`).',
      examples: ['all', '10%'],
    },
    defaultText: '`none`',
  },
  {
    key: 'log.accessFile',
    variable: 'SWITCHYARD_LOG_ACCESS_FILE',
    schema: {
      type: 'string',
      minLength: 1,
      description: 'A file that lines of the access log are added to, instead of among the lines of the log.',
      examples: ['/var/log/switchyard/access.log'],
    },
    defaultText: 'standard error, with all other lines',
  },
  {
    key: 'telemetry.endpoint',
    variable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    schema: {
      type: 'string',
      minLength: 1,
      description: 'Where a collector takes traces and metrics by OTLP over HTTP. Without it, none are sent.',
      examples: ['http://127.0.0.1:4318'],
    },
    defaultText: 'nothing is sent',
  },
  {
    key: 'telemetry.protocol',
    variable: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    schema: {
      type: 'string',
      enum: ['http/protobuf', 'http/json'],
      description: 'How traces and metrics are written.',
      examples: ['http/json'],
    },
    defaultText: '`http/protobuf`',
  },
  {
    key: 'telemetry.traces',
    variable: 'OTEL_TRACES_EXPORTER',
    schema: {
      type: 'string',
      enum: ['otlp', 'none'],
      description: 'Whether traces are sent.',
      examples: ['none'],
    },
    defaultText: '`otlp` where there is an endpoint',
  },
  {
    key: 'telemetry.metrics',
    variable: 'OTEL_METRICS_EXPORTER',
    schema: {
      type: 'string',
      enum: ['otlp', 'none'],
      description: 'Whether metrics are sent, beside being there to be scraped.',
      examples: ['none'],
    },
    defaultText: '`otlp` where there is an endpoint',
  },
  {
    key: 'telemetry.sampler',
    variable: 'OTEL_TRACES_SAMPLER',
    schema: {
      type: 'string',
      enum: [
        'always_on',
        'always_off',
        'traceidratio',
        'parentbased_always_on',
        'parentbased_always_off',
        'parentbased_traceidratio',
      ],
      description: 'Which traces are sent: `parentbased_…` leaves it to the caller, where there is one.',
      examples: ['parentbased_traceidratio'],
    },
    defaultText: '`parentbased_always_on`',
  },
  {
    key: 'telemetry.samplerArgument',
    variable: 'OTEL_TRACES_SAMPLER_ARG',
    schema: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: 'The share of traces that `traceidratio` sends.',
      examples: [0.01],
    },
    defaultText: '1',
  },
  {
    key: 'plugins',
    schema: {
      type: 'object',
      additionalProperties: { type: 'object' },
      description: "Settings of plugins that belong to this machine, by the plugin's name.",
      examples: [{ serving: { cacheSize: '10GiB' } }],
    },
    defaultText: 'none',
  },
];

/** JSON Schema of `switchyard.config.yaml`. */
export const configurationSchema: JsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'switchyard.config.yaml',
  description: 'What belongs to one machine that runs Switchyard. All of it is optional.',
  ...objectOf(settings.map((setting) => [setting.key.split('.'), setting.schema] as const)),
};

function objectOf(rows: readonly (readonly [readonly string[], JsonSchema])[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const nested = new Map<string, [string[], JsonSchema][]>();
  for (const [[first, ...rest], schema] of rows) {
    if (first === undefined) continue;
    if (rest.length === 0) properties[first] = schema;
    else nested.set(first, [...(nested.get(first) ?? []), [rest, schema]]);
  }
  for (const [name, inner] of nested) properties[name] = objectOf(inner);
  return { type: 'object', additionalProperties: false, properties };
}
