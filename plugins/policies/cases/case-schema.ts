const text = { type: 'string', minLength: 1, maxLength: 512 } as const;
const texts = { type: 'array', maxItems: 256, items: text } as const;
const outcome = { type: 'string', enum: ['pass', 'fail', 'neutral', 'error', 'pending'] } as const;
const time = {
  type: 'string',
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d)?(Z|[+-]\\d\\d:\\d\\d)$',
} as const;

function closed(required: readonly string[], properties: object): object {
  return { type: 'object', required, additionalProperties: false, properties };
}

/** JSON Schema of a file of recorded cases; docs/policies.md shows one. */
export const caseFileSchema = closed(['cases'], {
  cases: {
    type: 'array',
    minItems: 1,
    maxItems: 1000,
    items: closed(['name', 'changes', 'expect'], {
      name: text,
      title: text,
      author: text,
      fork: { type: 'boolean' },
      files: texts,
      now: time,
      changes: {
        type: 'array',
        minItems: 1,
        maxItems: 256,
        items: closed([], {
          kind: text,
          type: text,
          name: text,
          environment: text,
          model: text,
          labels: { type: 'object', additionalProperties: { type: 'string' } },
          from: text,
          to: text,
          path: text,
          judging: { type: 'boolean' },
        }),
      },
      checks: {
        type: 'object',
        additionalProperties: {
          anyOf: [outcome, closed(['outcome'], { outcome, facts: { type: 'object' } })],
        },
      },
      reviews: {
        type: 'array',
        maxItems: 256,
        items: closed(['by'], {
          by: text,
          verdict: { type: 'string', enum: ['approve', 'request-changes', 'comment'] },
          stale: { type: 'boolean' },
          proven: { type: 'boolean' },
        }),
      },
      labels: {
        type: 'array',
        maxItems: 64,
        items: closed(['name'], { name: text, by: text, stale: { type: 'boolean' } }),
      },
      served: {
        type: 'array',
        maxItems: 256,
        items: closed(['environment', 'version', 'since'], {
          environment: text,
          model: text,
          version: text,
          since: time,
          until: time,
        }),
      },
      expect: closed(['allowed'], {
        allowed: { type: 'boolean' },
        unmet: texts,
        met: texts,
        rules: texts,
        breakGlass: { type: ['string', 'null'] },
        metAt: time,
      }),
    }),
  },
});
