import { notifierRefused, notifierUnreachable } from '../../core/capabilities/notifier-errors.ts';
import { politeFetch } from '../../libraries/polite-fetch/index.ts';

/** An answer that says that it was taken, or not, is short. */
const largestAnswer = 1024 * 1024;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends over HTTP for a notifier. `where` stands for the address in errors: that of a receiver may be a secret. What the other
 * side says is given without the secret, which it may repeat. Throws
 * `NotifierUnreachable` where there is no answer, or one to try again; answers whatever else there is to say.
 */
export function sender(where: string, secret?: string): (url: string, init: RequestInit) => Promise<Answer> {
  const hide = (text: string) =>
    secret === undefined || secret.length < 4 ? text : text.replaceAll(secret, '***');
  const send = politeFetch({
    timeoutMs: 20_000,
    largestAnswer,
    patienceMs: 0,
    explain: ({ reason, isLasting, retryAfterMs }) =>
      isLasting
        ? notifierRefused(where, hide(reason), 'Correct the address of the receiver.')
        : notifierUnreachable(where, hide(reason), retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
  return async (url, init) => {
    const answer = await send(url, init);
    const text = hide(await answer.text());
    if (answer.status === 408 || answer.status === 425) {
      throw notifierUnreachable(where, `it answered ${answer.status}`);
    }
    return { status: answer.status, text };
  };
}

/** Sends JSON, and takes any 2xx for taken. */
export async function postJson(
  where: string,
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  secret?: string,
): Promise<void> {
  const { status, text } = await sender(where, secret)(url, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', 'user-agent': 'switchyard', ...headers },
    signal,
  });
  if (status >= 200 && status < 300) return;
  throw notifierRefused(where, `it answered ${status}${said(text)}`, hintFor(status));
}

/** The beginning of what it said, in a line. */
export function said(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
  return line === '' ? '' : `: ${line}`;
}

export function hintFor(status: number): string {
  if (status === 401 || status === 403) return 'See that its secret is right, and may do this.';
  if (status === 404 || status === 410) return 'See that its address is right, and still there.';
  return 'See what it says, and correct the receiver in its AlertRoute.';
}

/** The origin of an address, which is no secret. */
export function originOf(url: unknown): string {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : 'its address';
}

/** Secrets travel over https, or to this machine. */
export function clearTextProblem(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return 'its url is none';
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') return undefined;
  if (protocol !== 'http:') return 'its url must begin with https:';
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
    ? undefined
    : 'its url must begin with https:, or its secret would travel in clear';
}
