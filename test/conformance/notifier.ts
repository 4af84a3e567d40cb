/** What every `notifier` promises. A provider's test file calls this with a way to open a receiver that it tells. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Notification, Notifier, NotifierSettings } from '../../core/capabilities/notifier.ts';
import { failureOf } from '../fixtures/failure.ts';

/** One notifier with a receiver of its own, on this machine. */
export interface NotifierUnderTest {
  readonly notifier: Notifier;
  readonly settings: NotifierSettings;
  readonly secret?: string;
  /** What the receiver was told, as texts that a person or a program reads there: one for each thing that it took. */
  heard(): readonly string[];
  /** From now on the receiver says that it is busy, that it refuses, or nothing at all; `well` ends that. */
  behave(how: 'well' | 'busy' | 'refusing' | 'hanging'): void;
  /** Whether it says when to come again while it is busy. */
  readonly saysWhen: boolean;
  /** Whether it tells the same notification once, however often it comes. */
  readonly tellsOnce: boolean;
  close(): Promise<void>;
}

/** Something that fires, with everything that can be said of it. */
export const firing: Notification = {
  id: '0b0e5f5e-6c1c-4d6f-9d6a-3f1d7b0c1a11',
  group: 'b84a2c4ce490822b.0.{"alertname":"rolled-back"}',
  status: 'firing',
  receiver: 'operations',
  groupLabels: { alertname: 'rolled-back' },
  alerts: [
    {
      id: 'ca0bb4374b5e',
      status: 'firing',
      name: 'rolled-back',
      severity: 'critical',
      labels: { alertname: 'rolled-back', severity: 'critical', environment: 'production', name: 'geese' },
      summary: 'production/geese was rolled back',
      description: '1.0.0 answers; the error rate was too high',
      ref: 'Deployment/production/geese',
      since: '2026-01-01T00:00:00.000Z',
      evidence: [{ name: 'Degraded RolledBack', value: 'error rate 0.31 > 0.01' }],
      help: [{ text: 'Review proposal 7', command: 'switchyard show 7', url: 'https://forge.example.com/7' }],
      runbook: 'https://wiki.example.com/rolled-back',
    },
  ],
  omitted: 0,
  at: '2026-01-01T00:00:30.000Z',
  registry: 'https://forge.example.com/acme/registry',
  escalation: 0,
};

const [alert] = firing.alerts;

export const resolved: Notification = {
  ...firing,
  id: '7d3c0c6e-1f83-4f58-9f4e-4d2f4f0e2b22',
  status: 'resolved',
  alerts: firing.alerts.map((one) => ({ ...one, status: 'resolved', until: '2026-01-01T01:00:00.000Z' })),
  at: '2026-01-01T01:00:00.000Z',
};

export function notifierSuite(name: string, open: () => Promise<NotifierUnderTest>): void {
  describe(`${name} as a notifier`, () => {
    let subject: NotifierUnderTest;

    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    const tell = (notification: Notification, signal = new AbortController().signal) => {
      const { notifier, settings, secret } = subject;
      return notifier.notify({ notification, settings, ...(secret === undefined ? {} : { secret }) }, signal);
    };

    test('tells what, where, since when, the evidence and what helps', async () => {
      await tell(firing);
      const text = subject.heard().join('\n');
      for (const said of [alert?.summary, alert?.since, alert?.evidence[0]?.value, alert?.help[0]?.command]) {
        expect(text.replaceAll(/\\(?=[^"n])|&gt;/g, (match) => (match === '&gt;' ? '>' : ''))).toContain(
          said,
        );
      }
      expect(text).toMatch(/geese/);
      expect(text).toContain(alert?.id);
    });

    test('tells that it is over', async () => {
      await tell(firing);
      const before = subject.heard().length;
      await tell(resolved);
      expect(subject.heard().length).toBeGreaterThan(before);
    });

    test('says the same by the same name when it comes again', async () => {
      await tell(firing);
      const once = subject.heard().length;
      await tell(firing);
      if (subject.tellsOnce) expect(subject.heard()).toHaveLength(once);
      else {
        expect(subject.heard()).toHaveLength(2 * once);
        expect(subject.heard()[once]).toBe(subject.heard()[0]);
      }
    });

    test('takes texts that are meant to be more than texts for texts', async () => {
      const summary = '<!channel> @everyone </script> *bold* `$(reboot)` "quotes"';
      await tell({
        ...firing,
        alerts: firing.alerts.map((one) => ({
          ...one,
          summary,
          evidence: [{ name: summary, value: summary }],
        })),
      });
      expect(subject.heard().join('\n')).toContain('channel');
    });

    test('says that trying again may help where nobody answers, or asks to come later', async () => {
      subject.behave('busy');
      const failure = await failureOf(tell(firing));
      expect(failure).toMatchObject({ code: 'NotifierUnreachable' });
      if (subject.saysWhen) expect(failure).toMatchObject({ retryAfterMs: expect.any(Number) });
      expect(subject.heard()).toEqual([]);
      subject.behave('well');
      await tell(firing);
      expect(subject.heard().length).toBeGreaterThan(0);
    });

    test('says that a human must help where it is refused, without the secret', async () => {
      subject.behave('refusing');
      const failure = await failureOf(tell(firing));
      expect(failure).toMatchObject({ code: 'NotifierRefused', hint: expect.stringMatching(/./) });
      const said = JSON.stringify([
        failure.message,
        (failure as { where?: string }).where,
        (failure as { hint?: string }).hint,
      ]);
      if (subject.secret !== undefined) expect(said).not.toContain(subject.secret);
    });

    test('ends soon after it is told to', async () => {
      subject.behave('hanging');
      const stop = new AbortController();
      const telling = failureOf(tell(firing, stop.signal));
      stop.abort();
      expect(await telling).toBeInstanceOf(Error);
    });

    test('finds nothing wrong with settings that it is told by', () => {
      expect(subject.notifier.problem?.(subject.settings)).toBeUndefined();
      if (subject.notifier.secret === 'required') expect(subject.secret).toBeDefined();
    });
  });
}
