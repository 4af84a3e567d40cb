import type { TestName } from '../two-sample/index.ts';

/** What one of two samples holds of a column. */
export type ColumnSample = NumberSample | HistogramSample | CategorySample;

interface Counts {
  readonly rows: number;
  /** Rows without a value, NaN among them. */
  readonly missing: number;
}

export interface NumberSample extends Counts {
  readonly type: 'number';
  /** The finite values. */
  readonly values: ArrayLike<number>;
  /** Rows that are infinite: counted, not compared. */
  readonly infinite: number;
  /** Rows of which no number could be read: counted, not compared. */
  readonly unreadable: number;
}

/** Numbers of which only a profile is left. Cells hold values below their edge, from the one before on. */
export interface HistogramSample extends Counts {
  readonly type: 'histogram';
  readonly infinite: number;
  readonly unreadable: number;
  readonly edges: readonly number[];
  /** One more than edges; finite values alone. */
  readonly counts: readonly number[];
  readonly least: number;
  readonly most: number;
  readonly mean: number;
  readonly variance: number;
  /** Where there are few of them: each distinct value and its count. */
  readonly distinct?: readonly (readonly [value: number, count: number])[];
}

export interface CategorySample extends Counts {
  readonly type: 'category';
  readonly counts: ReadonlyMap<string, number>;
  /** Rows of further texts, of which a profile does not know how often each stands there. */
  readonly others?: number;
  /** Different texts, where `counts` does not hold all of them. */
  readonly distinct?: number;
}

/** Why a column was not compared, or `compared`. */
export type ColumnStatus =
  | 'compared'
  /** Compared as "this value or another": the reference holds nothing else. */
  | 'constant-reference'
  /** Both samples hold one and the same value: there is nothing that could differ. */
  | 'constant'
  | 'not-in-reference'
  | 'not-in-current'
  | 'reference-empty'
  | 'current-empty'
  | 'reference-only-missing'
  | 'current-only-missing'
  /** The reference holds numbers, and none can be read in the current sample. */
  | 'type-differs'
  /** Nearly each row has a text of its own: an identifier, a date, free text. */
  | 'identifier'
  /** The test that was asked for is for another type of column. */
  | 'test-not-applicable'
  /** Too few rows, or numbers that the test cannot be made of: `reason` says which. */
  | 'not-comparable';

/** What became of one column. Numbers are finite; null where there is none. */
export interface ColumnDrift {
  readonly column: string;
  /** Whether a model is asked it, is to answer it, or answers it. */
  readonly role: 'input' | 'target' | 'prediction';
  readonly type: 'number' | 'category';
  readonly status: ColumnStatus;
  /** Why it was not compared, in words. */
  readonly reason?: string;
  readonly test: TestName | null;
  readonly method: string | null;
  readonly statistic: number | null;
  readonly pValue: number | null;
  /** Adjusted for the number of tests: what is compared with alpha. */
  readonly adjustedPValue: number | null;
  readonly effect: number | null;
  readonly effectName: string | null;
  /** The effect from which on a significant difference is a drift. */
  readonly threshold: number | null;
  /** Null where it was not compared: that is not "no drift". */
  readonly drifted: boolean | null;
  readonly missing: MissingDrift;
  readonly n: { readonly reference: number; readonly current: number };
  readonly infinite: { readonly reference: number; readonly current: number };
  readonly unreadable: { readonly reference: number; readonly current: number };
  readonly newCategories: SeenCategories;
  readonly vanishedCategories: SeenCategories;
  /** Shares of the cells, for a picture. */
  readonly distribution: readonly CellShare[];
  readonly limits: readonly string[];
}

/** Whether values are missing more, or less, often: judged as a column of its own. */
export interface MissingDrift {
  /** Shares of the rows. */
  readonly reference: number;
  readonly current: number;
  readonly pValue: number | null;
  readonly adjustedPValue: number | null;
  readonly drifted: boolean;
}

/** Categories that one sample has and the other has not. */
export interface SeenCategories {
  readonly count: number;
  readonly rows: number;
  /** The most frequent ones. */
  readonly names: readonly string[];
}

export interface CellShare {
  readonly cell: string;
  readonly reference: number;
  readonly current: number;
}

export interface DatasetDrift {
  readonly columns: number;
  readonly compared: number;
  readonly drifted: number;
  /** Drifted columns of those compared. */
  readonly share: number;
  /** The share from which on the dataset has drifted. */
  readonly threshold: number;
  readonly driftDetected: boolean;
  readonly alpha: number;
  readonly correction: Correction;
  readonly rows: { readonly reference: number; readonly current: number };
}

export type Correction = 'benjamini-hochberg' | 'holm' | 'none';

export interface DriftReport {
  readonly columns: readonly ColumnDrift[];
  readonly dataset: DatasetDrift;
}
