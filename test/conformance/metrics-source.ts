/** What every `metrics-source` promises. A provider's test file calls this with questions whose answers it knows. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MetricQuestion, MetricsSource } from '../../core/capabilities/metrics-source.ts';

export interface SourceUnderTest {
  readonly source: MetricsSource;
  /** A question with an answer. */
  readonly known: { readonly question: MetricQuestion; readonly result: unknown; readonly samples: number };
  /** A question about what never happened. */
  readonly nothing: MetricQuestion;
  /** Questions that make no sense. */
  readonly senseless: readonly MetricQuestion[];
  close(): Promise<void>;
}

export function metricsSourceSuite(name: string, open: () => Promise<SourceUnderTest>): void {
  describe(`metrics source ${name}`, () => {
    let subject: SourceUnderTest;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());
    const measure = (question: MetricQuestion, signal = new AbortController().signal) =>
      subject.source.measure(question, signal);

    test('gives the value that is known, with its samples, as JSON', async () => {
      const { question, result, samples } = subject.known;
      const measured = await measure(question);
      expect(measured).toMatchObject({ type: 'value', result, samples });
      expect(JSON.parse(JSON.stringify(measured))).toEqual(measured);
    });

    test('says which window was looked at, and when', async () => {
      const measured = await measure(subject.known.question);
      if (measured.type !== 'value') throw new Error(measured.reason);
      const { from, to } = measured.window;
      expect(from).toBeLessThan(to);
      expect(to - from).toBeLessThanOrEqual(subject.known.question.windowMs);
      expect(Math.abs(Date.now() - measured.observedAt)).toBeLessThan(60_000);
    });

    test('gives the same again, also to two at once: to measure changes nothing', async () => {
      const { question, result } = subject.known;
      const both = await Promise.all([measure(question), measure(question)]);
      for (const measured of [...both, await measure(question)]) expect(measured).toMatchObject({ result });
    });

    test('says that there is no data where nothing happened, and why', async () => {
      const measured = await measure(subject.nothing);
      expect(measured.type).toBe('noData');
      expect((measured as { readonly reason: string }).reason).not.toBe('');
    });

    test('refuses a question that makes no sense', async () => {
      expect(subject.senseless.length).toBeGreaterThan(0);
      for (const question of subject.senseless) {
        await expect(measure(question)).rejects.toMatchObject({ code: 'MetricQueryInvalid' });
      }
    });

    test('ends when it is told to', async () => {
      const stop = new AbortController();
      stop.abort(new Error('stopped'));
      await expect(measure(subject.known.question, stop.signal)).rejects.toThrow('stopped');
    });
  });
}

/** A question of the kind that is asked about a candidate beside stable. */
export function questionOf(query: Readonly<Record<string, unknown>>): MetricQuestion {
  return {
    environment: 'production',
    deployment: 'bird-strike',
    model: 'bird-strike',
    variants: { candidate: '1.3.0', stable: '1.2.0' },
    windowMs: 300_000,
    query,
  };
}
