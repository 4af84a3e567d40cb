import { type Heard, isHmac } from '../../core/capabilities/hosted-forge/index.ts';
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
export function understandGitea(
  headers: Headers,
  payload: unknown,
  { owner, repo }: Place,
): Heard | undefined {
  if (!telling.test(headers.get('x-gitea-event') ?? '')) return undefined;
  const said = payload as {
    repository?: { full_name?: unknown } | null;
    pull_request?: { number?: unknown; updated_at?: unknown } | null;
  } | null;
  const name = said?.repository?.full_name;
  if (typeof name !== 'string' || name.toLowerCase() !== `${owner}/${repo}`.toLowerCase()) return undefined;
  const { number, updated_at: at } = said?.pull_request ?? {};
  return {
    ...(Number.isSafeInteger(number) ? { number: number as number } : {}),
    ...(typeof at === 'string' ? { at } : {}),
  };
}
