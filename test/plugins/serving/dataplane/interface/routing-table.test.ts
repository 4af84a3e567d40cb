import { describe, expect, it } from 'vitest';
import {
  checkRoutingTable,
  parseRoutingTable,
} from '../../../../../plugins/serving/dataplane/interface/check-routing-table.ts';

const version = {
  version: '1.0.0',
  digest: `sha256:${'a'.repeat(64)}`,
  path: '/cache/a',
  size: 10,
  signature: {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
  },
  examples: [
    {
      name: 'one',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1], data: [3] }],
      tolerance: { absolute: 0.1 },
    },
  ],
};

const entry = {
  environment: 'production',
  name: 'm',
  model: 'm',
  commit: 'c',
  generation: 'g',
  versions: [version, { ...version, version: '0.9.0' }],
  variants: [
    { version: '1.0.0', role: 'stable', weight: 100 },
    { version: '0.9.0', role: 'shadow', weight: 10 },
  ],
  batching: { maxBatchSize: 32, maxDelayMs: 0 },
  limits: { maxQueue: 100, timeoutMs: 1000 },
};

const table = {
  format: 1,
  revision: 3,
  publishedAt: 'now',
  defaultEnvironment: 'production',
  deployments: [entry],
};
const withEntry = (more: object) => ({ ...table, deployments: [{ ...entry, ...more }] });
const withVersion = (more: object) => withEntry({ versions: [{ ...version, ...more }, entry.versions[1]] });

const condition = { header: 'x-user', equals: 'ada' };
const withRules = (rules: object) => withEntry({ rules });
const withCondition = (all: object) => withRules({ matches: [{ all: [all], version: '1.0.0' }] });

