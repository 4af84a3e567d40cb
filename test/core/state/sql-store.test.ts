import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../core/state/open-store.ts';
import { storeSuite } from '../../conformance/store.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-state-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

storeSuite('the embedded SQL store', () => openStore({ folder: newFolder(), log: recordingLog() }));

describe('the embedded SQL store', () => {
  it('remembers everything after it was closed and opened again', async () => {
    const folder = newFolder();
    const first = await openStore({ folder, log: recordingLog() });
    await first.putCell('Model/a', { step: 2 });
    await first.putNote('applied', 'c1');
    await first.putParsed('v1', new Map([['b1', '{}']]));
    const entry = await first.append(applied('c1'));
    await first.close();

    const log = recordingLog();
    const second = await openStore({ folder, log });
    expect(await second.cell('Model/a')).toEqual({ step: 2 });
    expect(await second.note('applied')).toBe('c1');
    expect(await second.parsed('v1')).toEqual(new Map([['b1', '{}']]));
    expect(await second.journal({ limit: 10 })).toEqual([entry]);
    expect((await second.append(applied('c2'))).sequence).toBe(entry.sequence + 1);
    await second.close();
    expect(log.lines).toEqual([]);
  });

  it('lets two openers write and see what the other wrote', async () => {
    const folder = newFolder();
    const [one, two] = await Promise.all([
      openStore({ folder, log: recordingLog() }),
      openStore({ folder, log: recordingLog() }),
    ]);
    const both = Array.from({ length: 50 }, (_, index) => index);
    await Promise.all(
      both.flatMap((index) => [one.append(applied(`a${index}`)), two.append(applied(`b${index}`))]),
    );
    await one.putCell('Model/a', 'of one');
    await two.putCell('Model/b', 'of two');

    const entries = await one.journal({ limit: 1_000 });
    expect(entries.map((entry) => entry.sequence)).toEqual(
      Array.from({ length: 100 }, (_, index) => 100 - index),
    );
    expect(new Set(entries.map((entry) => entry.commit)).size).toBe(100);
    expect(await two.journal({ limit: 1_000 })).toEqual(entries);
    expect(await two.cell('Model/a')).toBe('of one');
    expect(await one.cell('Model/b')).toBe('of two');

    await one.close();
    await two.putCell('Model/b', 'after the other left');
    expect(await two.cell('Model/b')).toBe('after the other left');
    await two.close();
  });
});

function applied(commit: string) {
  return {
    time: '2026-01-01T00:00:00.000Z',
    type: 'snapshot.applied',
    ref: null,
    commit,
    message: 'applied',
    data: {},
  };
}
