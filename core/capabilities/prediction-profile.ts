/** What is asked of a prediction sink about many predictions at once, and what it answers without any of their rows. */

export interface ProfileQuestion {
  readonly environment: string;
  readonly deployment: string;
  /** Predictions made from then on, in milliseconds since 1970 … */
  readonly from: number;
  /** … and before then. */
  readonly to: number;
  /** Of those, the newest so many rows alone. */
  readonly newest?: number;
  /** Only what these versions answered; by default whatever callers were answered. What only shadows answered never counts. */
  readonly versions?: readonly string[];
  /** Only rows with this value of an input. */
  readonly slice?: { readonly input: string; readonly value: string | number | boolean };
  /** Where labels are among them, only predictions that have one count. */
  readonly columns: readonly ProfiledColumn[];
  /**
   * A profile as `libraries/profile` writes it: its columns, types, cells and levels are taken, and no others. Complete hours are
   * then kept, so that the same question a little later reads little.
   */
  readonly reference?: string;
}

/** One value of a prediction, as a column of the profile. */
export interface ProfiledColumn {
  /** What the profile calls it. */
  readonly name: string;
  /** Of labels, true and false are 1 and 0. */
  readonly of: 'input' | 'output' | 'label';
  /** The tensor's name; not of a label. */
  readonly field?: string;
  /** Which of the values that a row has of it, from 0; needed where it has several. */
  readonly index?: number;
  /** What stands for a value that is missing. */
  readonly missing?: string;
}

export interface PredictionProfile {
  readonly rows: number;
  /** Time of the first and of the last of them, in milliseconds since 1970; null where there is none. */
  readonly first: number | null;
  readonly last: number | null;
  /** As `libraries/profile` writes it. */
  readonly profile: string;
  /** Rows that were read for it: the others were counted before. */
  readonly read: number;
}
