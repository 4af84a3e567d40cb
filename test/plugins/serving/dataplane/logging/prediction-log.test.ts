import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoggingRules } from '../../../../../core/capabilities/serving-runtime.ts';
import {
  decodeBatch,
  type PredictionBatch,
  pseudonymOf,
} from '../../../../../libraries/prediction-batch/index.ts';
import { LoggedVersion } from '../../../../../plugins/serving/dataplane/logging/logged-version.ts';
import { PredictionLog } from '../../../../../plugins/serving/dataplane/logging/prediction-log.ts';
import type { ModelInterface } from '../../../../../plugins/serving/dataplane/protocol/model-interface.ts';
import { factsOf, type NumericData } from '../../../../../plugins/serving/dataplane/tensor/datatypes.ts';
import { RowMemory } from '../../../../../plugins/serving/dataplane/tensor/row-memory.ts';
import type { Tensor } from '../../../../../plugins/serving/dataplane/tensor/tensor.ts';
import { until } from '../../../../fixtures/until.ts';
import { temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment } from '../fixtures/tables.ts';

const model: ModelInterface = {
  batchable: true,
  inputs: [
    { name: 'speed', datatype: 'FP32', shape: [-1, 1] },
    { name: 'operator', datatype: 'BYTES', shape: [-1, 1] },
  ],
  outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
};

let folder: ReturnType<typeof temporaryFolder>;
let place: { readonly inbox: string; readonly keyFile: string };
let logs: PredictionLog[];

beforeEach(() => {
  folder = temporaryFolder();
  place = { inbox: join(folder.path, 'inbox'), keyFile: join(folder.path, 'key') };
  mkdirSync(place.inbox);
  writeFileSync(place.keyFile, '5e'.repeat(32));
  logs = [];
});

afterEach(async () => {
  for (const log of logs) await log.close();
  folder.remove();
});

function opened(more: { slots?: number; mostBytes?: number; flushMs?: number } = {}): PredictionLog {
  const log = new PredictionLog({ process: '0', log: () => {}, flushMs: 5, ...more });
  logs.push(log);
  return log;
}

function loggedBy(rules: Partial<LoggingRules> = {}): LoggedVersion {
  const entry = deployment('bird-strike', [pin(folder.path, '1.0.0', linearModel(1, 0))]);
  return new LoggedVersion(entry, '1.0.0', 'stable', { sample: 1, redact: [], ...rules });
}

