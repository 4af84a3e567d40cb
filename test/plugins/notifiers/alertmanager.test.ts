import { expect, it } from 'vitest';
import { alertmanagerAlerts, alertmanagerNotifier } from '../../../plugins/notifiers/alertmanager.ts';
import { firing, notifierSuite, resolved } from '../../conformance/notifier.ts';
import { openReceiver } from '../../fixtures/receiver.ts';

notifierSuite('alertmanager', async () => {
  const receiver = await openReceiver();
  return {
    notifier: alertmanagerNotifier,
    settings: { url: `${receiver.url}/` },
    secret: 'bearer-of-a-test',
    // Until when it is so moves on with the time: the labels say which alert it is.
    heard: () =>
      receiver.received
        .filter(({ path }) => path === '/api/v2/alerts')
        .map(({ body }) => body.replaceAll(/"endsAt":"[^"]*"/g, '"endsAt":""')),
    behave: (how) => {
      receiver.behaviour = how;
    },
    saysWhen: true,
    tellsOnce: false,
    close: () => receiver.close(),
  };
});

it('keeps what fires alive a while beyond the next time that it is told, and ends what is over', () => {
  const now = Date.UTC(2026, 0, 1, 0, 1);
  const [one] = alertmanagerAlerts(firing.alerts, firing.registry, now) as {
    startsAt: string;
    endsAt: string;
    labels: object;
  }[];
  expect(one).toMatchObject({
    labels: {
      alertname: 'rolled-back',
      severity: 'critical',
      environment: 'production',
      platform: 'switchyard',
    },
    startsAt: '2026-01-01T00:00:00.000Z',
    endsAt: '2026-01-01T00:05:00.000Z',
  });
  expect(alertmanagerNotifier.repeatMs).toBeLessThan(Date.parse(one?.endsAt ?? '') - now);
  const [over] = alertmanagerAlerts(resolved.alerts, resolved.registry, now) as {
    endsAt: string;
    labels: object;
  }[];
  expect(over).toMatchObject({ endsAt: '2026-01-01T01:00:00.000Z', labels: one?.labels });
});
