/** What inference processes ask of control, which alone knows it: the name of each ask, what it is about, and what it is answered with. */
import type { Claimed, KeptAnswer } from './claims.ts';
import type { OthersCounts } from './version-counts.ts';

export interface Asks {
  /** What all other processes counted. */
  readonly statistics: { readonly about: Readonly<Record<string, never>>; readonly answer: OthersCounts };
  /** See `Claims.claim`. */
  readonly claim: {
    readonly about: { readonly key: string; readonly fingerprint: string };
    readonly answer: Claimed;
  };
  /** See `Claims.settle`. Nobody waits for an answer. */
  readonly settle: {
    readonly about: { readonly key: string; readonly answer: KeptAnswer | undefined };
    readonly answer: unknown;
  };
}

export type AskName = keyof Asks;

/** A process wants to know something; `Told` has the same number. */
export interface AskOf<Name extends AskName> {
  readonly type: 'ask';
  readonly id: string;
  readonly pid: number;
  readonly number: number;
  readonly what: Name;
  readonly about: Asks[Name]['about'];
}

export type Ask = { readonly [Name in AskName]: AskOf<Name> }[AskName];

/** Who answers each ask; `Asker` is whoever is known to ask. */
export type Answerers<Asker> = {
  readonly [Name in AskName]: (asker: Asker, about: Asks[Name]['about']) => Asks[Name]['answer'];
};
