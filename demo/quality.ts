import type { Answer } from './answers.ts';
import type { Strike } from './strikes.ts';

export interface Quality {
  readonly version: string;
  /** How often a damaging strike ranks above a harmless one; 0.5 is chance. */
  readonly auc: number;
  readonly right: number;
  /** Damaging strikes that were foreseen. */
  readonly caught: number;
  /** Harmless strikes that were not. */
  readonly alarms: number;
}

/** Judges answers by what really happened. */
export function qualityOf(strikes: readonly Strike[], answers: readonly Answer[]): Quality {
  const judged = strikes.map((strike, row) => {
    const answer = answers[row];
    if (answer === undefined) throw new Error(`strike ${strike.id} has no answer`);
    return { really: strike.damaged, said: answer.damaged, probability: answer.probability };
  });
  return {
    version: answers[0]?.version ?? '',
    auc: areaUnderCurve(judged),
    right: judged.filter(({ really, said }) => really === said).length,
    caught: judged.filter(({ really, said }) => really && said).length,
    alarms: judged.filter(({ really, said }) => !really && said).length,
  };
}

/** By ranks; equal probabilities share theirs. */
function areaUnderCurve(
  judged: readonly { readonly really: boolean; readonly probability: number }[],
): number {
  const sorted = [...judged].sort((a, b) => a.probability - b.probability);
  let ranks = 0;
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    while (end < sorted.length && sorted[end]?.probability === sorted[start]?.probability) end += 1;
    const shared = (start + 1 + end) / 2;
    for (let at = start; at < end; at++) if (sorted[at]?.really) ranks += shared;
    start = end;
  }
  const positive = judged.filter(({ really }) => really).length;
  const negative = judged.length - positive;
  return (ranks - (positive * (positive + 1)) / 2) / (positive * negative);
}
