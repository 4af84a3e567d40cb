/** What every `prediction-sink` promises of profiles: part of its suite. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { PredictionProfile, ProfileQuestion } from '../../core/capabilities/prediction-profile.ts';
import {
  CategoryColumn,
  makeProfile,
  NumberColumn,
  type Profile,
  readProfile,
  writeProfile,
} from '../../libraries/profile/index.ts';
import { handIn, originOf, type Predicted, pseudonymOf } from '../plugins/prediction-log/predictions.ts';
import type { SinkUnderTest } from './prediction-sink.ts';

const hour = 3_600_000;
const signal = new AbortController().signal;

/** What 1990 was like, as a profile that traffic is counted by. */
function reference(): Profile {
  const speed = new NumberColumn('speed');
  for (let value = 0; value < 100; value++) speed.add(100 + value);
  const phase = new CategoryColumn('phase');
  for (const name of ['Climb', 'Climb', 'Approach']) phase.add(name);
  return makeProfile(100, [speed.profile(), phase.profile()]);
}

export function profileCases(subject: () => SinkUnderTest): void {
  describe('profiles predictions', () => {
    const give = (deployment: string, ...predictions: readonly Predicted[]) =>
      handIn(
        subject().sink.place.inbox,
        predictions.map((one) => ({ origin: originOf({ deployment }), ...one })),
      );
    const inputs: ProfileQuestion['columns'] = [
      { name: 'speed', of: 'input', field: 'speed', missing: '-1' },
      { name: 'phase', of: 'input', field: 'phase' },
    ];
    const begin = Math.floor(Date.now() / hour) * hour - 5 * hour;
    const ask = (deployment: string, more: Partial<ProfileQuestion> = {}): Promise<PredictionProfile> =>
      subject().sink.profile(
        {
          ...{ environment: 'production', deployment, from: begin, to: begin + 4 * hour },
          ...{ columns: inputs, reference: writeProfile(reference()) },
          ...more,
        },
        signal,
      );

    test('of a stretch of time, by the cells and levels of a reference', async () => {
      give(
        'profiled',
        { at: begin, speed: 120, phase: 'Climb' },
        { at: begin + 1.5 * hour, speed: 160, phase: 'Taxi' },
        { at: begin + 1.6 * hour, speed: -1, phase: 'Approach' },
        { at: begin + 4 * hour, speed: 180, phase: 'Taxi' },
        // What a shadow answered nobody was told, and its inputs are those of the others.
        { at: begin, origin: originOf({ deployment: 'profiled', variant: 'shadow', version: '2.0.0' }) },
      );
      const answer = await ask('profiled');
      expect(answer).toMatchObject({ rows: 3, first: begin, last: begin + 1.6 * hour, read: 3 });
      const { digest } = reference();
      const found = readProfile(answer.profile);
      expect(found).toMatchObject({ rows: 3, reference: digest });
      expect(found.columns).toMatchObject([
        { name: 'speed', type: 'number', rows: 3, missing: 1, least: 120, most: 160, mean: 140 },
        {
          name: 'phase',
          levels: [
            ['Climb', 1],
            ['Approach', 1],
          ],
          others: 1,
          unseen: ['Taxi'],
        },
      ]);
    });

    test('counts a complete hour once, and anew where it has other rows by now', async () => {
      const first = await ask('profiled');
      expect(first.read).toBe(0);
      give('profiled', { at: begin + 1.7 * hour, speed: 140, phase: 'Climb' });
      const second = await ask('profiled');
      expect(second).toMatchObject({ rows: 4, read: 3 });
      expect(await ask('profiled')).toEqual({ ...second, read: 0 });
      // An hour of which a part is meant is no hour that was kept.
      expect(await ask('profiled', { from: begin + 1.55 * hour })).toMatchObject({ rows: 2, read: 2 });
    });

    test('of versions, of a slice, and of the newest rows', async () => {
      const origin = originOf({ deployment: 'parts', version: '2.0.0', variant: 'candidate' });
      give(
        'parts',
        { at: begin, speed: 110, phase: 'Climb' },
        { at: begin + hour, speed: 120, phase: 'Taxi' },
        { at: begin + 2 * hour, speed: 130, phase: 'Climb', origin },
      );
      const meanOf = async (more: Partial<ProfileQuestion>) => {
        const { profile } = await ask('parts', more);
        const [speed] = readProfile(profile).columns;
        return speed?.type === 'number' ? speed.mean : undefined;
      };
      expect(await meanOf({ versions: ['2.0.0'] })).toBe(130);
      expect(await meanOf({ slice: { input: 'phase', value: 'Climb' } })).toBe(120);
      expect(await meanOf({ newest: 2 })).toBe(125);
      expect(await ask('parts', { newest: 2 })).toMatchObject({ rows: 2, first: begin + hour });
    });

    test('of outputs, and of labels where they were told', async () => {
      const [one = ''] = give(
        'outcomes',
        { at: begin, probability: 0.25 },
        { at: begin + 1, probability: 0.75 },
      );
      await subject().sink.label([{ id: one, row: 0, value: true }]);
      const probability = { name: 'probability', of: 'output', field: 'probability' } as const;
      const { profile } = await ask('outcomes', { columns: [probability], reference: undefined });
      expect(readProfile(profile).columns).toMatchObject([{ name: 'probability', rows: 2, mean: 0.5 }]);
      const told = await ask('outcomes', {
        columns: [{ name: 'label', of: 'label' }, probability],
        reference: undefined,
      });
      expect(readProfile(told.profile).columns).toMatchObject([
        { name: 'label', rows: 1, mean: 1 },
        { name: 'probability', mean: 0.25 },
      ]);
    });

    test('of nothing where there is nothing', async () => {
      const answer = await ask('silent');
      expect(answer).toMatchObject({ rows: 0, first: null, last: null, read: 0 });
      expect(readProfile(answer.profile).columns).toMatchObject([{ rows: 0 }, { rows: 0 }]);
      expect(await ask('silent', { newest: 10 })).toMatchObject({ rows: 0 });
    });

    test('refuses what is no question', async () => {
      for (const wrong of [
        { from: begin + 5 * hour },
        { columns: [] },
        { columns: [inputs[0]!, inputs[0]!] },
        { reference: '{}' },
        { newest: 0 },
        { environment: '../..' },
      ]) {
        await expect(ask('profiled', wrong), JSON.stringify(wrong)).rejects.toMatchObject({
          code: 'LogQueryInvalid',
        });
      }
    });

    test('keeps nothing of a subject that is erased', async () => {
      const pseudonym = pseudonymOf(readFileSync(subject().sink.place.keyFile, 'utf8'), 'mallory');
      give('erased-profile', { at: begin, phase: 'OnlyMalloryFliesThere', subject: pseudonym });
      expect((await ask('erased-profile')).profile).toContain('OnlyMalloryFliesThere');
      await subject().sink.erase('mallory');
      expect((await ask('erased-profile')).rows).toBe(0);
      expect(subject().bytes().includes('OnlyMalloryFliesThere')).toBe(false);
    });
  });
}
