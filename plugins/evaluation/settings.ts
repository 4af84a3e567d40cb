import type { TrialLimits } from '../../core/capabilities/model-trial.ts';
import type { JsonSchema } from '../../core/plugin.ts';

/** What platform.yaml decides: it is read from the base branch, as everything that judges. */
export interface EvaluationOptions {
  readonly trial: TrialLimits;
  readonly latency: {
    /** How many times the time of what serves a new version may take. */
    readonly maxRatio: number;
    /** A difference below so many milliseconds is nobody's concern, whatever the ratio. */
    readonly negligibleMs: number;
  };
  readonly size: { readonly maxRatio: number };
  readonly metrics: { readonly maxRows: number; readonly replicates: number; readonly seed: number };
  readonly replay: { readonly maxRequests: number; readonly minAgreement: number };
}

const number = (description: string, standard: number, more: JsonSchema = {}): JsonSchema => ({
  description: `${description} Default ${standard}.`,
  type: 'number',
  exclusiveMinimum: 0,
  examples: [standard],
  ...more,
});
const whole = (description: string, standard: number, most: number): JsonSchema =>
  number(description, standard, { type: 'integer', minimum: 1, maximum: most, exclusiveMinimum: 0 });

const defaults = {
  trialTimeoutSeconds: 60,
  trialMaxMemoryMiB: 2048,
  maxLatencyRatio: 1.5,
  negligibleLatencyMs: 0.1,
  maxSizeRatio: 3,
  maxRows: 50_000,
  replicates: 2000,
  seed: 1,
  maxRequests: 500,
  minAgreement: 0,
} as const;

export const optionsSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    trialTimeoutSeconds: number('Seconds that one call of a trial may take.', defaults.trialTimeoutSeconds),
    trialMaxMemoryMiB: number('MiB of memory that a trial may take.', defaults.trialMaxMemoryMiB),
    maxLatencyRatio: number(
      'How many times the time of the version that serves a new one may take.',
      defaults.maxLatencyRatio,
    ),
    negligibleLatencyMs: number(
      'Milliseconds by which a version may be slower whatever the ratio.',
      defaults.negligibleLatencyMs,
      { minimum: 0, exclusiveMinimum: -1 },
    ),
    maxSizeRatio: number(
      'How many times the size of the version that serves a new artifact may have.',
      defaults.maxSizeRatio,
    ),
    maxRows: whole(
      'Rows of an evaluation set that are used; of more, a random part is.',
      defaults.maxRows,
      1_000_000,
    ),
    replicates: whole('Bootstrap samples behind an interval.', defaults.replicates, 100_000),
    seed: whole('Seed of the bootstrap samples.', defaults.seed, 2_147_483_647),
    maxRequests: whole('Requests that are replayed: the last of the file.', defaults.maxRequests, 100_000),
    minAgreement: {
      description: `The share of replayed requests, from 0 to 1, whose answers must agree. Default ${defaults.minAgreement}.`,
      type: 'number',
      minimum: 0,
      maximum: 1,
      examples: [0.95],
    },
  },
};

export function evaluationOptions(block: Readonly<Record<string, unknown>>): EvaluationOptions {
  const given = { ...defaults, ...(block as Partial<Record<keyof typeof defaults, number>>) };
  return {
    trial: {
      timeoutMs: given.trialTimeoutSeconds * 1000,
      maxBytes: given.trialMaxMemoryMiB * 1024 ** 2,
    },
    latency: { maxRatio: given.maxLatencyRatio, negligibleMs: given.negligibleLatencyMs },
    size: { maxRatio: given.maxSizeRatio },
    metrics: { maxRows: given.maxRows, replicates: given.replicates, seed: given.seed },
    replay: { maxRequests: given.maxRequests, minAgreement: given.minAgreement },
  };
}
