import { type Heard, isHmac } from '../../core/capabilities/hosted-forge/index.ts';
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
export function understandGitHub(
  headers: Headers,
  payload: unknown,
  { owner, repo }: Place,
): Heard | undefined {
  if (!telling.includes(headers.get('x-github-event') ?? '')) return undefined;
  const said = payload as {
    repository?: { full_name?: unknown };
    pull_request?: { number?: unknown; updated_at?: unknown };
  } | null;
  const name = said?.repository?.full_name;
  if (typeof name !== 'string' || name.toLowerCase() !== `${owner}/${repo}`.toLowerCase()) return undefined;
  const { number, updated_at: at } = said?.pull_request ?? {};
  return {
    ...(Number.isSafeInteger(number) ? { number: number as number } : {}),
    ...(typeof at === 'string' ? { at } : {}),
  };
}
