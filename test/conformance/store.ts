import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry, Resource, Status } from '../../core/plugin.ts';
import type { PlanRecord, SnapshotRecord, Store } from '../../core/state/store.ts';

/** What every store promises. `open` gives a new, empty one each time. */
export function storeSuite(name: string, open: () => Promise<Store>): void {
  describe(`${name} as a store`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    it('is empty at first', async () => {
      expect(await store.inventory()).toEqual([]);
      expect(await store.statuses()).toEqual([]);
      expect(await store.journal({ limit: 10 })).toEqual([]);
      expect(await store.snapshots(10)).toEqual([]);
      expect(await store.plans(10)).toEqual([]);
      expect(await store.cell('Model/a')).toBeUndefined();
      expect(await store.note('applied')).toBeUndefined();
      expect(await store.snapshot('c1')).toBeUndefined();
      expect(await store.plan('c1')).toBeUndefined();
      expect(await store.parsed('v1')).toEqual(new Map());
    });

    describe('inventory', () => {
      it('gives back every resource whole, in order of ref', async () => {
        await store.putInventory([resource('Model/b'), resource('Model/a')]);
        expect(await store.inventory()).toEqual([resource('Model/a'), resource('Model/b')]);
      });

      it('keeps the last one that was put under a ref', async () => {
        await store.putInventory([resource('Model/a', 'old')]);
        await store.putInventory([resource('Model/a', 'new')]);
        expect(await store.inventory()).toEqual([resource('Model/a', 'new')]);
      });

      it('forgets one resource and keeps the others', async () => {
        await store.putInventory([resource('Model/a'), resource('Model/b')]);
        await store.removeInventory('Model/a');
        await store.removeInventory('Model/never-there');
        expect(await store.inventory()).toEqual([resource('Model/b')]);
      });

      it('accepts nothing to put', async () => {
        await store.putInventory([]);
        expect(await store.inventory()).toEqual([]);
      });
    });

    describe('statuses', () => {
      it('keeps the last status of each resource', async () => {
        await store.putStatus(status('Model/a', 'Old'));
        await store.putStatus(status('Model/b', 'Only'));
        await store.putStatus(status('Model/a', 'New'));
        expect(await store.statuses()).toEqual([status('Model/a', 'New'), status('Model/b', 'Only')]);
      });

      it('takes the last word where several are written in one turn', async () => {
        await Promise.all([
          store.putStatus(status('Model/a', 'First')),
          store.removeStatus('Model/a'),
          store.putStatus(status('Model/a', 'Last')),
          store.putStatus(status('Model/b', 'Gone')),
          store.removeStatus('Model/b'),
        ]);
        expect(await store.statuses()).toEqual([status('Model/a', 'Last')]);
      });

      it('forgets a removed status', async () => {
        await store.putStatus(status('Model/a', 'Ready'));
        await store.removeStatus('Model/a');
        expect(await store.statuses()).toEqual([]);
      });

      it('takes thousands in one turn', async () => {
        const refs = Array.from({ length: 3_000 }, (_, index) => `Model/m${String(index).padStart(5, '0')}`);
        await Promise.all(refs.map((ref) => store.putStatus(status(ref, 'Ready'))));
        expect((await store.statuses()).map((each) => each.ref)).toEqual(refs);
      });
    });

    describe('cells and notes', () => {
      it.each([
        ['an object', { deep: { list: [1, 'two', null, true] } }],
        ['a number', 0],
        ['null', null],
        ['an empty string', ''],
        ['text of other scripts', 'наблюдение 観測 🚂'],
        ['text with control characters', 'a\u0000b\n\u001f'],
      ])('gives back %s', async (_what, value) => {
        await store.putCell('Model/a', value);
        await store.putNote('note', value);
        expect(await store.cell('Model/a')).toEqual(value);
        expect(await store.note('note')).toEqual(value);
      });

      it('keeps cells apart by resource, and from notes', async () => {
        await store.putCell('Model/a', 1);
        await store.putCell('Model/b', 2);
        await store.putNote('Model/a', 3);
        expect([
          await store.cell('Model/a'),
          await store.cell('Model/b'),
          await store.note('Model/a'),
        ]).toEqual([1, 2, 3]);
      });

      it('reads many cells asked for in one turn', async () => {
        const refs = Array.from({ length: 500 }, (_, index) => `Model/m${index}`);
        await Promise.all(refs.map((ref, index) => store.putCell(ref, index)));
        const cells = await Promise.all([...refs, 'Model/absent'].map((ref) => store.cell(ref)));
        expect(cells).toEqual([...refs.map((_, index) => index), undefined]);
      });

      it('forgets a removed cell, and one that is put as undefined', async () => {
        await store.putCell('Model/a', { step: 2 });
        await store.removeCell('Model/a');
        expect(await store.cell('Model/a')).toBeUndefined();
        await store.putCell('Model/b', { step: 2 });
        await store.putCell('Model/b', undefined);
        expect(await store.cell('Model/b')).toBeUndefined();
        await store.putNote('held', { commit: 'c1' });
        await store.putNote('held', undefined);
        expect(await store.note('held')).toBeUndefined();
      });

      it('keeps the value of the moment it was put', async () => {
        const cell = { step: 1 };
        const put = store.putCell('Model/a', cell);
        cell.step = 2;
        await put;
        expect(await store.cell('Model/a')).toEqual({ step: 1 });
      });

      it('gives each reader a value of its own', async () => {
        await store.putCell('Model/a', { steps: [1] });
        const first = (await store.cell('Model/a')) as { steps: number[] };
        first.steps.push(2);
        expect(await store.cell('Model/a')).toEqual({ steps: [1] });
      });

      it('reads what was written a moment ago, acknowledged or not', async () => {
        const put = store.putCell('Model/a', 'new');
        expect(await store.cell('Model/a')).toBe('new');
        await put;
      });

      it('refuses what JSON cannot hold and hurts no neighbour', async () => {
        const cycle: Record<string, unknown> = {};
        cycle.self = cycle;
        const neighbour = store.putCell('Model/b', 1);
        await expect(store.putCell('Model/a', cycle)).rejects.toMatchObject({ code: 'UnstorableValue' });
        await expect(store.putNote('a', 1n)).rejects.toMatchObject({ code: 'UnstorableValue' });
        await neighbour;
        expect(await store.cell('Model/a')).toBeUndefined();
        expect(await store.cell('Model/b')).toBe(1);
      });
    });

    describe('journal', () => {
      it('numbers entries from 1, in the order in which they were appended', async () => {
        const appended = await Promise.all(
          Array.from({ length: 120 }, (_, index) => store.append(entry({ message: `entry ${index + 1}` }))),
        );
        expect(appended.map((each) => each.sequence)).toEqual(
          Array.from({ length: 120 }, (_, index) => index + 1),
        );
        const read = await store.journal({ limit: 1_000 });
        expect(read).toEqual(appended.toReversed());
        expect(read.at(-1)).toMatchObject({ sequence: 1, message: 'entry 1' });
      });

      it('gives back an entry whole', async () => {
        const whole = entry({
          ref: 'Model/a',
          commit: 'c1',
          data: { from: '1.0.0', to: null, rows: [1, 2] },
        });
        const appended = await store.append(whole);
        expect(appended).toEqual({ ...whole, sequence: 1 });
        expect(await store.journal({ limit: 1 })).toEqual([appended]);
      });

      it('keeps the entry of the moment it was appended', async () => {
        const data = { step: 1 };
        const appended = store.append(entry({ data }));
        data.step = 2;
        expect((await appended).data).toEqual({ step: 1 });
        expect((await store.journal({ limit: 1 })).map((each) => each.data)).toEqual([{ step: 1 }]);
      });

      it('finds by resource, by type, by commit, and by all of them', async () => {
        await store.append(entry({ type: 'a', ref: 'Model/a', commit: 'c1' }));
        await store.append(entry({ type: 'b', ref: 'Model/a', commit: 'c1' }));
        await store.append(entry({ type: 'a', ref: 'Model/b', commit: 'c2' }));
        await store.append(entry({ type: 'a', ref: null, commit: null }));
        const found = async (query: object) =>
          (await store.journal({ limit: 10, ...query })).map((each) => each.sequence);
        expect(await found({ ref: 'Model/a' })).toEqual([2, 1]);
        expect(await found({ type: 'a' })).toEqual([4, 3, 1]);
        expect(await found({ commit: 'c2' })).toEqual([3]);
        expect(await found({ ref: 'Model/a', type: 'a', commit: 'c1' })).toEqual([1]);
        expect(await found({ ref: 'Model/a', commit: 'c2' })).toEqual([]);
      });

      it('pages by sequence, newest first', async () => {
        for (let index = 0; index < 10; index += 1) await store.append(entry({}));
        const found = async (query: object) =>
          (await store.journal({ limit: 3, ...query })).map((each) => each.sequence);
        expect(await found({})).toEqual([10, 9, 8]);
        expect(await found({ before: 8 })).toEqual([7, 6, 5]);
        expect(await found({ after: 8 })).toEqual([10, 9]);
        expect(await found({ after: 3, before: 6 })).toEqual([5, 4]);
        expect(await found({ after: 10 })).toEqual([]);
      });
    });

    describe('snapshots and plans', () => {
      it('gives back a snapshot whole, by commit', async () => {
        const record = snapshotRecord('c1', { issues: [{ code: 'UnknownField', line: 3 }], state: 'held' });
        await store.putSnapshot(record);
        expect(await store.snapshot('c1')).toEqual(record);
        expect(await store.snapshot('c2')).toBeUndefined();
      });

      it('lists the newest snapshots first, whatever their clocks say', async () => {
        await store.putSnapshot(snapshotRecord('c1', { time: '2026-01-03T00:00:00.000Z' }));
        await store.putSnapshot(snapshotRecord('c2', { time: '2026-01-01T00:00:00.000Z' }));
        await store.putSnapshot(snapshotRecord('c3', { time: '2026-01-02T00:00:00.000Z' }));
        expect((await store.snapshots(2)).map((each) => each.commit)).toEqual(['c3', 'c2']);
      });

      it('moves a commit that is recorded again to the front', async () => {
        await store.putSnapshot(snapshotRecord('c1', { state: 'held' }));
        await store.putSnapshot(snapshotRecord('c2'));
        await store.putSnapshot(snapshotRecord('c1', { state: 'applied' }));
        expect((await store.snapshots(10)).map(({ commit, state }) => [commit, state])).toEqual([
          ['c1', 'applied'],
          ['c2', 'applied'],
        ]);
      });

      it('keeps that order within one turn', async () => {
        await Promise.all(['c1', 'c2', 'c1'].map((commit) => store.putSnapshot(snapshotRecord(commit))));
        await Promise.all(['c1', 'c2', 'c1'].map((commit) => store.putPlan(planRecord(null, commit))));
        expect((await store.snapshots(10)).map((each) => each.commit)).toEqual(['c1', 'c2']);
        expect((await store.plans(10)).map((each) => each.to)).toEqual(['c1', 'c2']);
      });

      it('gives back plans by the commit that they lead to, newest first', async () => {
        await store.putPlan(planRecord(null, 'c1'));
        await store.putPlan(planRecord('c1', 'c2'));
        await store.putPlan(planRecord('c2', 'c3'));
        expect(await store.plan('c2')).toEqual(planRecord('c1', 'c2'));
        expect(await store.plan('c9')).toBeUndefined();
        expect((await store.plans(2)).map((each) => each.to)).toEqual(['c3', 'c2']);
      });

      it('keeps the last plan that leads to a commit', async () => {
        await store.putPlan(planRecord('c1', 'c2'));
        await store.putPlan(planRecord('c0', 'c2'));
        expect(await store.plans(10)).toEqual([planRecord('c0', 'c2')]);
      });
    });

    describe('parsed manifests', () => {
      it('are kept by version of the parser', async () => {
        await store.putParsed('v1', new Map([['b1', '{"one":1}']]));
        await store.putParsed('v2', new Map([['b1', '{"two":2}']]));
        expect(await store.parsed('v1')).toEqual(new Map([['b1', '{"one":1}']]));
        expect(await store.parsed('v2')).toEqual(new Map([['b1', '{"two":2}']]));
        expect(await store.parsed('v3')).toEqual(new Map());
      });

      it('are added to and replaced by blob', async () => {
        await store.putParsed(
          'v1',
          new Map([
            ['b1', 'old'],
            ['b2', 'two'],
          ]),
        );
        await store.putParsed(
          'v1',
          new Map([
            ['b1', 'new'],
            ['b3', 'three'],
          ]),
        );
        await store.putParsed('v1', new Map());
        expect(await store.parsed('v1')).toEqual(
          new Map([
            ['b1', 'new'],
            ['b2', 'two'],
            ['b3', 'three'],
          ]),
        );
      });

      it('are pruned of other versions and of blobs that are no longer there', async () => {
        const blobs = Array.from({ length: 300 }, (_, index) => `b${index}`);
        await store.putParsed('v1', new Map(blobs.map((blob) => [blob, blob])));
        await store.putParsed('v0', new Map([['b7', 'of another parser']]));
        await store.pruneParsed('v1', new Set(['b7', 'b8', 'never-there']));
        expect(await store.parsed('v1')).toEqual(
          new Map([
            ['b7', 'b7'],
            ['b8', 'b8'],
          ]),
        );
        expect(await store.parsed('v0')).toEqual(new Map());
      });
    });

    describe('closing', () => {
      it('may be asked for twice', async () => {
        await store.close();
        await store.close();
      });

      it('acknowledges what was written before', async () => {
        const put = store.putCell('Model/a', 1);
        const [closed] = await Promise.allSettled([store.close(), put]);
        expect(closed.status).toBe('fulfilled');
        await put;
      });

      it('refuses reads and writes afterwards', async () => {
        await store.close();
        await expect(store.putStatus(status('Model/a', 'Ready'))).rejects.toMatchObject({
          code: 'StateClosed',
        });
        await expect(store.append(entry({}))).rejects.toMatchObject({ code: 'StateClosed' });
        await expect(store.cell('Model/a')).rejects.toMatchObject({ code: 'StateClosed' });
        await expect(store.journal({ limit: 1 })).rejects.toMatchObject({ code: 'StateClosed' });
        await expect(store.parsed('v1')).rejects.toMatchObject({ code: 'StateClosed' });
      });
    });
  });
}

