/** What the log's own process needs for each prediction that an inference process handed in: to keep it, and to profile it. */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordsInFile } from '../libraries/prediction-batch/index.ts';
import { logPaths } from '../plugins/prediction-log/paths.ts';
import { defaultLogSettings } from '../plugins/prediction-log/settings.ts';
import { PredictionStore } from '../plugins/prediction-log/store/prediction-store.ts';

export interface KeepingCost {
  readonly rows: number;
  /** Microseconds of processor time a prediction. */
  readonly keeping: number;
  readonly profiling: number;
}

/** Enough for a mean; what is wider takes longer. */
const mostRows = 20_000;
const columns = 12;

/** Takes batches out of an inbox, as far as they are needed. */
export async function measureKeeping(folder: string, inbox: string): Promise<KeepingCost> {
  const own = mkdtempSync(join(folder, 'keeping-'));
  const paths = logPaths(own);
  mkdirSync(paths.inbox);
  writeFileSync(paths.keyFile, 'ab'.repeat(32));
  let rows = 0;
  for (const name of readdirSync(inbox)) {
    if (rows >= mostRows) break;
    renameSync(join(inbox, name), join(paths.inbox, name));
    rows += recordsInFile(name) ?? 0;
  }
  const settings = { ...defaultLogSettings, queryTimeoutMs: 600_000 };
  const store = await PredictionStore.open({ paths, settings, now: Date.now, log: () => {} });
  try {
    const keeping = await processorTime(() => store.flush());
    const now = Date.now();
    const names = Array.from({ length: columns }, (_, index) => index);
    const question = {
      ...{ environment: 'production', deployment: 'bench', from: now - 3_600_000, to: now + 3_600_000 },
      columns: names.map((index) => ({ name: `x${index}`, of: 'input' as const, field: 'x', index })),
    };
    const profiling = await processorTime(() => store.profile(question, new AbortController().signal));
    return { rows, keeping: keeping / rows, profiling: profiling / rows };
  } finally {
    await store.close();
    rmSync(own, { recursive: true, force: true });
  }
}

/** Microseconds of this process. */
async function processorTime(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
