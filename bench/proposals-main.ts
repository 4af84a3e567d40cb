/** The process that the benchmark of proposals measures. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openRepository } from '../libraries/git/open-repository.ts';
import { GitForge } from '../plugins/forge-git/git-forge.ts';

export interface ProposalsOrder {
  readonly repository: string;
  /** The forge's folder on this machine: kept from one process to the next. */
  readonly state: string;
  readonly what: 'look' | 'propose' | 'keys';
  /** What to propose, all at once. */
  readonly keys?: readonly string[];
}

/** Milliseconds. */
export interface ProposalsAnswer {
  readonly list: readonly number[];
  readonly show: readonly number[];
  readonly open: readonly number[];
  readonly afterEvent: readonly number[];
  /** Three processes of git that do nothing, one after another: opening a proposal takes three that do something. */
  readonly spawns: readonly number[];
  readonly numbers: readonly number[];
  readonly keys: readonly string[];
}

const start = promisify(execFile);
const author = { name: 'Bench', email: 'bench@example.com' };

process.on('message', (order: ProposalsOrder) => {
  answer(order).then(
    (found) => process.send?.(found, () => process.disconnect()),
    (thrown) => {
      console.error(thrown);
      process.exit(1);
    },
  );
});

async function answer(order: ProposalsOrder): Promise<ProposalsAnswer> {
  const nothing = { list: [], show: [], open: [], afterEvent: [], spawns: [], numbers: [], keys: [] };
  const repository = await openRepository(order.repository);
  const forge = new GitForge({ repository, base: 'refs/heads/main', folder: order.state });
  try {
    const on = (await repository.resolve('main')) as string;
    if (order.what === 'keys') {
      const all = await forge.list({ state: 'open', limit: 1_000_000 });
      return { ...nothing, keys: all.flatMap(({ key }) => key ?? []) };
    }
    if (order.what === 'propose') {
      const opened = await Promise.all(
        (order.keys ?? []).map((key) => forge.open(draft(`propose-${key}`, on))),
      );
      return { ...nothing, numbers: opened.map(({ number }) => number) };
    }
    const list: number[] = [];
    for (let round = 0; round < 12; round++) list.push(await timed(() => forge.list({ limit: 1_000_000 })));
    const show: number[] = [];
    for (let number = 1; number <= 40; number++) {
      show.push(
        await timed(() => Promise.all([forge.get(number), forge.reviews(number), forge.comments(number)])),
      );
    }
    const open: number[] = [];
    const afterEvent: number[] = [];
    for (let round = 0; round < 12; round++) {
      const key = `look-${process.pid}-${round}`;
      open.push(await timed(() => forge.open(draft(key, on))));
      afterEvent.push(await timed(() => forge.list({ limit: 1_000_000 })));
    }
    const spawns: number[] = [];
    for (let round = 0; round < 12; round++) spawns.push(await timed(threeProcesses));
    return { ...nothing, list, show, open, afterEvent, spawns };
  } finally {
    await forge.stop();
    await repository.close();
  }
}

function draft(key: string, on: string) {
  const changes = new Map([[`environments/production/${key}.yaml`, `version: ${key}\n`]]);
  return {
    key,
    on,
    changes,
    message: `feat: promote ${key}`,
    title: `Promote ${key}`,
    body: 'Better.',
    author,
  };
}

async function threeProcesses(): Promise<void> {
  for (let count = 0; count < 3; count++) await start('git', ['--version']);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
