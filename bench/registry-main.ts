/** The process that the registry benchmark measures: one start of a kernel, or of a snapshot alone. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Kernel, startKernel } from '../core/kernel.ts';
import { loadSnapshot } from '../core/manifest/load-snapshot.ts';
import { openParseCache, type ParseCache } from '../core/manifest/parse-cache.ts';
import { platformKind } from '../core/manifest/platform.ts';
import { definePlugin, type KindDefinition, ready } from '../core/plugin.ts';
import { openStore } from '../core/state/open-store.ts';
import { openRepository } from '../libraries/git/open-repository.ts';
import { openSource } from '../libraries/git/source.ts';
import { environmentKind } from '../plugins/environments/environment.ts';
import { datasetKind } from '../plugins/models/dataset.ts';
import { modelKind } from '../plugins/models/model.ts';
import { modelVersionKind } from '../plugins/models/model-version.ts';
import { deploymentKind } from '../plugins/rollout/deployment.ts';
import { RegistryFloor } from './registry-floor.ts';

export interface RegistryOrder {
  readonly what: 'floor' | 'snapshot' | 'kernel';
  readonly repository: string;
  /** Of the store: kept from one start to the next. */
  readonly state: string;
  readonly commit: string;
  /** Commits of one changed file each, to be moved to one after another. */
  readonly next: readonly string[];
}

/** Milliseconds and bytes. */
export interface RegistryFigures {
  readonly start: number;
  readonly parsing: number;
  /** What comes in its place on a warm start: the cache read from the store, and its JSON. */
  readonly cached: number;
  readonly resources: number;
  readonly issues: number;
  readonly resident: number;
  readonly heap: number;
  readonly floor: readonly number[];
  readonly applied: readonly number[];
  readonly reconciled: readonly number[];
}

const kinds = [
  environmentKind,
  modelKind,
  modelVersionKind,
  datasetKind,
  deploymentKind,
] as readonly KindDefinition[];
const silent = {
  debug() {},
  info() {},
  warn() {},
  error: (facts: object, text: string) => console.error(text, facts),
};
const nothing = {
  start: 0,
  parsing: 0,
  cached: 0,
  resources: 0,
  issues: 0,
  floor: [],
  applied: [],
  reconciled: [],
};

process.on('message', (order: RegistryOrder) => {
  const measure = { floor: readAll, snapshot: readSnapshot, kernel: runKernel }[order.what];
  measure(order).then(
    (figures) => process.send?.({ ...nothing, ...memory(), ...figures }, () => process.disconnect()),
    (thrown) => {
      console.error(thrown);
      process.exit(1);
    },
  );
});

async function readAll({ repository, commit }: RegistryOrder): Promise<Partial<RegistryFigures>> {
  const floor = new RegistryFloor(repository, kinds);
  const { reading, parsing } = await floor.readAll(commit);
  floor.close();
  return { start: reading + parsing, parsing };
}

async function readSnapshot({
  repository: folder,
  state,
  commit,
}: RegistryOrder): Promise<Partial<RegistryFigures>> {
  const store = await openStore({ folder: state, log: silent });
  const repository = await openRepository(folder);
  const asked: string[] = [];
  const start = performance.now();
  const stored = await openParseCache(store);
  const cache: ParseCache = {
    ...stored,
    get(key) {
      asked.push(key);
      return stored.get(key);
    },
  };
  const snapshot = await loadSnapshot({
    repository,
    commit,
    kinds: [platformKind as KindDefinition, ...kinds],
    cache,
  });
  const milliseconds = performance.now() - start;
  await stored.save();
  const again = performance.now();
  const reopened = await openParseCache(store);
  for (const key of asked) JSON.parse(reopened.get(key) ?? 'null');
  const cached = performance.now() - again;
  const figures = {
    start: milliseconds,
    cached,
    resources: snapshot.resources.size,
    issues: snapshot.issues.length,
    ...memory(),
  };
  await repository.close();
  await store.close();
  return figures;
}

async function runKernel(order: RegistryOrder): Promise<Partial<RegistryFigures>> {
  const { repository, state } = order;
  const store = await openStore({ folder: state, log: silent });
  const floor = new RegistryFloor(repository, kinds);
  let kernel: Kernel | undefined;
  mkdirSync(join(state, 'plugins'), { recursive: true });
  const source = await openSource({
    location: repository,
    folder: join(state, 'source'),
    log: silent,
    interval: 3_600_000,
    onLook: () => kernel?.noticed(),
  });
  const began = performance.now();
  kernel = await startKernel({
    source,
    store,
    log: silent,
    folder: join(state, 'plugins'),
    plugins: [{ definition: content, options: {} }],
  });
  await kernel.idle();
  const start = performance.now() - began;
  await floor.begin(order.commit);

  const figures = { floor: [] as number[], applied: [] as number[], reconciled: [] as number[] };
  for (const [index, commit] of order.next.entries()) {
    const measureFloor = async () => {
      const before = performance.now();
      if ((await floor.follow()) !== 1) throw new Error('the bench changed more than one file');
      figures.floor.push(performance.now() - before);
    };
    const appliedAt = new Promise<number>((resolve) => {
      const off = kernel.on('snapshot.applied', (event) => {
        if (event.commit !== commit) return;
        off();
        resolve(performance.now());
      });
    });
    moveMain(repository, commit);
    // Each goes first every other time: the second finds the objects in the disk's cache.
    if (index % 2 === 0) await measureFloor();
    const moved = performance.now();
    kernel.noticed();
    figures.applied.push((await appliedAt) - moved);
    await kernel.idle();
    figures.reconciled.push(performance.now() - moved);
    if (index % 2 === 1) await measureFloor();
  }
  const { resources, issues } = { resources: kernel.resources().length, issues: kernel.issues().length };
  const result = { start, resources, issues, ...figures, ...memory() };
  floor.close();
  await kernel.stop();
  await source.close();
  await store.close();
  return result;
}

/** Controllers that find the world as it should be: what remains is the kernel's own work. */
const content = definePlugin({
  name: 'content',
  description: 'Is content with whatever is declared.',
  kinds,
  setup(host) {
    for (const kind of kinds) {
      host.control(kind, { reconcile: async ({ resource }) => ready('Content', resource.digest) });
    }
  },
});

/** Moves the branch as git does: whole or not at all. */
function moveMain(repository: string, commit: string): void {
  const file = join(repository, 'refs/heads/main');
  writeFileSync(`${file}.lock`, `${commit}\n`);
  renameSync(`${file}.lock`, file);
}

function memory(): { resident: number; heap: number } {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { rss, heapUsed } = process.memoryUsage();
  return { resident: rss, heap: heapUsed };
}
