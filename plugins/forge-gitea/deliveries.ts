import { type Heard, heardPullRequest, isHmac } from '../../core/capabilities/hosted-forge/index.ts';
import type { WebhookDelivery } from '../../core/plugin.ts';
import type { Place } from './client.ts';

/** The events that a platform has reason to look for, by how they begin. */
const telling = /^(push|create|delete|pull_request)/;

/** Gitea signs the bytes with HMAC-SHA-256: `X-Gitea-Signature`. */
export function provesGitea({ headers, body }: WebhookDelivery, secret: string): boolean {
  return isHmac(headers.get('x-gitea-signature'), body, secret);
}

export function giteaDelivery(headers: Headers): string | undefined {
  return headers.get('x-gitea-delivery') ?? undefined;
}

/** Which proposal it is about; undefined for other events and other repositories. */
export function understandGitea(headers: Headers, payload: unknown, place: Place): Heard | undefined {
  if (!telling.test(headers.get('x-gitea-event') ?? '')) return undefined;
  return heardPullRequest(payload, place);
}
