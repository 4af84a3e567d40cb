/** How long the steps of a rollout wait for the requests that they want, at the traffic of today. */
import { wantedRequests } from '../../../core/capabilities/wanted-requests.ts';
import type { Traffic } from '../judging/blast-radius.ts';
import type { Judgement } from '../proposals.ts';

export interface Wait {
  /** The deployment. */
  readonly ref: string;
  /** `wait for 1,200 requests of 1.3.0 in step 2 at 10 % (…): about 14 min at today's 5,200 requests an hour; its pause is 5m: too short`. */
  readonly words: string;
  readonly isTooShort: boolean;
}

/** Those of which something can be said: the deployment's traffic is counted here. */
export function waitsOf({ plan, blastRadius }: Pick<Judgement, 'plan' | 'blastRadius'>): readonly Wait[] {
  const waits: Wait[] = [];
  for (const { ref, steps } of plan?.changes ?? []) {
    const traffic = trafficOf(ref, blastRadius);
    if (traffic === undefined) continue;
    for (const step of steps) {
      const wanted = wantedRequests(step);
      if (wanted === undefined) continue;
      const { requests, percent, within } = wanted;
      const hourly = traffic.requests / traffic.hours;
      const ms = (requests / ((hourly * percent) / 100)) * 3_600_000;
      const isTooShort = within !== undefined && ms > within.ms;
      const time =
        hourly === 0
          ? 'nobody knows how long, as no request came of late'
          : `about ${span(ms)} at today's ${Math.round(hourly).toLocaleString('en-US')} requests an hour`;
      const end = within === undefined ? '' : `; ${within.words}${isTooShort ? ': too short' : ''}`;
      waits.push({ ref, words: `${step.description}: ${time}${end}`, isTooShort });
    }
  }
  return waits;
}

/** What helps where a step is too short. */
export const tooShortHint =
  'What is not measured by then is undecided, and holds the rollout for a human. Give it more time or weight, or want less: minSamples, minimumEffect.';

function trafficOf(
  ref: string,
  { environments }: Judgement['blastRadius'],
): { readonly requests: number; readonly hours: number } | undefined {
  for (const { traffic } of environments) {
    const found = traffic?.touched.find((one) => one.ref === ref);
    if (traffic !== null && found !== undefined) return { requests: found.requests, hours: hoursOf(traffic) };
  }
  return undefined;
}

function hoursOf({ from, to }: Traffic): number {
  return Math.max(1, Date.parse(to) - Date.parse(from)) / 3_600_000;
}

/** A time as people say it: `50 s`, `14 min`, `2.3 h`, `12 days`. */
function span(ms: number): string {
  if (ms < 90_000) return `${Math.max(1, Math.round(ms / 1000))} s`;
  if (ms < 90 * 60_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${Number((ms / 3_600_000).toPrecision(2))} h`;
  return `${Math.round(ms / (24 * 3_600_000)).toLocaleString('en-US')} days`;
}
