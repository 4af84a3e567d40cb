import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../libraries/package-files/index.ts';
import { median } from './median.ts';
import { fillForge } from './proposals-filling.ts';
import type { ProposalsAnswer, ProposalsOrder } from './proposals-main.ts';
import { type BenchOptions, type BenchReport, round } from './report.ts';

const proposers = 50;
const processes = 5;

/** Lists and opens in a forge that is full, in fresh processes and in one that goes on; then many propose at once. */
export async function embeddedForge(folder: string, options: BenchOptions): Promise<BenchReport> {
  const size = options.quick ? { proposals: 100, events: 20 } : { proposals: 1_000, events: 100 };
  const repository = join(folder, 'registry.git');
  const state = join(folder, 'state');
  mkdirSync(state, { recursive: true });
  options.progress(`${size.proposals} proposals of ${size.events} events: making them`);
  await fillForge(repository, size);
  const floor = forEachRef(repository);
  const looking = { repository, state, what: 'look' } as const;
  options.progress('the first process reads them');
  const cold = await child(looking);
  options.progress('the next processes find them read');
  const warm = [await child(looking), await child(looking), await child(looking)].sort(
    (one, other) => one.list[0]! - other.list[0]!,
  )[0]!;
  options.progress(`${proposers} proposers in ${processes} processes`);
  const began = performance.now();
  const each = proposers / processes;
  const proposed = await Promise.all(
    Array.from({ length: processes }, (_, index) =>
      child({
        repository,
        state,
        what: 'propose',
        keys: Array.from({ length: each }, (_, one) => `${index}-${one}`),
      }),
    ),
  );
  const took = performance.now() - began;
  const numbers = new Set(proposed.flatMap((answer) => answer.numbers));
  const keys = await child({ repository, state, what: 'keys' });
  const kept = new Set(keys.keys.filter((key) => key.startsWith('propose-')));
  const once = keys.keys.filter((key) => key.startsWith('propose-')).length === kept.size;
  const [list, show, open] = [median(warm.list.slice(1)), median(warm.show), median(warm.open)];
  return {
    tables: [
      {
        title: `The embedded forge with ${size.proposals} proposals and ${size.proposals * size.events} events (milliseconds)`,
        columns: [
          '',
          'list all',
          'floor: for-each-ref',
          'show one',
          'open one',
          'floor: three gits',
          'list after an event',
        ],
        rows: [
          [
            'first process, nothing read',
            round(cold.list[0]!),
            round(floor),
            round(cold.show[0]!),
            '',
            '',
            '',
          ],
          [
            'another process',
            round(warm.list[0]!),
            round(floor),
            round(warm.show[0]!),
            round(warm.open[0]!),
            '',
            '',
          ],
          [
            'one that goes on (p50)',
            round(list),
            round(floor),
            round(show),
            round(open),
            round(median(warm.spawns)),
            round(median(warm.afterEvent)),
          ],
        ],
      },
      {
        title: `${proposers} proposers at once in ${processes} processes`,
        columns: ['proposals', 'numbers', 'seconds'],
        rows: [[kept.size, numbers.size, round(took / 1000)]],
      },
    ],
    numbers: {
      'forge.list.cold.ms': cold.list[0]!,
      'forge.list.next.ms': warm.list[0]!,
      'forge.list.p50.ms': list,
      'forge.show.p50.ms': show,
      'forge.open.p50.ms': open,
      'forge.forEachRef.ms': floor,
      'forge.threeGits.ms': median(warm.spawns),
      'forge.proposers.kept': kept.size,
      'forge.proposers.ms': took,
    },
    targets: [
      target('list all proposals, next process', warm.list[0]!, 100),
      target('list all proposals, going on (p50)', list, 100),
      target('show one proposal (p50)', show, 50),
      target('open one proposal (p50)', open, 50),
      {
        name: `${proposers} proposers at once`,
        limit: `${proposers}, none twice`,
        measured: `${kept.size}${once ? '' : ', some twice'}`,
        pass: kept.size === proposers && numbers.size === proposers && once,
      },
    ],
  };
}

function target(name: string, measured: number, limit: number) {
  return { name, limit: `<= ${limit} ms`, measured: `${round(measured)} ms`, pass: measured <= limit };
}

/** What no listing by native git can do without. */
function forEachRef(repository: string): number {
  const times = Array.from({ length: 5 }, () => {
    const began = performance.now();
    execFileSync('git', ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/proposals/'], {
      cwd: repository,
    });
    return performance.now() - began;
  });
  return median(times);
}

async function child(order: ProposalsOrder): Promise<ProposalsAnswer> {
  const started = fork(packageFile('dist/bench/proposals-main.js'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const answer = Promise.race([
    once(started, 'message') as Promise<[ProposalsAnswer]>,
    once(started, 'exit').then(([status]) => {
      throw new Error(`the measured process ended with ${status}`);
    }),
  ]);
  answer.catch(() => {});
  started.send(order);
  const [found] = await answer;
  if (started.exitCode === null) await once(started, 'exit');
  return found;
}
