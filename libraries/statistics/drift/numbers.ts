import type { Cells, CellTest, NumericTest, TestName, TestOutcome } from '../two-sample/index.ts';
import type { CategorySample, CellShare } from './column.ts';

/** The numbers of two samples, whatever is known of them: their rows, how often each value stands there, or a histogram. */
export interface Numbers {
  readonly referenceRows: number;
  /** Different values of both; more than `fewValues` need not be told apart. */
  readonly distinct: number;
  /** Of a reference that is one value: which, and how many rows of both samples are that value and how many another. */
  readonly constant?: { readonly value: number; readonly cells: Cells };
  /** Each value as a category. Asked for only where there are few. */
  categories(): Both<CategorySample>;
  /** Why a test cannot be made of what is known. */
  whyNot(test: TestName): string | undefined;
  /** Throws `StatisticsError`. */
  judge(test: NumericTest | CellTest): {
    readonly outcome: TestOutcome;
    readonly distribution: readonly CellShare[];
  };
}

export interface Both<Of> {
  readonly reference: Of;
  readonly current: Of;
}
