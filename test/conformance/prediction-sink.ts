/** What every `prediction-sink` promises. A provider's test file calls this with a way to open one. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Label, LabelQuestion, PredictionSink } from '../../core/capabilities/prediction-sink.ts';
import { until } from '../fixtures/until.ts';
import {
  handIn,
  idAt,
  originOf,
  type Predicted,
  pseudonymOf,
} from '../plugins/prediction-log/predictions.ts';
import { profileCases } from './prediction-profile.ts';

export interface SinkUnderTest {
  readonly sink: PredictionSink;
  /** Kills whatever keeps the log, as the system does. */
  kill(): Promise<void>;
  /** Damages every file of that deployment on this machine. */
  damage(deployment: string): void;
  /** Every byte that is kept, wherever it is. */
  bytes(): Buffer;
  close(): Promise<void>;
}

const signal = new AbortController().signal;

export function predictionSinkSuite(name: string, open: () => Promise<SinkUnderTest>): void {
  describe(`prediction sink ${name}`, () => {
    let subject: SinkUnderTest;
    let sink: PredictionSink;
    beforeAll(async () => {
      subject = await open();
      sink = subject.sink;
    });
    afterAll(() => subject.close());

    const give = (...predictions: readonly Predicted[]) => handIn(sink.place.inbox, predictions);
    const rows = async (sql: string) => (await sink.query({ sql, limit: 1_000 }, signal)).rows;
    const at = (deployment: string, more: Parameters<typeof originOf>[0] = {}) =>
      originOf({ deployment, ...more });
    const labelled = (id: string, value: Label['value'], row = 0): Label => ({ id, row, value });

    test('has a place where predictions are handed in, and a key that only this user can read', () => {
      expect(readFileSync(sink.place.keyFile, 'utf8')).toMatch(/^[0-9a-f]{64}\s*$/);
      expect(readdirSync(dirname(sink.place.inbox))).not.toEqual([]);
    });

    test('answers by SQL what was handed in', async () => {
      const [id] = give({ origin: at('asked'), speed: 210, probability: 0.25 });
      const sql = `SELECT id, version, variant, inputs->>'speed', outputs->>'probability' FROM predictions WHERE deployment = 'asked'`;
      expect(await rows(sql)).toEqual([[id, '1.0.0', 'stable', '210', '0.25']]);
    });

    test('refuses what is no question', async () => {
      for (const sql of [
        'DROP VIEW predictions',
        'SELECT 1; SELECT 2',
        'SELECT nothing',
        "COPY (SELECT 1) TO 'x'",
      ]) {
        await expect(sink.query({ sql, limit: 1 }, signal), sql).rejects.toMatchObject({
          code: 'LogQueryInvalid',
        });
      }
    });

    test('ends a question when it is told to', async () => {
      const stop = new AbortController();
      stop.abort(new Error('stopped'));
      await expect(sink.query({ sql: 'SELECT 1', limit: 1 }, stop.signal)).rejects.toThrow('stopped');
    });

    test('works no longer on a question that nobody waits for', async () => {
      give({
        origin: at('abandoned'),
        subject: pseudonymOf(readFileSync(sink.place.keyFile, 'utf8'), 'eve'),
      });
      const stop = new AbortController();
      const endless = 'SELECT count(*) FROM range(1000000000000), predictions';
      const abandoned = sink.query({ sql: endless, limit: 1 }, stop.signal);
      // Questions begin in turn: once this one is answered, the other has begun.
      await rows('SELECT 1');
      stop.abort(new Error('nobody waits'));
      await expect(abandoned).rejects.toThrow('nobody waits');
      // What somebody reads is not erased under their eyes: this would wait for as long as the question may take.
      expect(await sink.erase('eve')).toMatchObject({ predictions: 1, remaining: 0 });
    });

    test('finds a prediction by its id, with each version that saw it and without its values', async () => {
      const id = idAt(Date.now());
      give({ id, origin: at('found') }, { id, origin: at('found', { version: '2.0.0', variant: 'shadow' }) });
      const found = await sink.find(id);
      expect(found).toMatchObject([
        {
          id,
          environment: 'production',
          deployment: 'found',
          version: '1.0.0',
          variant: 'stable',
          rows: 1,
          labels: 0,
        },
        { id, version: '2.0.0', variant: 'shadow' },
      ]);
      expect(found[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(JSON.stringify(found)).not.toContain('Climb');
      expect(await sink.find(idAt(Date.now()))).toEqual([]);
    });

    test('joins what turned out to be true, takes it once, and lets a later word count', async () => {
      const [one = '', two = ''] = give({ origin: at('told') }, { origin: at('told') });
      expect(await sink.label([labelled(one, 1), labelled(two, 0), labelled(one, 1)])).toEqual({
        ...{ taken: 2, duplicates: 1, unknown: 0, late: 0, refused: [] },
      });
      expect(await sink.label([labelled(one, 1), labelled(two, 1)])).toMatchObject({
        taken: 1,
        duplicates: 1,
      });
      const sql = `SELECT id, label::VARCHAR FROM labelled WHERE deployment = 'told' ORDER BY id`;
      expect(await rows(sql)).toEqual([one, two].sort().map((id) => [id, '1']));
    });

    test('counts and names labels that it cannot keep', async () => {
      const old = Date.now() - 100 * 86_400_000;
      const [late = '', known = ''] = give({ at: old, origin: at('late') }, { origin: at('late') });
      const unknown = idAt(Date.now() - 60_000);
      const before = (await sink.status()).counts;
      expect(await sink.label([labelled(late, 1), labelled(unknown, 1), labelled(known, 1, 5)])).toEqual({
        ...{ taken: 0, duplicates: 0, unknown: 2, late: 1, refused: [late, unknown, known] },
      });
      const { unknownLabels, lateLabels } = (await sink.status()).counts;
      expect([unknownLabels - before.unknownLabels, lateLabels - before.lateLabels]).toEqual([2, 1]);
    });

    describe('measures what labels say', () => {
      const day = 86_400_000;
      const question = (more: Partial<LabelQuestion>): LabelQuestion => ({
        environment: 'production',
        deployment: 'measured',
        versions: ['1.0.0', '2.0.0'],
        metric: 'accuracy',
        threshold: 0.5,
        since: Date.now() - day / 2,
        ...more,
      });
      const measure = (more: Partial<LabelQuestion>) => sink.measureLabels(question(more), signal);

      beforeAll(async () => {
        const stable = at('measured');
        const shadow = at('measured', { version: '2.0.0', variant: 'shadow' });
        const yesterday = Date.now() - day;
        const ids = [yesterday, yesterday, yesterday, yesterday].map(idAt);
        const [a = '', b = '', c = '', d = ''] = ids;
        give(
          { id: a, at: yesterday, origin: stable, probability: 0.75, phase: 'Climb' },
          { id: b, at: yesterday, origin: stable, probability: 0.25, phase: 'Climb' },
          { id: c, at: yesterday, origin: stable, probability: 0.25, phase: 'Approach' },
          { id: d, at: yesterday, origin: stable, probability: 0.5, phase: 'Approach' },
          ...ids.map((id) => ({ id, at: yesterday, origin: shadow, probability: 1 })),
        );
        // A day late; the last one is never told.
        await sink.label([labelled(a, 1), labelled(b, false), labelled(c, 1)]);
      });

      test('for the version that predicted, a day late', async () => {
        expect(await measure({})).toEqual({
          sums: {
            '1.0.0': { count: 3, sum: 2, sumSquares: 2 },
            '2.0.0': { count: 3, sum: 2, sumSquares: 2 },
          },
          unfit: 0,
        });
        expect(await measure({ threshold: 0.2 })).toMatchObject({ sums: { '1.0.0': { sum: 2 } } });
      });

      test('for a slice', async () => {
        expect(await measure({ slice: { input: 'phase', value: 'Climb' } })).toMatchObject({
          sums: { '1.0.0': { count: 2, sum: 2 } },
        });
        expect(await measure({ slice: { input: 'speed', value: 210 }, versions: ['1.0.0'] })).toMatchObject({
          sums: { '1.0.0': { count: 3 } },
        });
        expect(await measure({ slice: { input: 'phase', value: "o'clock" } })).toEqual({
          sums: {},
          unfit: 0,
        });
      });

      test('as an error and as a loss', async () => {
        expect((await measure({ metric: 'meanAbsoluteError' })).sums['1.0.0']).toEqual({
          ...{ count: 3, sum: 1.25, sumSquares: 0.6875 },
        });
        const { sum } = (await measure({ metric: 'logLoss' })).sums['1.0.0'] ?? { sum: 0 };
        expect(sum).toBeCloseTo(-Math.log(0.75) - Math.log(0.75) - Math.log(0.25), 12);
        const sure = (await measure({ metric: 'logLoss' })).sums['2.0.0']?.sum ?? 0;
        expect(sure).toBeCloseTo(-Math.log(1e-15), 9);
      });

      test('and nothing where nothing was told, or what was told fits no such measure', async () => {
        expect(await measure({ versions: ['3.0.0'] })).toEqual({ sums: {}, unfit: 0 });
        expect(await measure({ since: Date.now() + 1_000 })).toEqual({ sums: {}, unfit: 0 });
        expect(await measure({ output: 'nothing' })).toEqual({ sums: {}, unfit: 6 });
        const [id = ''] = give({ origin: at('words') });
        await sink.label([labelled(id, 'damaged')]);
        expect(await measure({ deployment: 'words', metric: 'meanAbsoluteError' })).toEqual({
          sums: {},
          unfit: 1,
        });
      });
    });

    profileCases(() => subject);

    test('compares classes by name and by the highest score', async () => {
      const { BatchEncoder, batchFileName } = await import('../../libraries/prediction-batch/index.ts');
      const { writeFileSync } = await import('node:fs');
      const encoder = new BatchEncoder();
      const origin = at('classes', {
        inputs: [],
        outputs: [
          { name: 'class', datatype: 'BYTES' },
          { name: 'scores', datatype: 'FP32' },
          { name: 'index', datatype: 'INT64' },
        ],
      });
      const id = idAt(Date.now());
      encoder.add(origin, {
        ...{ id, at: Date.now(), milliseconds: 1, trace: '', tenant: '', subjects: [], inputs: [] },
        outputs: [
          { shape: [2, 1], data: ['cat', 'dog'] },
          { shape: [2, 3], data: Float32Array.of(0.125, 0.75, 0.125, 0.5, 0.25, 0.25) },
          { shape: [2, 1], data: BigInt64Array.of(1n, 2n) },
        ],
      });
      const writer = { process: '9', pid: 9, startedAt: 1, sequence: 0, taken: 1, dropped: 0, isLast: true };
      writeFileSync(
        join(sink.place.inbox, batchFileName(writer, 1, Date.now())),
        Buffer.concat(encoder.take(writer).parts),
      );
      const sums = async (output: string, metric: LabelQuestion['metric'] = 'accuracy') =>
        (
          await sink.measureLabels(
            {
              ...{ environment: 'production', deployment: 'classes', versions: ['1.0.0'] },
              ...{ metric, output, threshold: 0.5, since: 0 },
            },
            signal,
          )
        ).sums['1.0.0'];
      await sink.label([labelled(id, 'cat', 0), labelled(id, 'cat', 1)]);
      expect(await sums('class')).toEqual({ count: 2, sum: 1, sumSquares: 1 });
      await sink.label([labelled(id, 1, 0), labelled(id, 1, 1)]);
      expect(await sums('scores')).toEqual({ count: 2, sum: 1, sumSquares: 1 });
      expect(await sums('index')).toEqual({ count: 2, sum: 1, sumSquares: 1 });
      expect((await sums('scores', 'logLoss'))?.sum).toBeCloseTo(-Math.log(0.75) - Math.log(0.25), 12);
    });

    test('keeps what was handed in and what was told, once, when it is killed', async () => {
      const [id = ''] = give({ origin: at('killed') }, { origin: at('killed') });
      await sink.label([labelled(id, 1)]);
      await subject.kill();
      const counted = "SELECT count(*)::INTEGER FROM predictions WHERE deployment = 'killed'";
      await until(async () => (await rows(counted).catch(() => []))[0]?.[0] === 2, {
        what: 'it answers again',
      });
      expect(await rows("SELECT label::VARCHAR FROM labelled WHERE deployment = 'killed'")).toEqual([['1']]);
    });

    test('keeps each prediction once, killed at whatever moment', async () => {
      let given = 0;
      const giving = setInterval(() => {
        given += give({ origin: at('moments') }, { origin: at('moments', { version: '2.0.0' }) }).length;
      }, 5);
      // Here while it begins, there while it takes in, writes out or removes what is written.
      for (const pause of [0, 35, 130]) {
        await wait(pause);
        await subject.kill();
      }
      clearInterval(giving);
      const count =
        "SELECT count(*)::INTEGER, count(DISTINCT id)::INTEGER FROM predictions WHERE deployment = 'moments'";
      await until(async () => (await rows(count).catch(() => [])).length > 0, { what: 'it answers again' });
      await sink.erase('nobody-to-have-all-written');
      expect(await rows(count)).toEqual([[given, given]]);
      const { lost, discarded, unreadable } = (await sink.status()).counts;
      expect([lost, discarded, unreadable]).toEqual([0, 0, 0]);
    });

    test('takes no harm from clocks: what is predicted in another year can be asked for', async () => {
      const year = 365 * 86_400_000;
      give(...[-20, 0, 20].map((days) => ({ at: Date.now() + days * 86_400_000, origin: at('clocks') })));
      give({ at: Date.now() + year, origin: at('clocks') });
      await sink.erase('nobody-to-have-all-written');
      const counted = "SELECT count(*)::INTEGER FROM predictions WHERE deployment = 'clocks'";
      expect(await rows(counted)).toEqual([[4]]);
      expect(await rows(`${counted} AND time > now()::TIMESTAMP + INTERVAL 300 DAY`)).toEqual([[1]]);
    });

    test('goes on with all else where a file is damaged, and counts it unless it can be mended', async () => {
      give({ origin: at('damaged') }, { origin: at('whole') });
      await sink.erase('nobody-to-have-all-written');
      const counted = (deployment: string) =>
        rows(`SELECT count(*)::INTEGER FROM predictions WHERE deployment = '${deployment}'`);
      expect(await counted('damaged')).toEqual([[1]]);
      const { unreadable } = (await sink.status()).counts;
      subject.damage('damaged');
      const [[left] = []] = await counted('damaged');
      expect(await counted('whole')).toEqual([[1]]);
      const { counts } = await sink.status();
      expect([left, counts.unreadable - unreadable]).toEqual(left === 1 ? [1, 0] : [0, 1]);
    });

    test('erases a subject wherever it is, proves it, and keeps the others', async () => {
      const pseudonym = pseudonymOf(readFileSync(sink.place.keyFile, 'utf8'), 'ada@example.org');
      const origin = at('erased');
      const [ada = '', bob = ''] = give(
        { origin, subject: pseudonym, phase: 'OnlyAdaFliesThere' },
        { origin, subject: 'bob-bob-bob-bob-bob-bo', phase: 'OnlyBobFliesThere' },
      );
      await sink.label([labelled(ada, 'AdaWasRight'), labelled(bob, 'BobWasRight')]);
      const before = Date.now();
      const erasure = await sink.erase('ada@example.org');
      expect(erasure).toMatchObject({ pseudonym, predictions: 1, labels: 1, remaining: 0 });
      for (const { before, after, rows: held, erased } of erasure.files) {
        expect(before).toMatch(/^sha256:[0-9a-f]{64}$/);
        if (erased === held) expect(after).toBeNull();
        else expect(after).not.toBe(before);
      }
      expect(await rows("SELECT id FROM labelled WHERE deployment = 'erased'")).toEqual([[bob]]);
      expect(await sink.find(ada)).toEqual([]);
      // What was on its way when it was erased is let go of when it arrives; what was predicted later is not.
      give(
        { origin, subject: pseudonym, at: before },
        { origin, subject: pseudonym, at: Date.now() + 5_000 },
      );
      expect(await rows("SELECT count(*)::INTEGER FROM predictions WHERE deployment = 'erased'")).toEqual([
        [2],
      ]);
      expect(await sink.erase('nobody@example.org')).toMatchObject({ predictions: 0, labels: 0, files: [] });
      const kept = subject.bytes();
      expect(kept.includes('ada@example.org')).toBe(false);
    });

    test('counts what an inference process took with it', async () => {
      const { lost } = (await sink.status()).counts;
      handIn(sink.place.inbox, [{ origin: at('ended') }], { pid: 4_242, taken: 1 });
      sink.ended({ process: '0', pid: 4_242, taken: 4 });
      await until(async () => (await sink.status()).counts.lost === lost + 3);
    });
  });
}