let count = 0;
/** As a UUIDv7: its last digits are what the sample is drawn by. */
function nextId(): string {
  const random = ((count++ * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0');
  return `018f3c2a-7b1e-7000-8000-0000${random}`;
}

const asked = (speed: number, operator: string): Tensor[] => [
  { datatype: 'FP32', shape: [1, 1], data: Float32Array.of(speed) },
  { datatype: 'BYTES', shape: [1, 1], data: [operator] },
];
const answered: Tensor[] = [{ datatype: 'FP32', shape: [1, 1], data: Float32Array.of(0.5) }];

function take(log: PredictionLog, version: LoggedVersion, inputs = asked(210, 'ACME'), headers = {}): string {
  const id = nextId();
  log.take(version, model, id, inputs, answered, 1.5, { headers });
  return id;
}

function batches(): PredictionBatch[] {
  const names = readdirSync(place.inbox).sort();
  return names.map((name) => decodeBatch(readFileSync(join(place.inbox, name))));
}

describe('the prediction log of an inference process', () => {
  it('writes what was predicted, in batches, with where it came from', async () => {
    const log = opened();
    log.follow(place);
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const version = loggedBy({ tenant: { header: 'x-tenant' } });
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01`, 'x-tenant': 'north' };
    const id = take(log, version, asked(210, 'ACME'), headers);
    await until(() => log.counts().written === 1);
    const [batch] = batches();
    expect(batch?.writer).toMatchObject({
      process: '0',
      pid: process.pid,
      sequence: 0,
      taken: 1,
      dropped: 0,
    });
    expect(batch?.records).toMatchObject([
      {
        id,
        milliseconds: 1.5,
        trace,
        tenant: 'north',
        subjects: [],
        origin: { environment: 'production', deployment: 'bird-strike', version: '1.0.0', variant: 'stable' },
        inputs: [{ data: Float32Array.of(210) }, { data: ['ACME'] }],
        outputs: [{ data: Float32Array.of(0.5) }],
      },
    ]);
  });

  it('lets nothing that is redacted reach the disk', async () => {
    const log = opened();
    log.follow(place);
    const redact = [
      { name: 'operator', by: 'hash' },
      { name: 'speed', by: 'bucket', width: 25 },
      { name: 'probability', by: 'drop' },
    ] as const;
    take(log, loggedBy({ redact, subject: { input: 'operator' } }), asked(210, 'SECRET AIR'));
    take(log, loggedBy({ redact }), asked(-1, 'SECRET AIR'));
    take(log, loggedBy({ redact: [{ name: 'operator', by: 'drop' }] }), asked(210, 'SECRET AIR'));
    await log.close();
    const files = readdirSync(place.inbox).map((name) => readFileSync(join(place.inbox, name)));
    expect(Buffer.concat(files).includes('SECRET AIR')).toBe(false);
    const [first, second, third] = batches().flatMap(({ records }) => records);
    expect(first?.inputs.map(({ data }) => data)).toEqual([
      Float64Array.of(200),
      [expect.stringMatching(/^[\w-]{22}$/)],
    ]);
    expect(first?.outputs).toEqual([{ shape: [1, 1], data: 'redacted' }]);
    expect(first?.subjects).toEqual([expect.stringMatching(/^[\w-]{22}$/)]);
    // The same value has one pseudonym in a column, and another as a subject.
    expect(second?.inputs).toEqual([{ shape: [1, 1], data: Float64Array.of(-25) }, first?.inputs[1]]);
    expect(first?.inputs[1]?.data).not.toEqual(first?.subjects);
    expect(third?.inputs[1]).toEqual({ shape: [1, 1], data: 'redacted' });
  });

  it('keeps nothing of what is to be hashed where there is no key', async () => {
    rmSync(place.keyFile);
    const log = opened();
    log.follow(place);
    const rules = loggedBy({ redact: [{ name: 'operator', by: 'hash' }], subject: { header: 'x-user' } });
    take(log, rules, asked(1, 'SECRET AIR'), { 'x-user': 'ada' });
    await log.close();
    const [record] = batches().flatMap(({ records }) => records);
    expect(record?.inputs[1]).toEqual({ shape: [1, 1], data: 'redacted' });
    expect(record?.subjects).toEqual([]);
  });

  describe.skipIf(process.platform === 'win32')(
    'that follows another place while a key is being read',
    () => {
      /** A key that is read when it is told. */
      function lateKey(name: string) {
        const keyFile = join(folder.path, name);
        execFileSync('mkfifo', [keyFile]);
        return { keyFile, tell: (digits: string) => writeFile(keyFile, digits.repeat(32)) };
      }
      const hashed = () => loggedBy({ redact: [{ name: 'operator', by: 'hash' }] });

      it('goes by the key of the new place, though the other one is read after it', async () => {
        const first = lateKey('first');
        const log = opened();
        log.follow({ ...place, keyFile: first.keyFile });
        log.follow(place);
        await until(() => log.pseudonymOf('x', 'ada') !== undefined);
        const right = log.pseudonymOf('x', 'ada');
        await first.tell('a1');
        await setTimeout(50);
        expect(log.pseudonymOf('x', 'ada')).toBe(right);
      });

      it('redacts nothing by the other key, nor without any, until its own is read', async () => {
        const [first, second] = [lateKey('first'), lateKey('second')];
        const log = opened();
        log.follow({ ...place, keyFile: first.keyFile });
        log.follow({ ...place, keyFile: second.keyFile });
        take(log, hashed(), asked(1, 'ACME'));
        await first.tell('a1');
        // Time for several batches.
        await setTimeout(50);
        expect(log.counts().written).toBe(0);
        await second.tell('b2');
        await until(() => log.counts().written === 1);
        const key = Buffer.from('b2'.repeat(32), 'hex');
        const [record] = batches().flatMap(({ records }) => records);
        expect(record?.inputs[1]?.data).toEqual([pseudonymOf(key, 'column operator', 'ACME')]);
      });
    },
  );

  it('redacts what was taken before there was no log any more by the key of that time', async () => {
    const log = opened();
    log.follow(place);
    await until(() => log.pseudonymOf('x', 'ada') !== undefined);
    take(log, loggedBy({ redact: [{ name: 'operator', by: 'hash' }] }), asked(1, 'ACME'));
    log.follow(undefined);
    expect(log.pseudonymOf('x', 'ada')).toBeUndefined();
    await setTimeout(50);
    log.follow(place);
    await log.close();
    const [record] = batches().flatMap(({ records }) => records);
    expect(record?.inputs[1]?.data).toEqual([expect.stringMatching(/^[\w-]{22}$/)]);
  });

  it('names a subject for each row', async () => {
    const log = opened();
    log.follow(place);
    const inputs: Tensor[] = [
      { datatype: 'FP32', shape: [3, 1], data: Float32Array.of(1, 2, 3) },
      { datatype: 'BYTES', shape: [3, 1], data: ['ada', 'bob', 'ada'] },
    ];
    take(log, loggedBy({ subject: { input: 'operator' } }), inputs);
    await log.close();
    const [ada, bob, again] = batches()[0]?.records[0]?.subjects ?? [];
    expect(ada).toBe(again);
    expect(ada).not.toBe(bob);
  });

  it('keeps the declared share of predictions, and of one prediction all or nothing', async () => {
    const log = opened();
    log.follow(place);
    const some = loggedBy({ sample: 0.25 });
    const shadow = loggedBy({ sample: 0.25 });
    for (let index = 0; index < 2_000; index++) {
      const id = nextId();
      for (const version of [some, shadow])
        log.take(version, model, id, asked(1, 'A'), answered, 1, { headers: {} });
    }
    await log.close();
    const ids = batches().flatMap(({ records }) => records.map(({ id }) => id));
    expect(ids.length / 4_000).toBeGreaterThan(0.2);
    expect(ids.length / 4_000).toBeLessThan(0.3);
    expect(ids.length).toBe(2 * new Set(ids).size);
  });

  it('gives back the memory of inputs that it is the last to read, once they are gathered', async () => {
    const log = opened();
    log.follow(place);
    const memory = new RowMemory();
    const fp32 = factsOf('FP32');
    const speed = (value: number): NumericData => {
      const data = memory.take(fp32, 1);
      data.set([value] as never);
      return data;
    };
    const send = (data: NumericData, isLast: boolean): boolean => {
      const inputs: Tensor[] = [{ datatype: 'FP32', shape: [1, 1], data }, asked(0, 'A')[1]!];
      return log.take(loggedBy(), model, nextId(), inputs, answered, 1, { headers: {} }, isLast);
    };
    const first = speed(1);
    expect(send(first, true)).toBe(true);
    await until(() => log.counts().written === 1);
    const second = speed(2);
    expect([second.buffer, second.byteOffset]).toEqual([first.buffer, first.byteOffset]);
    expect(send(second, false)).toBe(true);
    await until(() => log.counts().written === 2);
    expect(speed(3).byteOffset).not.toBe(second.byteOffset);
    const logged = batches().flatMap(({ records }) => records.map(({ inputs }) => inputs[0]?.data));
    expect(logged).toEqual([Float32Array.of(1), Float32Array.of(2)]);
  });

  it('says whether it reads inputs later', () => {
    const log = opened({ slots: 1, flushMs: 60_000 });
    const send = (version: LoggedVersion, bytes = 4): boolean => {
      const inputs: Tensor[] = [
        { datatype: 'FP32', shape: [bytes / 4, 1], data: new Float32Array(bytes / 4) },
        asked(0, 'A')[1]!,
      ];
      return log.take(version, model, nextId(), inputs, answered, 1, { headers: {} }, true);
    };
    expect(send(loggedBy())).toBe(false);
    log.follow(place);
    expect(send(loggedBy({ sample: 0 }))).toBe(false);
    expect(send(loggedBy(), 2 * 1024 * 1024)).toBe(false);
    expect(send(loggedBy())).toBe(false); // no room: the one before still waits
  });

  it('drops what has no room and counts it: nothing waits', async () => {
    const log = opened({ slots: 8, flushMs: 60_000 });
    log.follow(place);
    for (let index = 0; index < 20; index++) take(log, loggedBy());
    expect(log.counts()).toEqual({ taken: 20, written: 0, dropped: 12 });
    await log.close();
    expect(log.counts()).toEqual({ taken: 20, written: 8, dropped: 12 });
    expect(batches().at(-1)?.writer).toMatchObject({ taken: 20, dropped: 12, isLast: true });
  });

  it('counts what a small view keeps from being freed: few of them wait for long', async () => {
    const log = opened({ mostBytes: 1024 * 1024, flushMs: 60_000 });
    log.follow(place);
    for (let index = 0; index < 12; index++) {
      const body = new ArrayBuffer(100_000);
      take(log, loggedBy(), [
        { datatype: 'FP32', shape: [1, 20], data: new Float32Array(body, 400, 20) },
        asked(1, 'ACME')[1]!,
      ]);
    }
    expect(log.counts().dropped).toBe(2);
  });

  it('counts of memory that requests share what is theirs', () => {
    const log = opened({ mostBytes: 1024 * 1024, slots: 1_000, flushMs: 60_000 });
    log.follow(place);
    const memory = new RowMemory();
    for (let index = 0; index < 30; index++) {
      const data = memory.take(factsOf('FP32'), 784);
      take(log, loggedBy(), [{ datatype: 'FP32', shape: [1, 784], data }, asked(1, 'ACME')[1]!]);
    }
    expect(log.counts().dropped).toBe(0);
  });

  it('leaves out the values of a prediction that is too large for a log', async () => {
    const log = opened();
    log.follow(place);
    const wide = Float32Array.from({ length: 5_000 }, () => 1);
    take(log, loggedBy(), [{ datatype: 'FP32', shape: [1, 5_000], data: wide }, asked(1, 'ACME')[1]!]);
    take(log, loggedBy(), asked(1, 'x'.repeat(600_000)));
    await log.close();
    const [first, second] = batches().flatMap(({ records }) => records);
    expect(first?.inputs).toEqual([
      { shape: [1, 5_000], data: 'too large' },
      { shape: [1, 1], data: ['ACME'] },
    ]);
    expect(second?.inputs.map(({ data }) => data)).toEqual(['too large', 'too large']);
  });

  it('goes on when the disk takes nothing: keeps what it can, says so, and writes it when it may again', async () => {
    rmSync(place.inbox, { recursive: true });
    const log = opened();
    log.follow(place);
    take(log, loggedBy());
    await until(() => log.counts().trouble !== undefined);
    take(log, loggedBy());
    expect(log.counts()).toEqual({ taken: 2, written: 0, dropped: 0, trouble: 'ENOENT' });
    mkdirSync(place.inbox);
    await until(() => log.counts().written === 2);
    expect(log.counts()).toEqual({ taken: 2, written: 2, dropped: 0 });
    expect(batches().map(({ writer }) => writer.sequence)).toEqual([0, 1]);
  });

  it('writes what is more than it writes in one go in order and whole', async () => {
    const log = opened({ flushMs: 60_000 });
    log.follow(place);
    const version = loggedBy();
    const wide = (first: number): Tensor[] => [
      { datatype: 'FP32', shape: [1, 4_096], data: new Float32Array(4_096).fill(first) },
      { datatype: 'BYTES', shape: [1, 1], data: ['ACME'] },
    ];
    for (let index = 0; index < 60; index++) take(log, version, wide(index));
    await log.close();
    const records = batches().flatMap((batch) => batch.records);
    expect(records.map(({ inputs }) => (inputs[0]?.data as Float32Array | undefined)?.[4_095])).toEqual(
      Array.from({ length: 60 }, (_, index) => index),
    );
  });

  it('leaves no half of a batch behind', async () => {
    const log = opened();
    log.follow(place);
    take(log, loggedBy());
    await log.close();
    expect(readdirSync(place.inbox).filter((name) => !name.endsWith('.batch'))).toEqual([]);
  });

  it('takes nothing where there is no log', async () => {
    const log = opened();
    take(log, loggedBy());
    log.follow(place);
    log.follow(undefined);
    take(log, loggedBy());
    await log.close();
    expect(log.counts()).toEqual({ taken: 0, written: 0, dropped: 0 });
    expect(readdirSync(place.inbox)).toEqual([]);
  });

  it('lets only this user read what it writes', async () => {
    const log = opened();
    log.follow(place);
    take(log, loggedBy());
    await log.close();
    chmodSync(place.inbox, 0o700);
    const { statSync } = await import('node:fs');
    for (const name of readdirSync(place.inbox))
      expect(statSync(join(place.inbox, name)).mode & 0o077).toBe(0);
  });
});
