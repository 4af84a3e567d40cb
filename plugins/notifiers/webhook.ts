import { createHmac } from 'node:crypto';
import type { Notifier, Telling } from '../../core/capabilities/notifier.ts';
import { originOf, postJson } from './sender.ts';

/** Posts notifications as JSON, signed as Standard Webhooks asks for. */
export const webhookNotifier: Notifier = {
  secret: 'optional',
  secretIs: 'the key that it is signed with (HMAC-SHA256)',
  mostAlerts: 1000,

  problem: ({ url }) => (typeof url === 'string' && URL.canParse(url) ? undefined : 'it needs a url'),

  async notify({ notification, settings, secret }: Telling, signal) {
    const body = JSON.stringify({ type: 'switchyard.alert', timestamp: notification.at, data: notification });
    await postJson(
      originOf(settings.url),
      String(settings.url),
      body,
      headersOf(notification.id, body, secret),
      signal,
      secret,
    );
  },
};

/** The time is that of sending, so that what is replayed later can be told. */
function headersOf(
  id: string,
  body: string,
  secret: string | undefined,
  now = Date.now(),
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === undefined) return headers;
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}

/** `whsec_` and base64, as Standard Webhooks writes keys; anything else is taken as it is. */
function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret);
}
