/** What every `service-levels` promises. A provider's test file calls this with a deployment whose answers it decides. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PromisedLevel, ServiceLevels } from '../../core/capabilities/service-levels.ts';

export interface LevelsUnderTest {
  /** The one that runs now. */
  levels(): ServiceLevels;
  /** The deployment answers for so many minutes, well or with 503 alone. */
  passes(minutes: number, how: 'well' | 'badly'): Promise<void>;
  /** Whom it woke. */
  readonly woken: readonly string[];
  /** The process is killed, and another begins. */
  restarts(): Promise<void>;
  close(): void;
}

export const promised: PromisedLevel = {
  owner: 'Deployment/production/geese',
  environment: 'production',
  deployment: 'geese',
  objectives: [
    { name: 'availability', budget: 0.001 },
    { name: 'p95', budget: 0.05, seconds: 0.1 },
  ],
  windowMs: 30 * 24 * 3_600_000,
  minRequests: 30,
};

export function serviceLevelsSuite(name: string, open: () => Promise<LevelsUnderTest>): void {
  describe(`service levels ${name}`, () => {
    let subject: LevelsUnderTest;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());
    const keep = (promise = promised) => subject.levels().keep(promise);

    test('says of each objective what is left of its budget, in whole percent, small enough for a status', async () => {
      keep();
      await subject.passes(90, 'well');
      const level = keep();
      expect(Object.keys(level.budgetLeft).sort()).toEqual(['availability', 'p95']);
      for (const left of Object.values(level.budgetLeft)) expect(Number.isSafeInteger(left)).toBe(true);
      expect(level.burning).toBeUndefined();
      expect(JSON.parse(JSON.stringify(level))).toEqual(level);
      expect(JSON.stringify(level).length).toBeLessThan(4_096);
    });

    test('says the same as often as it is asked, and wakes nobody while nothing is worth telling', async () => {
      keep();
      await subject.passes(90, 'well');
      const level = keep();
      const woken = subject.woken.length;
      expect(keep()).toEqual(level);
      await subject.passes(2, 'well');
      expect(keep()).toEqual(level);
      expect(subject.woken.length).toBe(woken);
    });

    test('wakes the owner when a budget burns, and says how fast, since when, and by what', async () => {
      keep();
      await subject.passes(90, 'well');
      await subject.passes(30, 'badly');
      expect(subject.woken).toContain(promised.owner);
      const { budgetLeft, burning } = keep();
      expect(budgetLeft.availability).toBeLessThan(100);
      expect(burning?.speed).toBe('fast');
      expect(Number.isNaN(Date.parse(burning!.since))).toBe(false);
      expect(burning?.message).not.toBe('');
      const [worst] = burning!.objectives;
      expect(worst).toMatchObject({
        objective: expect.stringContaining('availability'),
        errors: expect.stringContaining('503'),
      });
      expect(worst!.burnRate).toBeGreaterThan(1);
      expect(worst!.versions).toContain('1.0.0');
    });

    test('goes on after a restart: what burned burns', async () => {
      keep();
      await subject.passes(90, 'well');
      await subject.passes(30, 'badly');
      await subject.restarts();
      expect(keep().burning?.objectives[0]?.objective).toContain('availability');
    });

    test('forgets objectives that are declared no more, and all of who promises nothing', async () => {
      keep();
      await subject.passes(30, 'badly');
      const [availability] = promised.objectives;
      const fewer = keep({ ...promised, objectives: [availability!] });
      expect(Object.keys(fewer.budgetLeft)).toEqual(['availability']);
      const levels = subject.levels();
      levels.forget('production', 'geese');
      levels.forget('production', 'geese');
      levels.forget('production', 'nobody');
      expect(keep().burning).toBeUndefined();
    });
  });
}
