/** A registry in a real repository, a forge, and engines over both: what tests of proposals stand on. */
import { appendFileSync, cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planningControllers } from '../../../cli/planning/controllers.ts';
import type { Forge } from '../../../core/capabilities/forge.ts';
import type { Gate } from '../../../core/capabilities/gate.ts';
import type { ProposalCheck } from '../../../core/capabilities/proposal-check.ts';
import type { Intent } from '../../../core/capabilities/proposer.ts';
import type { Registry } from '../../../core/capabilities/registry.ts';
import { planBetween, snapshotLoader } from '../../../core/control/plan-between.ts';
import type { JournalEntry, Providers } from '../../../core/plugin.ts';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import type { Repository } from '../../../libraries/git/repository.ts';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { plugin as environments } from '../../../plugins/environments/index.ts';
import { GitForge } from '../../../plugins/forge-git/git-forge.ts';
import { plugin as models } from '../../../plugins/models/index.ts';
import { createProposals, type ProposalsOptions } from '../../../plugins/proposals/engine.ts';
import { manifestsCheck } from '../../../plugins/proposals/judging/manifests-check.ts';
import { mergeableGate } from '../../../plugins/proposals/judging/mergeable-gate.ts';
import type { Proposals } from '../../../plugins/proposals/proposals.ts';
import { plugin as rollout } from '../../../plugins/rollout/index.ts';
import { FolderForge } from '../../fixtures/folder-forge.ts';
import { type GitRepository, makeRepository, useRepository } from '../../fixtures/git-repository.ts';
import { type RecordingLog, recordingLog } from '../../fixtures/recording-log.ts';

export const ada = { name: 'Ada', email: 'ada@example.org' };
export const grace = { name: 'Grace', email: 'grace@example.org' };
export const production = 'environments/production/bird-strike.yaml';

export interface World<F extends Forge = FolderForge> {
  readonly folder: string;
  readonly git: GitRepository;
  readonly repository: Repository;
  readonly registry: Registry;
  readonly forge: F;
  readonly log: RecordingLog;
  readonly journal: () => readonly JournalEntry[];
  /** Opens an engine over the same registry, forge and folder: as the next process would. */
  engine(options?: Partial<ProposalsOptions> & WorldParts): Promise<Proposals>;
  /** Commits to the base. */
  commit(files: Readonly<Record<string, string | null>>): string;
  read(revision: string, path: string): string;
  close(): Promise<void>;
}

export interface WorldParts {
  readonly extraChecks?: Readonly<Record<string, ProposalCheck>>;
  readonly extraGates?: Readonly<Record<string, Gate>>;
}

/** Makes the registry (bird-strike in three environments, two versions) below a folder, or opens it again. */
export async function openWorld(folder: string): Promise<World> {
  return openWorldOn(
    folder,
    (repository, base) => new FolderForge({ folder: join(folder, 'forge'), repository, base }),
  );
}

/** The same on the forge that is Git itself. */
export async function openGitWorld(folder: string): Promise<World<GitForge>> {
  return openWorldOn(folder, (repository, base) => new GitForge({ repository, base }));
}

async function openWorldOn<F extends Forge>(
  folder: string,
  makeForge: (repository: Repository, base: string) => F,
): Promise<World<F>> {
  const path = join(folder, 'registry');
  const isNew = !existsSync(path);
  const git = isNew ? makeRepository(path) : useRepository(path);
  if (isNew) {
    const template = packageFile('registry-repo-template');
    for (const part of ['analyses', 'environments', 'models', 'datasets', 'data'])
      cpSync(join(template, part), join(path, part), { recursive: true });
    git.commit({});
  }
  const repository = await openRepository(path);
  const log = recordingLog();
  const registry = await testRegistry(repository, join(folder, 'journal.jsonl'));
  const forge = makeForge(repository, registry.reference);
  const engines: Proposals[] = [];
  return {
    folder,
    git,
    repository,
    registry,
    forge,
    log,
    journal: () => entriesIn(join(folder, 'journal.jsonl')),
    async engine({ extraChecks = {}, extraGates = {}, ...options } = {}) {
      const gates: Record<string, Gate> = { ...extraGates };
      gates.mergeable = mergeableGate(() => Object.keys(gates).length === 1);
      const engine = await createProposals({
        registry,
        forge,
        forgeName: 'folder',
        checks: providers({ manifests: manifestsCheck, ...extraChecks }),
        gates: providers(gates),
        folder: join(folder, 'engine'),
        log,
        now: () => Date.now(),
        ...options,
        settings: { pollMs: 50, ...options.settings },
      });
      engines.push(engine);
      return engine;
    },
    commit(files) {
      git.git('reset', '-q', '--hard');
      return git.commit(files);
    },
    read: (revision, file) => git.git('show', `${revision}:${file}`),
    async close() {
      for (const engine of engines) await engine.stop();
      await repository.close();
    },
  };
}

export function promotion(version: string, from = '1.0.0', more: Partial<Intent> = {}): Intent {
  return {
    key: 'version:Deployment/production/bird-strike',
    type: 'promote',
    title: `Promote bird-strike ${version} to production`,
    files: [
      { path: production, edits: [{ op: 'set', pointer: '/spec/version', value: version, expected: from }] },
    ],
    reason: 'Better on 1999–2002.',
    trailers: {
      'Switchyard-Model': 'bird-strike',
      'Switchyard-Version': version,
      'Switchyard-Environment': 'production',
    },
    author: ada,
    ...more,
  };
}

/** Approvals by anybody but the author, of this head: as the plugin of policies would say it, and simpler. */
export const oneApproval: Gate = {
  async judge({ subject, reviews }) {
    const { head, author } = subject.proposal;
    const counted = reviews.filter((one) => {
      return one.verdict === 'approve' && one.head === head && one.by.email !== author.email;
    });
    const met = counted.length > 0;
    const message = met ? 'has an approval' : 'needs 1 approval by somebody else; has 0';
    return {
      allowed: met,
      requirements: [{ code: 'ApprovalMissing', rule: 'Policy/production, rule one-approval', met, message }],
      approvals: counted.map(({ by, at }) => ({ by, at })),
    };
  },
};

export const approvalGates = { approvals: oneApproval };

function providers<T>(named: Readonly<Record<string, T>>): Providers<T> {
  return { get: (name) => named[name] as T, names: () => Object.keys(named) };
}

/** As the command line has it, with a journal in a file that every process appends to. */
async function testRegistry(repository: Repository, journalFile: string): Promise<Registry> {
  const plugins = [environments, models, rollout].map((definition) => ({ definition, options: {} }));
  const kinds = new Map(
    plugins.flatMap(({ definition }) => definition.kinds ?? []).map((kind) => [kind.kind, kind]),
  );
  const { controllers, owners } = await planningControllers(plugins as never);
  const load = snapshotLoader({ repository, kinds });
  return {
    location: 'the registry of a test',
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
    async journal({ type, commit, ref, limit }) {
      return entriesIn(journalFile)
        .filter((entry) => type === undefined || entry.type === type)
        .filter((entry) => commit === undefined || entry.commit === commit)
        .filter((entry) => ref === undefined || entry.ref === ref)
        .reverse()
        .slice(0, limit);
    },
    async record(entry) {
      const sequence = entriesIn(journalFile).length + 1;
      appendFileSync(
        journalFile,
        `${JSON.stringify({ ...entry, sequence, time: new Date().toISOString() })}\n`,
      );
    },
    look: () => {},
    fetch: () => repository.references('refs/'),
    push: (updates) => repository.updateReferences(updates),
  };
}

function entriesIn(path: string): readonly JournalEntry[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JournalEntry);
}
