import type { JsonSchema } from '../../core/plugin.ts';
import { parseDuration } from '../../libraries/duration/index.ts';

/** The plugin's options in platform.yaml, in units that programs count in. */
export interface RolloutOptions {
  /** How long the proposal of a rollback may stay open before that is told. */
  readonly rollbackDeadlineMs: number;
}

const rollbackDeadline = '24h';

export const rolloutOptions: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    rollbackDeadline: {
      description:
        'How long the proposal of a rollback may stay open before the deployment says `RollbackOverdue`.',
      type: 'string',
      pattern: '^[1-9]\\d{0,8}(ms|s|m|h)$',
      default: rollbackDeadline,
      examples: ['24h', '4h'],
    },
  },
};

/** Of options that the schema let through. */
export function optionsOf(given: { readonly rollbackDeadline?: string }): RolloutOptions {
  return { rollbackDeadlineMs: parseDuration(given.rollbackDeadline ?? rollbackDeadline) };
}
