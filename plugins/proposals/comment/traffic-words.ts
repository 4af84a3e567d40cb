import type { Traffic } from '../judging/blast-radius.ts';

/** Of one environment: `84 % of 12,340 requests in the last hour (counted at 2026-01-05 12:00 UTC)`. */
export function trafficWords(traffic: Traffic): string {
  const { requests, touched, from, to } = traffic;
  // A source that looks at points in time begins within a fiftieth of where it should.
  const isWhole = Date.parse(to) - Date.parse(from) >= 58 * 60_000;
  const when = `${isWhole ? 'in the last hour' : `since ${minute(from)}`} (counted at ${minute(to)})`;
  if (requests === 0) return `no requests ${when}`;
  const those = touched.reduce((sum, one) => sum + one.requests, 0);
  const total = requests.toLocaleString('en-US');
  return `${share(those, requests)} of ${total} ${requests === 1 ? 'request' : 'requests'} ${when}`;
}

/** What is not nothing and not all is never shown as such. */
function share(part: number, whole: number): string {
  const percent = (100 * part) / whole;
  if (part > 0 && percent < 1) return 'under 1 %';
  if (part < whole && percent > 99) return 'over 99 %';
  return `${Math.round(percent)} %`;
}

function minute(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}
