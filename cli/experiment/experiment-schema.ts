import type { JsonSchema } from '../../core/plugin.ts';

const name = { type: 'string', minLength: 1, maxLength: 253 } as const;

function field(type: string, description: string, rest: object = {}): object {
  return { type, description, ...rest };
}

function closed(required: readonly string[], properties: object): JsonSchema {
  return { type: 'object', required, additionalProperties: false, properties };
}

/** JSON Schema of what `switchyard experiment analyze` reads. What numbers mean together is for the statistics to judge. */
export const experimentSchema = closed(['metric', 'arms', 'method'], {
  metric: {
    enum: ['mean', 'proportion'],
    description: 'What the sums are of: values of any size, or rows that are 0 or 1.',
    examples: ['proportion'],
  },
  arms: {
    type: 'array',
    minItems: 2,
    maxItems: 100,
    description: 'The arms; the first is the control.',
    items: closed(['name', 'n', 'sum'], {
      name: { ...name, description: 'What the arm is called.', examples: ['candidate'] },
      n: field('integer', 'How many independent rows (users, requests) the arm has.', { examples: [10000] }),
      sum: field('number', 'The sum of the values; of a proportion, how many rows are 1.', {
        examples: [500],
      }),
      sumSquares: field(
        'number',
        'The sum of the values squared. Needed of a mean; of a proportion it is the sum.',
        {
          examples: [52390.5],
        },
      ),
    }),
  },
  covariate: {
    type: 'array',
    maxItems: 100,
    description: 'For each arm, in their order, what was known of its rows before the experiment.',
    items: closed(['sum', 'sumSquares', 'sumProducts'], {
      sum: field('number', 'The sum of the covariate.'),
      sumSquares: field('number', 'The sum of the covariate squared.'),
      sumProducts: field('number', 'The sum of value times covariate.'),
    }),
  },
  method: {
    enum: ['fixed', 'sequential', 'bayesian'],
    description:
      'How to judge: at one look that was planned, at any number of looks, or as a degree of belief.',
    examples: ['sequential'],
  },
  difference: {
    enum: ['absolute', 'relative'],
    description: 'Treatment less control, or the same over the size of control. Default absolute.',
    examples: ['relative'],
  },
  alternative: {
    enum: ['two-sided', 'greater', 'less'],
    description: 'What is looked for in treatment, against control. Default two-sided.',
    examples: ['greater'],
  },
  alpha: field(
    'number',
    'The chance of a false alarm that is accepted; intervals hold 1 − alpha. Default 0.05.',
    {
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      examples: [0.05],
    },
  ),
  tuning: field('number', 'Rows of both arms at which the sequential method is sharpest. Default 5000.', {
    exclusiveMinimum: 0,
    examples: [5000],
  }),
  prior: {
    ...closed(['mean', 'variance'], {
      mean: field('number', 'The difference that was believed, in the unit of the difference.', {
        examples: [0],
      }),
      variance: field('number', 'How much that belief varies, in the same unit squared.', {
        exclusiveMinimum: 0,
        examples: [0.09],
      }),
      proper: field('boolean', 'false: as if there were no prior. Default true.'),
    }),
    description: 'A normal prior for the bayesian method. Default: flat.',
  },
  shares: {
    type: 'array',
    maxItems: 100,
    description: 'The shares of rows that the arms were meant to have: then their ratio is tested too.',
    items: field('number', 'In any unit.', { exclusiveMinimum: 0 }),
    examples: [[90, 10]],
  },
});
