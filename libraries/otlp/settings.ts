/** The environment variables of OpenTelemetry: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
import { type SamplerName, samplerNames } from './sampler.ts';
import type { Attributes } from './span.ts';

export interface SignalSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly isCompressed: boolean;
  readonly timeoutMs: number;
}

export interface OtlpSettings {
  readonly traces?: SignalSettings & {
    readonly sampler: SamplerName;
    readonly ratio: number;
    readonly mostQueued: number;
    readonly mostInOne: number;
    readonly delayMs: number;
  };
  readonly metrics?: SignalSettings & { readonly intervalMs: number };
  /** Of `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`. */
  readonly resource: Attributes;
}

/** A variable that cannot be understood. Its value is not repeated where it may be a secret. */
export class OtlpSettingError extends Error {
  override readonly name = 'OtlpSettingError';
  readonly variable: string;
  readonly hint: string;

  constructor(variable: string, problem: string, hint: string) {
    super(problem);
    this.variable = variable;
    this.hint = hint;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the environment asks for. Nothing is sent where no endpoint is named: that a collector may be listening on this machine
 * is no reason to send to it. Throws `OtlpSettingError`.
 */
export function settingsFrom(environment: Environment): OtlpSettings {
  const read = reader(environment);
  const resource = resourceOf(read);
  if (read.text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return { resource };
  const traces = signal(read, 'TRACES', 'v1/traces');
  const metrics = signal(read, 'METRICS', 'v1/metrics');
  return {
    resource,
    ...(traces === undefined
      ? {}
      : {
          traces: {
            ...traces,
            sampler: read.choice('OTEL_TRACES_SAMPLER', samplerNames) ?? 'parentbased_always_on',
            ratio: read.share('OTEL_TRACES_SAMPLER_ARG') ?? 1,
            mostQueued: read.whole('OTEL_BSP_MAX_QUEUE_SIZE', 1) ?? 2048,
            mostInOne: read.whole('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 1) ?? 512,
            delayMs: read.whole('OTEL_BSP_SCHEDULE_DELAY', 1) ?? 5_000,
          },
        }),
    ...(metrics === undefined
      ? {}
      : {
          metrics: {
            ...metrics,
            intervalMs: read.whole('OTEL_METRIC_EXPORT_INTERVAL', 100) ?? 60_000,
          },
        }),
  };
}

function signal(read: Reader, name: 'TRACES' | 'METRICS', path: string): SignalSettings | undefined {
  const chosen = read.choice(`OTEL_${name}_EXPORTER`, ['otlp', 'none']);
  const own = `OTEL_EXPORTER_OTLP_${name}_`;
  const shared = 'OTEL_EXPORTER_OTLP_';
  const either = <T>(of: (variable: string) => T | undefined, last: string): T | undefined =>
    of(own + last) ?? of(shared + last);
  // One for a signal is taken as it stands; the path is added to one for all.
  const url = read.url(`${own}ENDPOINT`) ?? read.url(`${shared}ENDPOINT`, path);
  if (chosen === 'none' || (url === undefined && chosen === undefined)) return undefined;
  return {
    url: url ?? `http://localhost:4318/${path}`,
    headers: { ...read.pairs(`${shared}HEADERS`), ...read.pairs(`${own}HEADERS`) },
    protocol:
      either((each) => read.choice(each, ['http/protobuf', 'http/json'] as const), 'PROTOCOL') ??
      'http/protobuf',
    isCompressed: either((each) => read.choice(each, ['gzip', 'none']), 'COMPRESSION') === 'gzip',
    timeoutMs: either((each) => read.whole(each, 1), 'TIMEOUT') ?? 10_000,
  };
}

function resourceOf(read: Reader): Attributes {
  const service = read.text('OTEL_SERVICE_NAME');
  return {
    ...read.pairs('OTEL_RESOURCE_ATTRIBUTES'),
    ...(service === undefined ? {} : { 'service.name': service }),
  };
}

type Reader = ReturnType<typeof reader>;

function reader(environment: Environment) {
  const text = (variable: string): string | undefined => {
    const value = environment[variable]?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  const number = (variable: string, fits: (value: number) => boolean, hint: string): number | undefined => {
    const value = text(variable);
    if (value === undefined) return undefined;
    if (!/^\d{1,12}(\.\d{1,12})?$/.test(value) || !fits(Number(value))) {
      throw new OtlpSettingError(variable, `${variable} cannot be ${JSON.stringify(value)}`, hint);
    }
    return Number(value);
  };
  return {
    text,
    whole: (variable: string, least: number) =>
      number(
        variable,
        (value) => Number.isInteger(value) && value >= least,
        `Write a whole number from ${least} on.`,
      ),
    share: (variable: string) => number(variable, (value) => value <= 1, 'Write a share from 0 to 1.'),
    choice<Choice extends string>(variable: string, choices: readonly Choice[]): Choice | undefined {
      const value = text(variable);
      if (value === undefined) return undefined;
      const found = choices.find((choice) => choice === value);
      if (found !== undefined) return found;
      const hint = value === 'grpc' ? ' Collectors take http/protobuf on port 4318.' : '';
      throw new OtlpSettingError(
        variable,
        `${variable} cannot be ${JSON.stringify(value)}`,
        `There are: ${choices.join(', ')}.${hint}`,
      );
    },
    url(variable: string, path?: string): string | undefined {
      const value = text(variable);
      if (value === undefined) return undefined;
      if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
        throw new OtlpSettingError(
          variable,
          `${variable} is no URL of http or https`,
          'Write it as http://collector.example.com:4318.',
        );
      }
      return path === undefined ? value : `${value.replace(/\/+$/, '')}/${path}`;
    },
    /** `a=b,c=d`, each percent-encoded. */
    pairs(variable: string): Readonly<Record<string, string>> {
      const pairs = (text(variable) ?? '').split(',').filter((pair) => pair.trim() !== '');
      return Object.fromEntries(
        pairs.map((pair) => {
          const at = pair.indexOf('=');
          try {
            if (at < 1) throw new Error('no name');
            return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
          } catch (cause) {
            throw Object.assign(
              new OtlpSettingError(
                variable,
                `${variable} is no list of names and values`,
                'Write it as name=value,other=value, with percent signs encoded.',
              ),
              { cause },
            );
          }
        }),
      );
    },
  };
}
