import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageFile } from '../../../../libraries/package-files/index.ts';
import { logPaths } from '../../../../plugins/prediction-log/paths.ts';
import { defaultLogSettings } from '../../../../plugins/prediction-log/settings.ts';
import { isAboutFiles } from '../../../../plugins/prediction-log/store/file-errors.ts';
import { JumpedClock } from '../../../../plugins/prediction-log/store/jumped-clock.ts';
import { PredictionStore } from '../../../../plugins/prediction-log/store/prediction-store.ts';
import { handIn, idAt, key, originOf } from '../predictions.ts';

const day = 86_400_000;
let folder: string;
let stores: PredictionStore[];
let now: number;
let said: { readonly message: string; readonly facts: Readonly<Record<string, unknown>> }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-log-'));
  stores = [];
  said = [];
  now = Date.now();
  writeFileSync(paths().keyFile, key);
});

afterEach(async () => {
  for (const store of stores) await store.close().catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

const paths = () => logPaths(folder);

async function open(more: Partial<typeof defaultLogSettings> = {}): Promise<PredictionStore> {
  const store = await PredictionStore.open({
    paths: paths(),
    settings: { ...defaultLogSettings, memory: 256 * 1024 ** 2, ...more },
    now: () => now,
    log: (_level, message, facts) => void said.push({ message, facts }),
  });
  stores.push(store);
  return store;
}

const forever = new AbortController().signal;

/** Ends without a word, as one that is killed does. */
function kill(_store: PredictionStore): void {}

async function rows(store: PredictionStore, sql: string): Promise<readonly (readonly unknown[])[]> {
  return (await store.query({ sql, limit: 1_000 }, forever)).rows;
}

const count = async (store: PredictionStore) =>
  Number((await rows(store, 'SELECT count(*) FROM predictions'))[0]?.[0]);

function parquetFiles(): string[] {
  return readdirSync(paths().store, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.parquet'))
    .sort();
}

describe('the store of predictions', () => {
  it('answers by SQL at once, and the same once it is all in files', async () => {
    const store = await open();
    const at = Date.parse('2026-03-01T10:00:00.250Z');
    const [id] = handIn(paths().inbox, [{ at, speed: 210.1, phase: 'Über "Climb"' }]);
    const sql = `SELECT id, row, time, date, environment, deployment, version, variant, tenant, subject, latency_ms, trace, process,
      inputs, outputs, (inputs->>'speed')::DOUBLE AS speed FROM predictions`;
    const before = await store.query({ sql, limit: 10 }, forever);
    expect(before).toEqual({
      columns: expect.arrayContaining([
        { name: 'time', type: 'TIMESTAMP' },
        { name: 'inputs', type: 'JSON' },
      ]),
      rows: [
        [
          ...[id, 0, '2026-03-01 10:00:00.25', '2026-03-01', 'production', 'bird-strike', '1.0.0', 'stable'],
          ...['north', null, 1.5, '4bf92f3577b34da6a3ce929d0e0e4736', '0'],
          ...[{ speed: 210.1, phase: 'Über "Climb"' }, { probability: 0.5 }, 210.1],
        ],
      ],
      isCut: false,
    });
    await store.flush();
    expect(readdirSync(paths().inbox)).toEqual([]);
    expect(parquetFiles()).toEqual([
      expect.stringMatching(
        /^predictions\/date=2026-03-01\/environment=production\/deployment=bird-strike\//,
      ),
    ]);
    expect(await store.query({ sql, limit: 10 }, forever)).toEqual(before);
  });

  it('makes a row of each row of a request', async () => {
    const store = await open();
    const { inbox } = paths();
    const wide = originOf({
      inputs: [{ name: 'x', datatype: 'INT64' }],
      outputs: [{ name: 'y', datatype: 'FP64' }],
    });
    const { BatchEncoder, batchFileName } = await import('../../../../libraries/prediction-batch/index.ts');
    const encoder = new BatchEncoder();
    const record = {
      ...{ id: idAt(now), at: now, milliseconds: 1, trace: '', tenant: '', subjects: ['ada', 'bob'] },
      inputs: [{ shape: [2, 2], data: BigInt64Array.of(1n, 2n ** 60n, 3n, 4n) }],
      outputs: [{ shape: [2, 1], data: Float64Array.of(0.25, Number.NaN) }],
    };
    encoder.add(wide, record);
    encoder.add({ ...wide, hasRows: false }, { ...record, id: idAt(now + 1), subjects: [] });
    const writer = { process: '1', pid: 8, startedAt: 1, sequence: 0, taken: 2, dropped: 0, isLast: false };
    mkdirSync(inbox, { recursive: true });
    writeFileSync(join(inbox, batchFileName(writer, 2, now)), Buffer.concat(encoder.take(writer).parts));
    expect(
      await rows(
        store,
        'SELECT row, subject, inputs::VARCHAR, outputs::VARCHAR FROM predictions ORDER BY id, row',
      ),
    ).toEqual([
      [0, 'ada', '{"x":[1,1152921504606846976]}', '{"y":0.25}'],
      [1, 'bob', '{"x":[3,4]}', '{"y":"NaN"}'],
      [0, null, '{"x":[1,1152921504606846976,3,4]}', '{"y":[0.25,"NaN"]}'],
    ]);
  });

  it('says how outlying a row is, and reads files that were written before it did', async () => {
    const store = await open();
    const { inbox, store: folder } = paths();
    handIn(inbox, [{ at: Date.parse('2026-03-01T10:00:00Z'), speed: 1 }]);
    await rows(store, 'SELECT 1');
    await store.flush();
    await store.close();
    const [name = ''] = parquetFiles();
    const [file, older] = [name, name.replace('-c1.', '-c.')].map((one) => join(folder, one));
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:');
    const duck = await instance.connect();
    const whole = `read_parquet('${file}', hive_partitioning = false)`;
    await duck.run(`COPY (SELECT * EXCLUDE (outlier) FROM ${whole}) TO '${older}' (FORMAT parquet)`);
    duck.closeSync();
    instance.closeSync();
    rmSync(file ?? '');

    const next = await open();
    const scored = originOf({ hasOutliers: true });
    handIn(inbox, [{ at: Date.parse('2026-03-01T11:00:00Z'), speed: 2, origin: scored, outlier: 1.5 }]);
    const sql = "SELECT (inputs->>'speed')::DOUBLE, outlier FROM predictions ORDER BY time";
    const both = [
      [1, null],
      [2, 1.5],
    ];
    expect(await rows(next, sql)).toEqual(both);
    await next.flush();
    expect(await rows(next, sql)).toEqual(both);
    const [one] = await rows(next, 'SELECT id FROM predictions WHERE outlier >= 1');
    expect(one).toBeDefined();
  });

  it('is only read: what is no SELECT is refused, and no file but its own can be reached', async () => {
    const store = await open();
    handIn(paths().inbox, [{}]);
    for (const sql of [
      'DELETE FROM recent_predictions',
      'DROP VIEW predictions',
      "COPY (SELECT 1) TO 'x.csv'",
      'SELECT 1; SELECT 2',
      '',
      'SELECT nothing FROM predictions',
      'SELEKT 1',
      "SELECT * FROM read_csv('/etc/passwd')",
      `SELECT * FROM read_text('${paths().keyFile}')`,
      'SET threads = 8',
      'EXPLAIN ANALYZE DELETE FROM recent_predictions',
      "ATTACH ':memory:' AS other",
      'INSTALL httpfs',
    ]) {
      await expect(store.query({ sql, limit: 1 }, forever), sql).rejects.toMatchObject({
        code: 'LogQueryInvalid',
      });
    }
    expect(await count(store)).toBe(1);
  });

  it('answers the questions that its page shows', async () => {
    const store = await open();
    const [id = ''] = handIn(paths().inbox, [{}]);
    await store.label([{ id, row: 0, value: 1 }]);
    const page = readFileSync(packageFile('docs/prediction-log.md'), 'utf8');
    const shown = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.split(';'));
    const questions = shown.map((sql) => sql.trim()).filter((sql) => sql !== '');
    expect(questions.length).toBeGreaterThan(1);
    for (const sql of questions)
      expect((await store.query({ sql, limit: 10 }, forever)).rows.length, sql).toBe(1);
  });

  it('gives up on a question that takes too long or too much, and goes on', async () => {
    const store = await open({ queryTimeoutMs: 300 });
    const endless = 'SELECT count(*) FROM range(1000000000000)';
    await expect(store.query({ sql: endless, limit: 1 }, forever)).rejects.toMatchObject({
      code: 'LogQueryTooLong',
    });
    expect(await count(store)).toBe(0);
    const cut = await store.query({ sql: 'SELECT range FROM range(10)', limit: 3 }, forever);
    expect([cut.rows.length, cut.isCut]).toEqual([3, true]);
  });

  it('keeps each prediction once, wherever its process was killed', async () => {
    const { inbox } = paths();
    const first = await open();
    handIn(inbox, [{}, { origin: originOf({ deployment: 'other' }) }]);
    expect(await count(first)).toBe(2);
    kill(first);
    // Before anything was a file.
    const second = await open();
    expect(await count(second)).toBe(2);
    // Between writing the file and clearing the inbox.
    const kept = readdirSync(inbox).map((name) => [name, readFileSync(join(inbox, name))] as const);
    await second.flush();
    expect(parquetFiles().length).toBe(2);
    for (const [name, bytes] of kept) writeFileSync(join(inbox, name), bytes);
    // And with one of the two places not written yet.
    rmSync(join(paths().store, parquetFiles().find((name) => name.includes('other')) ?? ''));
    const third = await open();
    expect(await count(third)).toBe(2);
    await third.flush();
    const fourth = await open();
    expect(await count(fourth)).toBe(2);
    expect(readdirSync(inbox)).toEqual([]);
  });

  it('keeps each prediction once where it was killed before it cleared the inbox, and files are merged first', async () => {
    const { inbox } = paths();
    const first = await open();
    for (let index = 0; index < 12; index++) {
      handIn(inbox, [{ speed: index }]);
      await first.flush();
    }
    handIn(inbox, [{ speed: 12 }, { origin: originOf({ deployment: 'other' }) }]);
    const left = readdirSync(inbox).map((name) => [name, readFileSync(join(inbox, name))] as const);
    await first.flush();
    kill(first);
    for (const [name, bytes] of left) writeFileSync(join(inbox, name), bytes);
    const second = await open();
    await second.tidy();
    expect(parquetFiles().length).toBe(2);
    // It does not even come to look what waits before it is killed again.
    kill(second);
    expect(readdirSync(inbox).length).toBe(1);
    const third = await open();
    await third.tidy();
    expect(await count(third)).toBe(14);
    expect(readdirSync(inbox)).toEqual([]);
    await third.flush();
    expect(await count(await open())).toBe(14);
  });

  it('removes what a process left half written when it was killed', async () => {
    const { drafts } = paths();
    mkdirSync(drafts, { recursive: true });
    writeFileSync(join(drafts, 'c-1-1-x.parquet'), 'half a file, with rows of somebody');
    await open();
    expect(existsSync(join(drafts, 'c-1-1-x.parquet'))).toBe(false);
  });

  it('makes few files of many, and loses nothing on the way', async () => {
    const store = await open();
    for (let index = 0; index < 14; index++) {
      handIn(paths().inbox, [{ speed: index }]);
      await store.flush();
    }
    expect(parquetFiles().length).toBe(14);
    const old = parquetFiles()[0] ?? '';
    const bytes = readFileSync(join(paths().store, old));
    await store.tidy();
    expect(parquetFiles().length).toBe(1);
    expect(await count(store)).toBe(14);
    // A file that was replaced and is still there, since its process was killed, counts no more.
    writeFileSync(join(paths().store, old), bytes);
    expect(await count(await open())).toBe(14);
    expect(parquetFiles().length).toBe(1);
  });

  it('puts aside what cannot be read, says so, and loses nothing else', async () => {
    const store = await open();
    const { inbox, store: files, broken } = paths();
    handIn(inbox, [{ at: now - day }]);
    await store.flush();
    handIn(inbox, [{ at: now }]);
    await store.flush();
    const [old = '', young = ''] = parquetFiles();
    const whole = readFileSync(join(files, old));
    // Cut off: seen at the start.
    writeFileSync(join(files, old), whole.subarray(0, 100));
    // Damaged inside: seen when it is read.
    const damaged = readFileSync(join(files, young));
    damaged.fill(0xff, 4, damaged.length - 60);
    writeFileSync(join(files, young), damaged);
    writeFileSync(join(inbox, '00000000000001-00000000-0-9-3.batch'), 'no batch');
    handIn(inbox, [{ at: now }]);
    const next = await open();
    expect(await count(next)).toBe(1);
    expect(parquetFiles()).toEqual([]);
    expect(readdirSync(broken).length).toBe(3);
    expect((await next.status()).counts.unreadable).toBe(3);
    const told = said.map(({ message }) => message);
    expect(told.filter((message) => message.includes('put aside')).length).toBe(3);
  });

  it('takes no error of the SQL for damage, whatever words are in it', async () => {
    const store = await open();
    handIn(paths().inbox, [{}]);
    await store.flush();
    const [file = ''] = parquetFiles();
    writeFileSync(join(paths().store, file), 'damaged, which nobody is asked to see');
    for (const sql of [
      'SELECT * FROM parquet',
      'SELECT corrupt FROM range(3)',
      "SELECT * FROM read_parquet('/x.parquet')",
      'SELEKT parquet',
      "SELECT 'zstd'::INTEGER",
      "SELECT error('snappy')",
    ]) {
      await expect(store.query({ sql, limit: 1 }, forever), sql).rejects.toMatchObject({
        code: 'LogQueryInvalid',
      });
    }
    expect(parquetFiles()).toEqual([file]);
    expect(existsSync(paths().broken)).toBe(false);
  });

  it('looks into no file but the one that an error names', async () => {
    const first = await open();
    for (const age of [0, 1, 2]) handIn(paths().inbox, [{ at: now - age * day, speed: age }]);
    await first.flush();
    await first.close();
    const store = await open();
    const [, named = '', other = ''] = parquetFiles();
    for (const one of [named, other])
      writeFileSync(join(paths().store, one), readFileSync(join(paths().store, one)).subarray(0, 100));
    const yesterday = new Date(now - day).toISOString().slice(0, 10);
    const sql = `SELECT count(inputs)::INTEGER FROM predictions WHERE date = DATE '${yesterday}'`;
    expect(await rows(store, sql)).toEqual([[0]]);
    expect(await store.broken()).toEqual([expect.stringContaining(basename(named))]);
    expect(parquetFiles()).toContain(other);
  });

  it('goes on when it cannot write: what was handed in waits, can be asked for, and is written later', async () => {
    const store = await open({ writeEveryMs: 0 });
    handIn(paths().inbox, [{}]);
    // A file where a folder should be stands for a disk that takes nothing.
    writeFileSync(join(paths().store, 'predictions'), '');
    await store.tick();
    expect((await store.status()).trouble).toMatch(/ENOTDIR|EEXIST/);
    expect(store.trouble).toEqual({ log: (await store.status()).trouble });
    expect(await count(store)).toBe(1);
    handIn(paths().inbox, [{}]);
    expect(await count(store)).toBe(2);
    expect(readdirSync(paths().inbox).length).toBe(2);
    rmSync(join(paths().store, 'predictions'));
    now += 120_000;
    await store.tick();
    expect((await store.status()).trouble).toBeUndefined();
    expect(readdirSync(paths().inbox)).toEqual([]);
    expect(await count(store)).toBe(2);
  });

  it('lets go of the oldest where too much waits, and counts it', async () => {
    const { inbox } = paths();
    for (let index = 0; index < 5; index++)
      handIn(
        inbox,
        Array.from({ length: 100 }, () => ({ speed: index })),
      );
    const store = await open({ inboxSize: 40_000 });
    await store.tidy();
    const { counts } = await store.status();
    const left = await rows(
      store,
      "SELECT DISTINCT (inputs->>'speed')::INTEGER AS s FROM predictions ORDER BY s",
    );
    expect(left.at(-1)).toEqual([4]);
    expect(counts.discarded).toBe(500 - (await count(store)));
    expect(counts.discarded).toBeGreaterThan(0);
  });

  it('lets go of what is in memory, too, where its batch is let go of', async () => {
    const { inbox } = paths();
    const hundred = Array.from({ length: 100 }, () => ({}));
    for (let index = 0; index < 5; index++) handIn(inbox, hundred);
    const store = await open({ inboxSize: 40_000 });
    expect(await count(store)).toBe(500);
    await store.tidy();
    const { counts, predictions } = await store.status();
    expect(counts.discarded).toBeGreaterThan(0);
    expect(predictions).toBe(500 - counts.discarded);
    await store.flush();
    expect(await count(store)).toBe(predictions);
  });

  it.each([
    ['Out of Memory Error: failed to allocate data of size 1.0 MiB', false],
    ['IO Error: Could not write to file "a.parquet": No space left on device', false],
    ['IO Error: Cannot open file "a.parquet": Too many open files', false],
    ['IO Error: Cannot open file "a.parquet": No such file or directory', true],
    ["Invalid Input Error: No magic bytes found at end of file 'a.parquet'", true],
    ["Invalid Error: don't know what type: ", true],
    ['Catalog Error: Table with name parquet does not exist!\n\nLINE 1: SELECT * FROM parquet', false],
    ["Conversion Error: Could not convert string 'corrupt' to INT32", false],
    [
      'Invalid Input Error: Malformed JSON at byte 1 of input: unexpected character.  Input: "{parquet"',
      false,
    ],
  ])('takes for damage what may be: %s', (message, isDamage) => {
    expect(isAboutFiles(new Error(message))).toBe(isDamage);
  });

  it('counts what ended with its process', async () => {
    const store = await open();
    handIn(paths().inbox, [{}, {}], { pid: 11, taken: 2 });
    await store.ended({ process: '0', pid: 11, taken: 5 });
    expect((await store.status()).counts.lost).toBe(3);
    // One that said its last word lost nothing, whatever was heard of it before.
    handIn(paths().inbox, [{}], { pid: 12, taken: 1, isLast: true });
    await store.ended({ process: '0', pid: 12, taken: 1 });
    // Halves, whose writers are gone.
    for (const half of [
      '00000000000001-00000000-0-999999999-4.batch.draft',
      '00000000000001-0f0f0f-999999999.told.draft',
      '00000000000001-0f0f0f.labels.999999999.draft',
    ])
      writeFileSync(join(paths().inbox, half), 'half');
    await store.tidy();
    expect(readdirSync(paths().inbox).filter((name) => name.endsWith('.draft'))).toEqual([]);
    expect((await store.status()).counts.lost).toBe(7);
    expect((await (await open()).status()).counts.lost).toBe(7);
  });

  it('lets go of days that are kept no longer, as each deployment declares', async () => {
    const store = await open();
    store.declare({ 'production/short': { retain: 2 * day, feedbackFor: day } });
    const short = originOf({ deployment: 'short' });
    for (const age of [0, 4, 40])
      handIn(paths().inbox, [{ at: now - age * day, origin: short }, { at: now - age * day }]);
    await store.flush();
    await store.tidy();
    expect(
      await rows(store, 'SELECT deployment, count(*)::INTEGER FROM predictions GROUP BY ALL ORDER BY ALL'),
    ).toEqual([
      ['bird-strike', 2],
      ['short', 1],
    ]);
    // What a deployment said last holds also when it is gone.
    now += 3 * day;
    const later = await open();
    await later.tidy();
    expect(await rows(later, 'SELECT DISTINCT deployment FROM predictions')).toEqual([['bird-strike']]);
  });

  it('lets go of nothing because its clock jumped ahead, until that was so for a day', async () => {
    const store = await open();
    handIn(paths().inbox, [{}]);
    await store.flush();
    await store.tidy();
    now += 400 * day;
    await store.tidy();
    expect(await count(store)).toBe(1);
    expect(said.at(-1)?.message).toContain('the clock jumped ahead');
    const clock = new JumpedClock();
    const hour = 3_600_000;
    expect([clock.isHeld(0, 0), clock.isHeld(hour, hour), clock.isHeld(50 * hour, 2 * hour)]).toEqual([
      ...[false, false, true],
    ]);
    expect([clock.isHeld(51 * hour, 3 * hour), clock.isHeld(74 * hour, 26 * hour)]).toEqual([true, false]);
  });

  it('writes and looks up at once although its clock was set back', async () => {
    const store = await open({ writeEveryMs: 60_000 });
    const [id = ''] = handIn(paths().inbox, [{}]);
    await store.tick();
    const told = { environment: 'production', deployment: 'bird-strike', received: now };
    writeFileSync(
      join(paths().inbox, `${String(now).padStart(14, '0')}-abcdef.told`),
      JSON.stringify([{ ...told, labels: [{ id, row: 0, value: true }] }]),
    );
    now -= 10 * day;
    await store.tick();
    expect(parquetFiles().length).toBe(1);
    await store.tick();
    now += 60_000;
    await store.tick();
    expect(parquetFiles().length).toBe(2);
    expect(await rows(store, 'SELECT label::VARCHAR FROM labelled')).toEqual([['true']]);
    expect(readdirSync(paths().inbox)).toEqual([]);
  });

  it('tries again to write what it could not, also where its clock was set back meanwhile', async () => {
    const store = await open({ writeEveryMs: 0 });
    handIn(paths().inbox, [{}]);
    writeFileSync(join(paths().store, 'predictions'), '');
    await store.tick();
    rmSync(join(paths().store, 'predictions'));
    now -= day;
    await store.tick();
    expect(parquetFiles().length).toBe(1);
  });

  it('keeps a prediction of a clock that jumped ahead under the day on which it arrived', async () => {
    const store = await open();
    handIn(paths().inbox, [{ at: now + 400 * day }]);
    await store.flush();
    expect(parquetFiles()[0]).toContain(`date=${new Date(now).toISOString().slice(0, 10)}`);
  });

  it('goes by the label that came last, also where several came within one millisecond', async () => {
    const store = await open();
    const [id = ''] = handIn(paths().inbox, [{}]);
    const told = (...values: readonly string[]) =>
      store.label(values.map((value) => ({ id, row: 0, value })));
    const labels = () => rows(store, 'SELECT label::VARCHAR FROM labelled');
    for (const last of ['f', 'k', 'a', 'p']) {
      await told('b', 'n', last);
      expect(await labels()).toEqual([[JSON.stringify(last)]]);
    }
    await told('g');
    expect(await labels()).toEqual([['"g"']]);
    await store.flush();
    expect(await labels()).toEqual([['"g"']]);
    expect(await rows(store, 'SELECT count(*)::INTEGER FROM labels')).toEqual([[13]]);
  });

  it('looks up what inference processes were told, once predictions must have arrived, and counts the rest', async () => {
    const store = await open();
    const { inbox, broken } = paths();
    const [known = '', other = ''] = handIn(inbox, [{}, { origin: originOf({ deployment: 'other' }) }]);
    const unknown = idAt(now);
    const told = {
      ...{ environment: 'production', deployment: 'bird-strike', received: now },
      labels: [known, known, other, unknown].map((id) => ({ id, row: 0, value: true })),
    };
    const name = (at: number) => `${String(at).padStart(14, '0')}-abcdef.told`;
    writeFileSync(join(inbox, name(now)), JSON.stringify([told]));
    writeFileSync(join(inbox, name(now - 10_000)), 'nothing that was told');
    await store.tick();
    expect(await rows(store, 'SELECT id FROM labels')).toEqual([]);
    now += 2_000;
    await store.tick();
    expect(await rows(store, 'SELECT id, label::VARCHAR FROM labels')).toEqual([[known, 'true']]);
    // Also that of another deployment is unknown: who may speak for one may not for the other.
    expect((await store.status()).counts).toMatchObject({ unknownLabels: 2, unreadable: 1 });
    expect(said.find(({ message }) => message === 'labels are not kept')?.facts).toMatchObject({
      ids: [other, unknown],
    });
    expect(readdirSync(broken).length).toBe(1);
    expect(readdirSync(inbox).filter((file) => file.endsWith('.told'))).toEqual([]);
  });
});
