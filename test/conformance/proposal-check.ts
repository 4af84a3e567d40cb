/** What every `proposal-check` promises. A provider's test calls this with changes that it has something to say about. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  CheckContext,
  CheckVerdict,
  ProposalCheck,
  ProposalSubject,
} from '../../core/capabilities/proposal-check.ts';
import { recordingLog } from '../fixtures/recording-log.ts';

export interface CheckUnderTest {
  readonly check: ProposalCheck;
  /** What it passes, and what it fails; each loaded anew at every call, as another look would. */
  good(): Promise<ProposalSubject>;
  bad(): Promise<ProposalSubject>;
}

export function proposalCheckSuite(name: string, open: () => Promise<CheckUnderTest>): void {
  describe(`the check ${name}`, () => {
    let check: ProposalCheck;
    let good: ProposalSubject;
    let bad: ProposalSubject;
    let subject: CheckUnderTest;
    beforeAll(async () => {
      subject = await open();
      check = subject.check;
      good = frozen(await subject.good());
      bad = frozen(await subject.bad());
    });

    const verdicts = new Map<ProposalSubject, CheckVerdict>();
    async function verdictOf(about: ProposalSubject): Promise<CheckVerdict> {
      const known = verdicts.get(about) ?? (await check.run(about, context()));
      verdicts.set(about, known);
      return known;
    }

    test('has a title of a few words, and a version that can be counted up', () => {
      expect(check.title).toMatch(/^[A-Z][^\n]{4,70}[^.\n]$/);
      expect(Number.isSafeInteger(check.version) && check.version >= 1).toBe(true);
    });

    test('tells the good from the bad', async () => {
      expect(await verdictOf(good)).toMatchObject({ outcome: 'pass' });
      expect(await verdictOf(bad)).toMatchObject({ outcome: 'fail' });
      expect(check.concerns(good)).not.toBe(check.concerns(bad));
    });

    test('depends on what it says that it depends on: the same at another look, and in another proposal', async () => {
      for (const [about, again] of [
        [good, await subject.good()],
        [bad, await subject.bad()],
      ] as const) {
        const concern = check.concerns(about);
        expect(concern).toEqual(expect.any(String));
        expect(check.concerns(again)).toBe(concern);
        const other = frozen(elsewhere(about));
        if (check.concerns(other) !== concern) continue;
        const { outcome } = await check.run(other, context());
        expect(outcome).toBe((await verdictOf(about)).outcome);
      }
    });

    test('answers one line for people, and figures for programs', async () => {
      for (const about of [good, bad]) {
        const { summary, facts = {}, annotations = [], details = '' } = await verdictOf(about);
        expect(summary).toMatch(/^[^\n\r]{1,400}$/);
        expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
        expect(details).not.toMatch(/undefined|NaN|\[object/);
        expect(summary).not.toMatch(/undefined|NaN|\[object/);
        for (const { path, line, code, message } of annotations) {
          expect(path).toMatch(/^[^/]/);
          expect(line).toBeGreaterThanOrEqual(1);
          expect(code).toMatch(/^[A-Z][A-Za-z]+$/);
          expect(message).not.toBe('');
        }
      }
    });

    test('gives no other verdict when it is told to end', async () => {
      const stop = AbortSignal.abort(new Error('stopped'));
      const outcome = await check.run(good, { ...context(), signal: stop }).then(
        (verdict) => verdict.outcome,
        () => 'stopped',
      );
      expect(['pass', 'stopped']).toContain(outcome);
      if (check.slow === true) expect(outcome).toBe('stopped');
    });

    afterAll(() => verdicts.clear());
  });
}

function context(): CheckContext {
  return { signal: AbortSignal.timeout(60_000), log: recordingLog(), progress: () => {} };
}

/** The same change, proposed by somebody else in other words. */
function elsewhere(subject: ProposalSubject): ProposalSubject {
  const author = { name: 'Grace', email: 'grace@example.com' };
  return {
    ...subject,
    proposal: { ...subject.proposal, number: 42, title: 'Other words', body: 'And more of them.', author },
  };
}

/** Nothing that a check is given may be changed by it: others judge the same. */
function frozen<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  const prototype = Object.getPrototypeOf(value) as unknown;
  if (prototype !== Object.prototype && !Array.isArray(value)) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
