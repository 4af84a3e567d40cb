/** Parts of the predictions that are judged by themselves: what moves in one of them may not show in all. */
import type { MonitorSpec } from '../../../../schemas/generated/monitor.ts';
import type { Target } from '../../target.ts';

export interface Slice {
  readonly input: string;
  readonly value: string | number;
  /** The column of the dataset that says the same. */
  readonly datasetColumn: string;
}

export function slicesOf({ drift }: MonitorSpec, { columns }: Target): readonly Slice[] {
  return (drift?.slices ?? []).flatMap(({ input, values }) => {
    const column = columns.find(({ of, field }) => of === 'input' && field === input);
    return values.map((value) => ({ input, value, datasetColumn: column?.datasetColumn ?? input }));
  });
}

/** `phase_of_flight=Climb`. */
export function sliceName({ input, value }: Slice): string {
  return `${input}=${value}`;
}
