import { ChangeDetectionError, type Detector, requireOption, requireWithin } from './detector.ts';

export interface AnytimeAlarmOptions {
  /** The mean that the values have while all is well. */
  readonly baseline: number;
  /** Which way a change is an alarm. Default `above`: errors that become more. */
  readonly side?: 'above' | 'below' | 'both';
  /** The chance of any false alarm, ever. Default 0.05. */
  readonly alpha?: number;
}

export interface AnytimeAlarmState {
  readonly seen: number;
  /** Of each bet: what those that have begun are worth. */
  readonly worth: readonly number[];
}

/** Bets, as shares of the largest that can never lose everything: small ones find small changes, large ones large changes soon. */
const shares = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64] as const;

/**
 * An alarm that may be looked at after every value: while the mean of values from 0 to 1 stays at the baseline (or on the side that
 * is no alarm), the chance that it ever goes off is at most alpha, however long the stream. Values need not be independent;
 * each one's mean, given those before it, is what must stay.
 *
 * Capital is bet on the next value being above the baseline, at fair odds: it is a martingale, and reaches 1 / alpha with chance
 * alpha at most (Ville 1939; betting as Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86,
 * 2024). Because a change may come late, a share of the capital waits and begins to bet at each value: 1 / (t + 1)(t + 2) at value
 * t, which costs a late change about twice the logarithm of its time in evidence, and forgets nothing.
 */
export function anytimeAlarm(
  { baseline, side = 'above', alpha = 0.05 }: AnytimeAlarmOptions,
  state?: AnytimeAlarmState,
): Detector & { evidence(): number } {
  requireOption('baseline', baseline, baseline > 0 && baseline < 1, 'it lies between 0 and 1');
  requireOption('alpha', alpha, alpha > 0 && alpha < 1, 'it lies between 0 and 1');
  const bets = [
    ...(side === 'below' ? [] : shares.map((share) => share / baseline)),
    ...(side === 'above' ? [] : shares.map((share) => -share / (1 - baseline))),
  ];
  let seen = state?.seen ?? 0;
  let worth = Float64Array.from(state?.worth ?? bets.map(() => 0));
  if (worth.length !== bets.length)
    throw new ChangeDetectionError(
      `the state is of ${worth.length} bets, and side '${side}' makes ${bets.length}: begin anew`,
    );

  /** What all bets are worth, with what has not begun to bet. */
  const capital = (): number => {
    let sum = 1 / (seen + 1);
    for (const each of worth) sum += each / bets.length;
    return sum;
  };

  return {
    add(value) {
      requireWithin('the value', value, 0, 1);
      const beginning = 1 / ((seen + 1) * (seen + 2));
      const away = value - baseline;
      for (const [at, bet] of bets.entries()) worth[at] = (worth[at]! + beginning) * (1 + bet * away);
      seen++;
      if (capital() < 1 / alpha) return 'none';
      seen = 0;
      worth = new Float64Array(bets.length);
      return 'alarm';
    },
    get seen() {
      return seen;
    },
    /** At 1 / alpha it is an alarm; below, the p value that may be quoted at any time is at most 1 over its largest value so far. */
    evidence: capital,
    state: (): AnytimeAlarmState => ({ seen, worth: [...worth] }),
  };
}
