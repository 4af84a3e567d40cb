import { type Heard, isSecret } from '../../core/capabilities/hosted-forge/index.ts';
import type { WebhookDelivery } from '../../core/plugin.ts';

/** The events that a platform has reason to look for. Approvals come as events of merge requests. */
const telling = ['Push Hook', 'Merge Request Hook'];

/** GitLab sends the secret itself: `X-Gitlab-Token`. */
export function provesGitLab({ headers }: WebhookDelivery, secret: string): boolean {
  return isSecret(headers.get('x-gitlab-token'), secret);
}

/** The same for each try to deliver one event. */
export function gitLabDelivery(headers: Headers): string | undefined {
  return headers.get('idempotency-key') ?? headers.get('x-gitlab-event-uuid') ?? undefined;
}

/** Which proposal it is about; undefined for other events and other projects. */
export function understandGitLab(headers: Headers, payload: unknown, project: string): Heard | undefined {
  if (!telling.includes(headers.get('x-gitlab-event') ?? '')) return undefined;
  const said = payload as {
    project?: { path_with_namespace?: unknown } | null;
    object_attributes?: { iid?: unknown; updated_at?: unknown };
  } | null;
  const path = said?.project?.path_with_namespace;
  if (typeof path !== 'string' || path.toLowerCase() !== project.toLowerCase()) return undefined;
  const { iid, updated_at: at } = said?.object_attributes ?? {};
  return {
    ...(Number.isSafeInteger(iid) ? { number: iid as number } : {}),
    ...(typeof at === 'string' ? { at } : {}),
  };
}
