import { expect, it } from 'vitest';
import { pagerdutyEvent, pagerdutyNotifier } from '../../../plugins/notifiers/pagerduty.ts';
import { firing, notifierSuite, resolved } from '../../conformance/notifier.ts';
import { openReceiver } from '../../fixtures/receiver.ts';

notifierSuite('pagerduty', async () => {
  const receiver = await openReceiver();
  receiver.answer = () => ({ status: 202, body: { status: 'success' } });
  return {
    notifier: pagerdutyNotifier,
    settings: { url: receiver.url },
    secret: 'e93facc04764012d7bfb002500d5d1a6',
    heard: () => receiver.received.filter(({ path }) => path === '/v2/enqueue').map(({ body }) => body),
    behave: (how) => {
      receiver.behaviour = how;
    },
    saysWhen: true,
    tellsOnce: false,
    close: () => receiver.close(),
  };
});

it('makes one incident of a group: triggered, acknowledged, resolved by the same key', () => {
  const events = [firing, { ...firing, status: 'acknowledged' } as const, resolved].map((one) =>
    pagerdutyEvent(one, 'key'),
  );
  expect(events).toMatchObject([
    {
      routing_key: 'key',
      event_action: 'trigger',
      dedup_key: firing.group,
      payload: {
        summary: '[firing] critical: production/geese was rolled back',
        source: 'https://forge.example.com/acme/registry',
        severity: 'critical',
        component: 'Deployment/production/geese',
        timestamp: '2026-01-01T00:00:00.000Z',
      },
      links: [
        { href: 'https://forge.example.com/7', text: 'Review proposal 7' },
        { href: 'https://wiki.example.com/rolled-back', text: 'Runbook' },
      ],
    },
    { event_action: 'acknowledge', dedup_key: firing.group },
    { event_action: 'resolve', dedup_key: firing.group },
  ]);
  expect(Object.keys(events[1] ?? {}).sort()).toEqual(['dedup_key', 'event_action', 'routing_key']);
});

it('keeps to the limits of the API', () => {
  const event = pagerdutyEvent(
    {
      ...firing,
      group: 'g'.repeat(400),
      alerts: Array(50).fill({
        ...firing.alerts[0],
        summary: 'x'.repeat(2000),
        description: 'y'.repeat(4000),
      }),
    },
    'key',
  ) as { dedup_key: string; payload: { summary: string } };
  expect(event.dedup_key).toHaveLength(255);
  expect(event.payload.summary.length).toBeLessThanOrEqual(1024);
  expect(JSON.stringify(event).length).toBeLessThan(512 * 1024);
});