function resource(ref: string, to = 'world'): Resource {
  const [kind = '', name = ''] = ref.split('/');
  return {
    ref,
    apiVersion: 'switchyard/v1',
    kind,
    metadata: { name, labels: { team: 'birds' } },
    spec: { to },
    origin: { commit: 'c1', path: `models/${name}.yaml`, line: 1, column: 1 },
    digest: `sha256:${to}`,
    attachments: [{ path: 'card.md', blob: 'b1', size: 5, text: '# hé' }],
  };
}

function status(ref: string, reason: string): Status {
  return {
    ref,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason,
        message: 'all is well',
        observedCommit: 'c1',
        lastTransitionTime: '2026-01-01T00:00:00.000Z',
      },
    ],
    observedDigest: 'sha256:abc',
    suspended: false,
    facts: { processes: 2 },
  };
}

function entry(fields: Partial<JournalEntry>): Omit<JournalEntry, 'sequence'> {
  return {
    time: '2026-01-01T00:00:00.000Z',
    type: 'deployment.switched',
    ref: null,
    commit: null,
    message: 'traffic moved',
    data: {},
    ...fields,
  };
}

function snapshotRecord(commit: string, fields: Partial<SnapshotRecord> = {}): SnapshotRecord {
  return {
    commit,
    time: '2026-01-01T00:00:00.000Z',
    state: 'applied',
    message: 'applied',
    resources: 3,
    issues: [],
    ...fields,
  };
}

function planRecord(from: string | null, to: string): PlanRecord {
  return { from, to, time: '2026-01-01T00:00:00.000Z', plan: { from, to, changes: [{ ref: 'Model/a' }] } };
}
