import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { planningControllers } from '../cli/planning/controllers.ts';
import type { Proposal } from '../core/capabilities/forge.ts';
import type { Registry } from '../core/capabilities/registry.ts';
import { planBetween, snapshotLoader } from '../core/control/plan-between.ts';
import { platformKind } from '../core/manifest/platform.ts';
import { openRepository } from '../libraries/git/open-repository.ts';
import type { Repository } from '../libraries/git/repository.ts';
import { plugin as environments } from '../plugins/environments/index.ts';
import { plugin as models } from '../plugins/models/index.ts';
import { planComment } from '../plugins/proposals/comment/plan-comment.ts';
import { blastRadius } from '../plugins/proposals/judging/blast-radius.ts';
import { modelDiffs } from '../plugins/proposals/judging/model-diff.ts';
import { examineProposal } from '../plugins/proposals/judging/subject.ts';
import { plugin as rollout } from '../plugins/rollout/index.ts';
import { deploymentManifest, type MadeDeployment, makeRegistry } from './registry-files.ts';
import { type BenchOptions, type BenchReport, round } from './report.ts';

const author = { name: 'Ada', email: 'ada@example.com' };

/** From a fetched head to the plan that a reviewer reads, in a process that has read the base: merge, examine, plan, write. */
export async function planOfOneLine(folder: string, options: BenchOptions): Promise<BenchReport> {
  const size = options.quick ? 1_000 : 10_000;
  options.progress(`${size} manifests: making them`);
  const { folder: path, manifests, deployments } = await makeRegistry(join(folder, 'registry.git'), size);
  const repository = await openRepository(path);
  try {
    const registry = await registryOf(repository);
    const base = (await repository.resolve('main')) as string;
    options.progress(`${manifests} manifests: reading the base`);
    await registry.plan(base, base);
    options.progress('planning proposals of one line');
    const [merges, plans, writes]: number[][] = [[], [], []];
    for (let index = 0; index < (options.quick ? 20 : 60); index += 1) {
      const proposal = await proposalOf(repository, base, deployments, index);
      const began = performance.now();
      await repository.mergeTree(base, proposal.head);
      const merged = performance.now();
      const found = await examineProposal(registry, proposal, base);
      if ('conflicts' in found) throw new Error('it conflicts');
      const planned = performance.now();
      const { plan, base: before, merged: after } = found.subject;
      if (plan.changes.length !== 1) throw new Error(`${plan.changes.length} changes`);
      const comment = planComment(proposal, {
        number: proposal.number,
        head: proposal.head,
        base,
        merged: after.commit,
        conflicts: [],
        plan,
        issues: found.issues,
        warnings: found.warnings,
        held: null,
        checks: [],
        verdict: { state: 'allowed', requirements: [], approvals: [], breakGlass: null },
        models: modelDiffs(plan, before, after),
        blastRadius: blastRadius(plan, before, after),
        duration: { ms: null, of: [], unknown: [] },
      });
      const written = performance.now();
      if (!comment.includes(proposal.title)) throw new Error('the comment does not name the change');
      merges?.push(merged - began);
      plans?.push(planned - merged);
      writes?.push(written - planned);
    }
    const totals = (plans ?? []).map((ms, index) => ms + (writes?.[index] ?? 0));
    const floor = mergeTreeFloor(path, base, await headOf(repository, base, deployments, 0));
    const [p50, p99] = [quantile(totals, 0.5), quantile(totals, 0.99)];
    return {
      tables: [
        {
          title: `Plan of a one-line change, ${manifests} manifests (milliseconds after fetch)`,
          columns: ['', 'p50', 'p99'],
          rows: [
            ['floor: git merge-tree', round(floor), ''],
            ['merge result alone', round(quantile(merges ?? [], 0.5)), round(quantile(merges ?? [], 0.99))],
            ['merge, examine, plan', round(quantile(plans ?? [], 0.5)), round(quantile(plans ?? [], 0.99))],
            ['model diff, comment', round(quantile(writes ?? [], 0.5)), round(quantile(writes ?? [], 0.99))],
            ['all', round(p50), round(p99)],
          ],
        },
      ],
      numbers: { 'plan.floor.ms': floor, 'plan.p50.ms': p50, 'plan.p99.ms': p99 },
      targets: [
        {
          name: `plan of a one-line change in ${manifests} manifests (p50)`,
          limit: '<= 200 ms',
          measured: `${round(p50)} ms`,
          pass: p50 <= 200,
        },
      ],
    };
  } finally {
    await repository.close();
  }
}

async function registryOf(repository: Repository): Promise<Registry> {
  const plugins = [environments, models, rollout].map((definition) => ({ definition, options: {} }));
  const kinds = new Map(
    [platformKind, ...plugins.flatMap(({ definition }) => definition.kinds ?? [])].map((kind) => [
      kind.kind,
      kind,
    ]),
  );
  const { controllers, owners } = await planningControllers(plugins);
  const load = snapshotLoader({ repository, kinds });
  return {
    location: 'the benchmark',
    reference: 'refs/heads/main',
    repository,
    applied: () => null,
    head: () => ({ commit: null, applied: null, held: null, error: null, lookedAt: null }),
    async examine(commit) {
      const { time, resources, issues } = await load(commit);
      return { commit, time, resources, issues };
    },
    plan: (from, to) => planBetween(from, to, { repository, kinds, controllers, owners, load }),
    status: () => undefined,
    journal: async () => [],
    record: async () => {},
    look: () => {},
    fetch: async () => new Map(),
    push: async () => {},
  };
}

async function headOf(
  repository: Repository,
  base: string,
  deployments: readonly MadeDeployment[],
  index: number,
): Promise<string> {
  const { path, model, environment } = deployments[(index * 7_919) % deployments.length] as MadeDeployment;
  const changes = new Map([[path, deploymentManifest(model, environment, '1.3.0')]]);
  return repository.makeCommit({ message: 'Promote\n', author, parents: [base], changes });
}

async function proposalOf(
  repository: Repository,
  base: string,
  deployments: readonly MadeDeployment[],
  index: number,
): Promise<Proposal> {
  const { model, environment } = deployments[(index * 7_919) % deployments.length] as MadeDeployment;
  return {
    number: index + 1,
    state: 'open',
    key: `version:Deployment/${environment}/${model}`,
    title: `Deployment/${environment}/${model}`,
    body: '',
    author,
    pushes: [],
    base: 'refs/heads/main',
    head: await headOf(repository, base, deployments, index),
    fromFork: false,
    labels: [],
    openedAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
  };
}

function mergeTreeFloor(cwd: string, base: string, head: string): number {
  const times = Array.from({ length: 10 }, () => {
    const began = performance.now();
    spawnSync('git', ['merge-tree', '--write-tree', base, head], { cwd });
    return performance.now() - began;
  });
  return quantile(times, 0.5);
}

function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN;
}
