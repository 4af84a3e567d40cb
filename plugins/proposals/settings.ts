import type { JsonSchema } from '../../core/plugin.ts';
import { parseDuration } from '../../libraries/duration/index.ts';

/** The plugin's options in platform.yaml, in units that programs count in. */
export interface ProposalSettings {
  /** Proposals that are opened within an hour, whoever asks. */
  readonly maxPerHour: number;
  readonly parallelChecks: number;
  readonly checkTimeoutMs: number;
  /** By the name of the check. */
  readonly checkTimeoutsMs: Readonly<Record<string, number>>;
  readonly pollMs: number;
  readonly autoMerge: boolean;
  /** How long checks may take before the comment says that they run. */
  readonly interimMs: number;
  /** How long one who looks at a proposal waits for its plan and for quick checks. */
  readonly showMs: number;
}

export const defaultSettings: ProposalSettings = {
  maxPerHour: 20,
  parallelChecks: 2,
  checkTimeoutMs: 10 * 60_000,
  checkTimeoutsMs: {},
  pollMs: 5_000,
  autoMerge: false,
  interimMs: 2_000,
  showMs: 2_000,
};

const duration = { type: 'string', pattern: '^[1-9]\\d{0,8}(ms|s|m|h)$' } as const;

export const proposalOptions: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    forge: {
      description: 'The forge that proposals live on: a provider of the capability `forge`.',
      type: 'string',
      default: 'git',
      examples: ['git', 'github'],
    },
    maxPerHour: {
      description: 'How many proposals may be opened within an hour.',
      type: 'integer',
      minimum: 1,
      maximum: 250,
      default: 20,
      examples: [20],
    },
    poll: {
      ...duration,
      description: 'How often the forge is asked for what moved, where nothing else says so.',
      default: '5s',
      examples: ['5s', '1m'],
    },
    autoMerge: {
      description: 'Whether a proposal merges by itself as soon as every gate allows it.',
      type: 'boolean',
      default: false,
      examples: [false],
    },
    checks: {
      description: 'How checks are run.',
      type: 'object',
      additionalProperties: false,
      examples: [{ parallel: 2, timeout: '10m', timeouts: { 'metric-regression': '30m' } }],
      properties: {
        parallel: {
          description: 'How many run at once.',
          type: 'integer',
          minimum: 1,
          maximum: 64,
          default: 2,
          examples: [2],
        },
        timeout: {
          ...duration,
          description: 'How long one may take before it counts as an error.',
          default: '10m',
          examples: ['10m'],
        },
        timeouts: {
          description: 'The same for single checks, by their name.',
          type: 'object',
          additionalProperties: duration,
          examples: [{ 'metric-regression': '30m' }],
        },
      },
    },
  },
};

interface Options {
  readonly maxPerHour?: number;
  readonly poll?: string;
  readonly autoMerge?: boolean;
  readonly checks?: {
    readonly parallel?: number;
    readonly timeout?: string;
    readonly timeouts?: Readonly<Record<string, string>>;
  };
}

/** Of options that the schema let through. */
export function proposalSettings(options: Options): ProposalSettings {
  const { maxPerHour, poll, autoMerge, checks = {} } = options;
  const { parallel, timeout, timeouts = {} } = checks;
  return {
    ...defaultSettings,
    maxPerHour: maxPerHour ?? defaultSettings.maxPerHour,
    parallelChecks: parallel ?? defaultSettings.parallelChecks,
    checkTimeoutMs: timeout === undefined ? defaultSettings.checkTimeoutMs : parseDuration(timeout),
    checkTimeoutsMs: Object.fromEntries(
      Object.entries(timeouts).map(([name, text]) => [name, parseDuration(text)]),
    ),
    pollMs: poll === undefined ? defaultSettings.pollMs : Math.max(500, parseDuration(poll)),
    autoMerge: autoMerge ?? defaultSettings.autoMerge,
  };
}
