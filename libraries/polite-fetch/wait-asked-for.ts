/** How long a server without a word about it is left alone, in milliseconds. */
const usualWait = 60_000;
const longestWait = 24 * 60 * 60 * 1000;

/**
 * Milliseconds to wait where an answer says "too often"; undefined for any other. GitHub says it with 403 as well as
 * 429, with `Retry-After` (secondary limits) or with `X-RateLimit-Reset` (the primary one); GitLab with `RateLimit-Reset`.
 */
export async function waitAskedFor(answer: Response, now: number): Promise<number | undefined> {
  if (!(await isTooOften(answer))) return undefined;
  // Their clock and ours may differ: times are read against the `Date` of the same answer.
  const theirNow = Date.parse(answer.headers.get('date') ?? '') || now;
  const wait = retryAfter(answer.headers, theirNow) ?? reset(answer.headers, theirNow) ?? usualWait;
  return Math.min(Math.max(wait, 0), longestWait);
}

async function isTooOften(answer: Response): Promise<boolean> {
  if (answer.status === 429) return true;
  if (answer.status !== 403) return false;
  if (answer.headers.has('retry-after') || answer.headers.get('x-ratelimit-remaining') === '0') return true;
  return /secondary rate limit|rate limit exceeded|abuse detection/i.test(await answer.clone().text());
}

function retryAfter(headers: Headers, theirNow: number): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time - theirNow;
}

function reset(headers: Headers, theirNow: number): number | undefined {
  const value = headers.get('x-ratelimit-reset') ?? headers.get('ratelimit-reset');
  if (value === null || !/^\d{1,12}$/.test(value.trim())) return undefined;
  // A second more: the limit ends within the second that is named.
  return Number(value) * 1000 - theirNow + 1000;
}
