import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LoggingRules } from '../../../../../core/capabilities/serving-runtime.ts';
import { decodeBatch } from '../../../../../libraries/prediction-batch/index.ts';
import { checkLogging } from '../../../../../plugins/serving/dataplane/interface/check-logging.ts';
import { LoggedVersion } from '../../../../../plugins/serving/dataplane/logging/logged-version.ts';
import { PredictionLog } from '../../../../../plugins/serving/dataplane/logging/prediction-log.ts';
import type { ModelInterface } from '../../../../../plugins/serving/dataplane/protocol/model-interface.ts';
import type { Tensor } from '../../../../../plugins/serving/dataplane/tensor/tensor.ts';
import { temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment } from '../fixtures/tables.ts';

const model: ModelInterface = {
  batchable: true,
  inputs: [
    { name: 'speed', datatype: 'FP32', shape: [-1, 1] },
    { name: 'phase', datatype: 'BYTES', shape: [-1, 1] },
    { name: 'image', datatype: 'FP32', shape: [-1, 4] },
  ],
  outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
};

const rules = [
  { name: 'speed', type: 'number', middle: 100, below: 100, above: 200, missing: 0.5 },
  { name: 'phase', type: 'category', levels: { Climb: 0.1, Taxi: 0.9 }, other: 1.2, missing: 2 },
] as const;

let folder: ReturnType<typeof temporaryFolder>;
let log: PredictionLog;
let inbox: string;

beforeEach(() => {
  folder = temporaryFolder();
  inbox = join(folder.path, 'inbox');
  mkdirSync(inbox);
  const keyFile = join(folder.path, 'key');
  writeFileSync(keyFile, '5e'.repeat(32));
  log = new PredictionLog({ process: '0', log: () => {}, flushMs: 5 });
  log.follow({ inbox, keyFile });
});

afterEach(async () => {
  await log.close();
  folder.remove();
});

function loggedBy(more: Partial<LoggingRules>): LoggedVersion {
  const entry = deployment('bird-strike', [pin(folder.path, '1.0.0', linearModel(1, 0))]);
  return new LoggedVersion(entry, '1.0.0', 'stable', { sample: 1, redact: [], ...more });
}

const id = '018f3c2a-7b1e-7000-8000-000000000000';
const inputs: Tensor[] = [
  { datatype: 'FP32', shape: [4, 1], data: Float32Array.of(100, 300, 50, Number.NaN) },
  { datatype: 'BYTES', shape: [4, 1], data: ['Climb', 'Climb', 'Landing', ''] },
  { datatype: 'FP32', shape: [4, 4], data: new Float32Array(16) },
];
const outputs: Tensor[] = [{ datatype: 'FP32', shape: [4, 1], data: new Float32Array(4) }];

const records = () =>
  readdirSync(inbox).flatMap((name) => decodeBatch(readFileSync(join(inbox, name))).records);

it('writes of each row how outlying its most outlying input is, also one that is redacted, and counts', async () => {
  const redact = [{ name: 'phase', by: 'drop' }] as const;
  log.take(loggedBy({ outliers: rules, redact }), model, id, inputs, outputs, 1, { headers: {} });
  await log.close();
  expect(records().map((record) => record.outliers)).toEqual([[0.1, 1, 1.2, 2]]);
  expect(log.counts().outliers).toEqual([
    { environment: 'production', deployment: 'bird-strike', version: '1.0.0', scored: 4, outliers: 3 },
  ]);
});

it('writes none where none is declared, or no input has a rule', async () => {
  log.take(loggedBy({}), model, id, inputs, outputs, 1, { headers: {} });
  const strange = [
    { ...rules[1], name: 'other' },
    { ...rules[0], name: 'phase' },
    { ...rules[0], name: 'image' },
  ];
  log.take(loggedBy({ outliers: strange }), model, id, inputs, outputs, 1, { headers: {} });
  await log.close();
  expect(records().map((record) => record.outliers?.length ?? 'none')).toEqual(['none', 0]);
  expect(log.counts().outliers?.[0]?.scored ?? 0).toBe(0);
});

it('keeps a prediction that is too large to be kept in full, without a score', async () => {
  const large = { datatype: 'FP32', shape: [1, 400_000], data: new Float32Array(400_000) } as const;
  log.take(loggedBy({ outliers: rules }), model, id, [...inputs.slice(0, 2), large], outputs, 1, {
    headers: {},
  });
  await log.close();
  expect(records()).toMatchObject([{ outliers: [], inputs: [{ data: 'too large' }, {}, {}] }]);
});

it('refuses a routing table with a rule that it does not understand', () => {
  const check = (outliers: unknown) => () => checkLogging({ sample: 1, redact: [], outliers }, '/logging');
  expect(check(rules)).not.toThrow();
  expect(check('all')).toThrow('/logging/outliers');
  expect(check([{ ...rules[0], type: 'image' }])).toThrow(
    '/logging/outliers/0/type must be number or category',
  );
  expect(check([{ ...rules[0], above: -1 }])).toThrow('/logging/outliers/0/above');
  expect(check([{ ...rules[0], middle: null }])).toThrow('/logging/outliers/0/middle');
  expect(check([{ ...rules[1], levels: { Climb: 'usual' } }])).toThrow('/logging/outliers/0/levels/Climb');
});
