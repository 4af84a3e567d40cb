import type { Labels } from '../../../core/capabilities/notifier.ts';
import { allMatch, type Matcher, readMatchers } from './matchers.ts';

/** Somebody does not want to hear of alerts for a while. JSON; times in milliseconds since 1970. */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly string[];
  readonly from: number;
  readonly until: number;
  readonly by: string;
  readonly reason: string;
}

/** Finds the silence that holds an alert back, if one does. */
export function silencer(silences: readonly Silence[], now: number): (labels: Labels) => Silence | undefined {
  const active: { readonly silence: Silence; readonly matchers: readonly Matcher[] }[] = silences
    .filter(({ from, until }) => from <= now && now < until)
    .map((silence) => ({ silence, matchers: readMatchers(silence.matchers) }));
  return (labels) => active.find(({ matchers }) => allMatch(matchers, labels))?.silence;
}
