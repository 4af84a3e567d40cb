/** What every `answer-counts` promises. A provider's test file calls this with processes whose answers it decides. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { AnswerCounts, ProcessAnswers } from '../../core/capabilities/answer-counts.ts';

export interface AnsweringProcess {
  /** Its version 1.0.0 of production/geese answers so, after so many seconds. */
  answers(status: number, seconds: number, isNumber?: boolean): void;
  /** It reports, as it does now and then. */
  reports(): void;
  /** Another takes its place under the same id, and has counted nothing. */
  isReplaced(): void;
  /** The version is a shadow from now on. */
  becomesShadow(): void;
}

export interface CountsUnderTest {
  readonly counts: AnswerCounts;
  readonly process: AnsweringProcess;
}

export function answerCountsSuite(name: string, open: () => CountsUnderTest): void {
  describe(`answer counts ${name}`, () => {
    let counts: AnswerCounts;
    let process: AnsweringProcess;
    beforeEach(() => {
      ({ counts, process } = open());
    });

    /** What is heard from now on. */
    function heard(): ProcessAnswers[] {
      const reports: ProcessAnswers[] = [];
      counts.follow((report) => reports.push(report));
      return reports;
    }
    const versionOf = (report: ProcessAnswers | undefined) =>
      report?.versions.find(({ environment, deployment, version }) =>
        [environment, deployment, version].every(
          (part, index) => part === ['production', 'geese', '1.0.0'][index],
        ),
      );
    const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

    test('hands each report to everybody who follows, once', () => {
      const [one, other] = [heard(), heard()];
      process.answers(200, 0.005);
      process.reports();
      process.reports();
      expect(one).toHaveLength(2);
      expect(other).toEqual(one);
    });

    test('counts from the beginning of the process: whoever comes late finds all of it', () => {
      const early = heard();
      for (let count = 0; count < 3; count++) process.answers(200, 0.005);
      process.reports();
      const late = heard();
      process.answers(503, 0.2);
      process.reports();
      expect(versionOf(early[0])?.statuses).toEqual({ 200: 3 });
      expect(late).toHaveLength(1);
      expect(versionOf(late[0])?.statuses).toEqual({ 200: 3, 503: 1 });
    });

    test('counts each answer in one place of the times, and those that are no numbers among them', () => {
      const reports = heard();
      for (const [status, seconds, isNumber] of [
        [200, 0.000_01, true],
        [200, 0.02, false],
        [500, 3, true],
        [200, 100_000, true],
      ] as const)
        process.answers(status, seconds, isNumber);
      process.reports();
      const { seconds, statuses, notFinite } = versionOf(reports[0])!;
      expect(seconds.bounds.toSorted((one, two) => one - two)).toEqual(seconds.bounds);
      expect(seconds.counts).toHaveLength(seconds.bounds.length + 1);
      expect(sum(seconds.counts)).toBe(4);
      expect(sum(Object.values(statuses))).toBe(4);
      expect(seconds.counts.at(-1)).toBe(1);
      expect(notFinite).toBe(1);
    });

    test('is not changed by what is counted later', () => {
      const reports = heard();
      process.answers(200, 0.005);
      process.reports();
      const before = structuredClone(reports[0]);
      process.answers(200, 0.005);
      process.reports();
      expect(reports[0]).toEqual(before);
      expect(JSON.parse(JSON.stringify(reports[0]))).toEqual(reports[0]);
    });

    test('says by another life that counters began anew, under the same id', () => {
      const reports = heard();
      process.answers(200, 0.005);
      process.reports();
      process.reports();
      process.isReplaced();
      process.answers(200, 0.005);
      process.reports();
      const [first, second, third] = reports;
      expect(second?.life).toBe(first?.life);
      expect(third?.process).toBe(first?.process);
      expect(third?.life).not.toBe(first?.life);
      expect(third?.startedAt).toBeGreaterThan(first!.startedAt);
      expect(versionOf(third)?.statuses).toEqual({ 200: 1 });
    });

    test('says of a version that it is a shadow as long as it is one', () => {
      const reports = heard();
      process.answers(200, 0.005);
      process.reports();
      process.becomesShadow();
      process.reports();
      expect(reports.map((report) => versionOf(report)?.isShadow)).toEqual([false, true]);
    });
  });
}
