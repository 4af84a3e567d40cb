import { type Heard, heardPullRequest, isHmac } from '../../core/capabilities/hosted-forge/index.ts';
import type { WebhookDelivery } from '../../core/plugin.ts';
import type { Place } from './client.ts';

/** The events that a platform has reason to look for. */
const telling = [
  'push',
  'pull_request',
  'pull_request_review',
  'pull_request_review_thread',
  'create',
  'delete',
];

/** GitHub signs the bytes with HMAC-SHA-256: `X-Hub-Signature-256: sha256=…`. */
export function provesGitHub({ headers, body }: WebhookDelivery, secret: string): boolean {
  const [, given = null] = /^sha256=(.*)$/.exec(headers.get('x-hub-signature-256') ?? '') ?? [];
  return isHmac(given, body, secret);
}

export function gitHubDelivery(headers: Headers): string | undefined {
  return headers.get('x-github-delivery') ?? undefined;
}

/** Which proposal it is about; undefined for other events and other repositories. */
export function understandGitHub(headers: Headers, payload: unknown, place: Place): Heard | undefined {
  if (!telling.includes(headers.get('x-github-event') ?? '')) return undefined;
  return heardPullRequest(payload, place);
}