describe('a routing table', () => {
  it('is taken with all rules that there are', () => {
    const rules = {
      matches: [
        { all: [condition, { query: 'region', regex: '^eu-' }], version: '1.0.0' },
        { all: [{ header: 'x-empty', equals: '' }], version: '1.0.0' },
      ],
      sticky: { by: { cookie: 'session' }, salt: 'production/m/1.0.0' },
      aliases: { preview: '0.9.0' },
    };
    expect(checkRoutingTable(withRules(rules)).deployments[0]?.rules).toEqual(rules);
  });

  it('is taken when all of it is right, and fields of a later version are left alone', () => {
    const later = { ...table, later: true, deployments: [{ ...entry, later: {} }] };
    expect(checkRoutingTable(later)).toBe(later);
    expect(parseRoutingTable(JSON.stringify(table))).toEqual(table);
    expect(checkRoutingTable({ ...table, deployments: [] }).deployments).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['another format', { ...table, format: 2 }, '/format must be 1, is 2'],
    [
      'no revision',
      { ...table, revision: undefined },
      '/revision must be a whole number from 0 on, is missing',
    ],
    ['no list', { ...table, deployments: {} }, '/deployments must be a list'],
    ['no object', [], '/ must be an object'],
    [
      'a deployment twice',
      { ...table, deployments: [entry, entry] },
      '/deployments/1 lists production/m a second time',
    ],
    [
      'a log without a key',
      { ...table, predictionLog: { inbox: '/in' } },
      '/predictionLog/keyFile must be a text',
    ],
    [
      'a share of more than all',
      withEntry({ logging: { sample: 2, redact: [] } }),
      '/deployments/0/logging/sample must be a number from 0 to 1',
    ],
    [
      'a redaction of a later version',
      withEntry({ logging: { sample: 1, redact: [{ name: 'x', by: 'noise' }] } }),
      '/logging/redact/0/by must be drop, hash or bucket',
    ],
    [
      'a rule of a later version',
      withEntry({ logging: { sample: 1, redact: [], encrypt: true } }),
      '/logging/encrypt is not known here',
    ],
    [
      'a subject in two places',
      withEntry({ logging: { sample: 1, redact: [], subject: { input: 'x', header: 'y' } } }),
      '/logging/subject must have exactly one of header, cookie, query, input',
    ],
    ['an empty name', withEntry({ name: '' }), '/deployments/0/name must be a text that is not empty'],
    [
      'a version twice',
      withEntry({ versions: [version, version] }),
      '/deployments/0/versions/1 pins 1.0.0 twice',
    ],
    [
      'a variant that is not pinned',
      withEntry({ variants: [{ version: '2.0.0', role: 'stable', weight: 100 }] }),
      '2.0.0 is not pinned',
    ],
    [
      'weights that do not sum up',
      withEntry({ variants: [{ version: '1.0.0', role: 'stable', weight: 99 }] }),
      'sum to 99',
    ],
    [
      'a shadow alone',
      withEntry({ variants: [{ version: '1.0.0', role: 'shadow', weight: 100 }] }),
      'sum to 0',
    ],
    [
      'a weight above 100',
      withEntry({ variants: [{ version: '1.0.0', role: 'shadow', weight: 101 }] }),
      'must be at most 100',
    ],
    [
      'a broken weight',
      withEntry({ variants: [{ version: '1.0.0', role: 'stable', weight: 0.5 }] }),
      'weight must be a whole number',
    ],
    [
      'an unknown role',
      withEntry({ variants: [{ version: '1.0.0', role: 'king', weight: 100 }] }),
      'must be stable, candidate',
    ],
    [
      'a batch of none',
      withEntry({ batching: { maxBatchSize: 0, maxDelayMs: 0 } }),
      'maxBatchSize must be a whole number from 1 on',
    ],
    [
      'a negative delay',
      withEntry({ batching: { maxBatchSize: 1, maxDelayMs: -1 } }),
      'maxDelayMs must be a number from 0 on',
    ],
    ['a short digest', withVersion({ digest: 'sha256:abc' }), 'must be sha256: and 64'],
    [
      'an unknown datatype',
      withVersion({
        signature: { ...version.signature, inputs: [{ name: 'x', datatype: 'FP8', shape: [] }] },
      }),
      '"FP8" is not a datatype',
    ],
    [
      'a signature without outputs',
      withVersion({ signature: { ...version.signature, outputs: [] } }),
      'must name at least one tensor',
    ],
    [
      'an input twice',
      withVersion({
        signature: {
          ...version.signature,
          inputs: [version.signature.inputs[0], version.signature.inputs[0]],
        },
      }),
      'names x twice',
    ],
    [
      'an example that does not fill its shape',
      withVersion({
        examples: [
          { ...version.examples[0], outputs: [{ name: 'y', datatype: 'FP32', shape: [2], data: [1] }] },
        ],
      }),
      'holds 1 values for a shape of 2',
    ],
    ['an unknown placement', withVersion({ placement: 'moon' }), 'must be auto, inline or worker'],
    ['rules of a later version', withRules({ mirrors: [] }), '/rules/mirrors is not known here'],
    ['an empty match', withRules({ matches: [{ all: [], version: '1.0.0' }] }), 'at least one condition'],
    [
      'a match that leads nowhere',
      withRules({ matches: [{ all: [condition], version: '3.0.0' }] }),
      '/rules/matches/0/version 3.0.0 is no variant that answers',
    ],
    [
      'a match that leads to a shadow',
      withRules({ matches: [{ all: [condition], version: '0.9.0' }] }),
      '0.9.0 is no variant that answers',
    ],
    [
      'a condition of a later version, which would let everything through',
      withCondition({ ...condition, cookie: 'a' }),
      '/rules/matches/0/all/0/cookie is not known here',
    ],
    ['a condition on nothing', withCondition({ equals: 'a' }), 'exactly one of header, query'],
    [
      'a condition on two places',
      withCondition({ ...condition, query: 'a' }),
      'exactly one of header, query',
    ],
    [
      'a condition with two tests',
      withCondition({ ...condition, regex: 'a' }),
      'exactly one of equals, regex',
    ],
    [
      'a broken expression',
      withCondition({ header: 'a', regex: '(' }),
      '/rules/matches/0/all/0/regex error parsing regexp: missing closing )',
    ],
    [
      'an expression that may take for ever',
      withCondition({ header: 'a', regex: '(?=a)' }),
      'invalid or unsupported Perl syntax',
    ],
    ['no salt', withRules({ sticky: { by: { header: 'a' } } }), '/rules/sticky/salt must be a text'],
    [
      'two keys',
      withRules({ sticky: { by: { header: 'a', cookie: 'b' }, salt: 's' } }),
      'exactly one of header, cookie, query',
    ],
    [
      'an alias that is a version',
      withRules({ aliases: { '1.0.0': '1.0.0' } }),
      'must be named by lower-case letters',
    ],
    ['an alias of nothing', withRules({ aliases: { preview: '3.0.0' } }), '3.0.0 is not pinned'],
  ])('is refused whole, with the place: %s', (_, value, message) => {
    expect(() => checkRoutingTable(value)).toThrow(message);
  });

  it('is refused when it is not JSON', () => {
    expect(() => parseRoutingTable('{"format": 1')).toThrow(/routing table: \/ is not JSON/);
  });
});
