import { redirectRefused } from './errors.ts';

/** Throws `RedirectRefused` where an answer, asked for with `redirect: 'manual'`, sends on to another address. */
export async function refuseRedirect({ status, headers, body }: Response, url: string): Promise<void> {
  const to = headers.get('location');
  if (to === null || status < 300 || status >= 400) return;
  await body?.cancel();
  throw redirectRefused(url, to);
}
