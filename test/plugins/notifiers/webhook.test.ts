import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { webhookNotifier } from '../../../plugins/notifiers/webhook.ts';
import { firing, notifierSuite } from '../../conformance/notifier.ts';
import { openReceiver } from '../../fixtures/receiver.ts';

async function open() {
  const receiver = await openReceiver();
  return {
    receiver,
    notifier: webhookNotifier,
    settings: { url: `${receiver.url}/alerts` },
    secret: 'hmac-key-of-a-test',
    heard: () => receiver.received.map(({ body }) => body),
    behave: (how: typeof receiver.behaviour) => {
      receiver.behaviour = how;
    },
    saysWhen: true,
    tellsOnce: false,
    close: () => receiver.close(),
  };
}

notifierSuite('webhook', open);

it('signs the name, the time and the bytes, as Standard Webhooks does', async () => {
  const { receiver, settings, close } = await open();
  const key = Buffer.from('0123456789abcdef').toString('base64');
  const keys = [
    ['plain', 'plain'],
    [`whsec_${key}`, Buffer.from(key, 'base64')],
  ] as const;
  for (const [secret] of keys) {
    await webhookNotifier.notify({ notification: firing, settings, secret }, new AbortController().signal);
  }
  for (const [index, [, hmacKey]] of keys.entries()) {
    const { headers, body } = receiver.received[index] ?? { headers: {} as Record<string, string>, body: '' };
    expect(headers['webhook-id']).toBe(firing.id);
    expect(Math.abs(Number(headers['webhook-timestamp']) * 1000 - Date.now())).toBeLessThan(60_000);
    const signed = `${firing.id}.${headers['webhook-timestamp']}.${body}`;
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', hmacKey).update(signed).digest('base64')}`,
    );
    expect(JSON.parse(body)).toEqual({ type: 'switchyard.alert', timestamp: firing.at, data: firing });
  }
  await close();
});
