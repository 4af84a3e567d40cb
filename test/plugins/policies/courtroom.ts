import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Label, Proposal, Review } from '../../../core/capabilities/forge.ts';
import type { GateQuestion, GateVerdict, Requirement } from '../../../core/capabilities/gate.ts';
import type { Registry } from '../../../core/capabilities/registry.ts';
import { kernelRegistry } from '../../../core/host/kernel-registry.ts';
import { platformKind } from '../../../core/manifest/platform.ts';
import type { JournalEntry, KindDefinition } from '../../../core/plugin.ts';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import type { OpenedRepository } from '../../../libraries/git/opened-repository.ts';
import { plugin as environments } from '../../../plugins/environments/index.ts';
import { plugin as models } from '../../../plugins/models/index.ts';
import { policyGate } from '../../../plugins/policies/gate.ts';
import { glassAlarm } from '../../../plugins/policies/glass-alarm.ts';
import { plugin as policies } from '../../../plugins/policies/index.ts';
import { plugin as rollout } from '../../../plugins/rollout/index.ts';
import { makeRepository, temporaryFolder } from '../../fixtures/git-repository.ts';

const head = (kind: string, metadata: string) =>
  `apiVersion: switchyard/v1\nkind: ${kind}\nmetadata: ${metadata}\n`;
const signature = `
    inputs: [{ name: speed, datatype: FP32, shape: [-1, 1] }]
    outputs: [{ name: probability, datatype: FP32, shape: [-1, 1] }]
`;
const digest = `sha256:${'a'.repeat(64)}`;

export const manifest = {
  policy: (name: string, spec: string) => `${head('Policy', `{ name: ${name} }`)}spec:\n${indent(spec)}`,
  team: (name: string, spec: string) => `${head('Team', `{ name: ${name} }`)}spec:\n${indent(spec)}`,
  deployment: (environment: string, version: string, more = '') =>
    `${head('Deployment', `{ name: bird-strike, environment: ${environment} }`)}spec:\n  model: bird-strike\n  version: ${version}\n${more}`,
  environment: (name: string, promotesFrom?: string) =>
    `${head('Environment', `{ name: ${name} }`)}spec: {${promotesFrom === undefined ? '' : ` promotesFrom: ${promotesFrom} `}}\n`,
  model: (labels: string) =>
    `${head('Model', `{ name: bird-strike, labels: ${labels} }`)}spec:\n  task: tabular-classification\n  description: Damage?\n  owners: [safety]\n  signature:${signature}`,
  version: (name: string, more = '') =>
    `${head('ModelVersion', `{ name: ${name}, model: bird-strike }`)}spec:\n  artifact: { uri: "https://example.com/${name}.onnx", digest: "${digest}", size: 10 }\n  signature:${signature}${more}`,
};

function indent(text: string): string {
  return `${text
    .trim()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}\n`;
}

export const teams = {
  'teams/risk.yaml': manifest.team(
    'risk',
    `
members:
  - { name: Grace, emails: [grace@risk.example], accounts: { github: grace } }
  - { name: Linus, emails: [linus@risk.example], accounts: { github: linus } }
`,
  ),
  'teams/modelling.yaml': manifest.team(
    'modelling',
    `
members:
  - { name: Eve, emails: [eve@models.example, eve@home.example], accounts: { github: eve } }
  - { name: Mallory, emails: [mallory@models.example], accounts: { github: mallory } }
  - { name: Switchyard, machine: true, emails: [bot@platform.example], accounts: { github: 'yard[bot]' } }
`,
  ),
};

export const yardFiles = {
  'environments/staging/environment.yaml': manifest.environment('staging'),
  'environments/production/environment.yaml': manifest.environment('production', 'staging'),
  'environments/staging/bird-strike.yaml': manifest.deployment('staging', '1.0.0'),
  'environments/production/bird-strike.yaml': manifest.deployment('production', '1.0.0'),
  'models/bird-strike/model.yaml': manifest.model('{ risk: high }'),
  'models/bird-strike/versions/1.0.0.yaml': manifest.version('1.0.0'),
  'models/bird-strike/versions/1.1.0.yaml': manifest.version('1.1.0'),
  ...teams,
};

export const toProduction = (version = '1.1.0') => ({
  'environments/production/bird-strike.yaml': manifest.deployment('production', version),
});

export interface Wishes {
  readonly reviews?: readonly Review[];
  readonly checks?: GateQuestion['checks'];
  readonly labels?: readonly Label[];
  readonly pushes?: Proposal['pushes'];
  readonly author?: Proposal['author'];
  readonly now?: string;
  readonly forge?: string;
  /** Of the proposal's commit. */
  readonly by?: { readonly name: string; readonly email: string };
}

export const passed = (name: string): GateQuestion['checks'][number] => ({
  name,
  outcome: 'pass',
  summary: '',
  at: '2026-01-01T00:00:00Z',
  durationMs: 1,
});

/** A real registry, the real kinds, and the gate that judges proposals to it. */
export class Courtroom {
  readonly #folder = temporaryFolder();
  readonly git = makeRepository(join(this.#folder.path, 'registry'));
  readonly journal: JournalEntry[] = [];
  readonly warnings: object[] = [];
  metrics: () => Promise<string> = async () => '';
  #repository: OpenedRepository | undefined;
  #count = 0;

  async close(): Promise<void> {
    await this.#repository?.close();
    this.#folder.remove();
  }

  /** Commits to the base, at a time. */
  commit(files: Readonly<Record<string, string | null>>, time = '2026-01-01T00:00:00Z'): string {
    return this.#commit(files, time, { name: 'Ada', email: 'ada@base.example' });
  }

  /** Proposes a change to the base: a branch with one commit. Answers its head. */
  propose(
    files: Readonly<Record<string, string | null>>,
    by: NonNullable<Wishes['by']> = { name: 'Eve', email: 'eve@models.example' },
  ): string {
    this.git.git('checkout', '-q', '-b', `proposal-${++this.#count}`);
    const commit = this.#commit(files, '2026-01-02T00:00:00Z', by);
    this.git.git('checkout', '-q', 'main');
    return commit;
  }

  /** Judges a head as its proposal stands. */
  async judge(proposed: string, wishes: Wishes = {}): Promise<GateVerdict> {
    const author = wishes.author ?? { name: 'eve', account: 'eve' };
    const push = {
      by: author,
      head: proposed,
      at: '2026-01-02T00:00:00Z',
      proof: { type: 'forge' as const },
    };
    const proposal: Proposal = {
      number: this.#count,
      state: 'open',
      key: null,
      title: 'Change',
      body: '',
      author,
      pushes: wishes.pushes ?? [push],
      base: 'refs/heads/main',
      head: proposed,
      fromFork: false,
      labels: wishes.labels ?? [],
      openedAt: '2026-01-02T00:00:00Z',
      updatedAt: '2026-01-02T00:00:00Z',
    };
    return this.judgeProposal(proposal, wishes);
  }

  /** Judges a proposal of whatever forge on the newest base, which its head stands on. */
  async judgeProposal(proposal: Proposal, wishes: Wishes = {}): Promise<GateVerdict> {
    const registry = await this.registry();
    const base = await registry.examine(this.git.git('rev-parse', 'main'));
    const merged = await registry.examine(proposal.head);
    const { plan } = await registry.plan(base.commit, proposal.head);
    const files = await registry.repository.changedPaths(base.commit, proposal.head);
    const host = {
      log: { debug() {}, info() {}, error() {}, warn: (facts: object) => void this.warnings.push(facts) },
      metrics: (collect: () => Promise<string>) => {
        this.metrics = collect;
      },
    };
    const gate = policyGate({ registry, brokeGlass: glassAlarm(registry, host) });
    return gate.judge({
      subject: { proposal, base, merged, plan, files },
      checks: wishes.checks ?? [passed('manifests')],
      reviews: wishes.reviews ?? [],
      forge: wishes.forge ?? 'github',
      now: Date.parse(wishes.now ?? '2026-01-10T12:00:00Z'),
    });
  }

  async registry(): Promise<Registry> {
    this.#repository ??= await openRepository(this.git.path);
    const repository = this.#repository;
    const definitions = [environments, models, rollout, policies].flatMap(
      (plugin) => (plugin.kinds ?? []) as readonly KindDefinition[],
    );
    const kinds = new Map([platformKind as KindDefinition, ...definitions].map((kind) => [kind.kind, kind]));
    const journal = this.journal;
    return kernelRegistry({
      source: { repository, reference: 'refs/heads/main', look() {} } as never,
      store: {
        journal: async ({ ref, type, commit }: { ref?: string; type?: string; commit?: string }) =>
          [...journal]
            .reverse()
            .filter((one) => (ref ?? one.ref) === one.ref && (type ?? one.type) === one.type)
            .filter((one) => (commit ?? one.commit) === one.commit),
      } as never,
      host: { kinds, controllers: new Map(), owners: new Map() },
      reconciler: {
        status: () => undefined,
        record: async (entry: Omit<JournalEntry, 'sequence' | 'time'>) =>
          void journal.push({ ...entry, sequence: journal.length + 1, time: '2026-01-10T12:00:00Z' }),
      } as never,
      cache: () => undefined,
      applied: () => null,
      snapshot: () => undefined,
      head: () => ({ commit: null, applied: null, held: null, error: null, lookedAt: null }),
    });
  }

  #commit(
    files: Readonly<Record<string, string | null>>,
    time: string,
    { name, email }: { name: string; email: string },
  ): string {
    this.git.commit(files);
    return this.#restamp(`${name} <${email}> ${Date.parse(time) / 1000} +0000`);
  }

  /** Writes the commit anew with its people and its time: the environment of the fixture names others. */
  #restamp(who: string): string {
    const object = this.git
      .git('cat-file', 'commit', 'HEAD')
      .replace(/^author .*$/m, `author ${who}`)
      .replace(/^committer .*$/m, `committer ${who}`);
    const file = join(this.#folder.path, 'commit-object');
    writeFileSync(file, `${object}\n`);
    const id = this.git.git('hash-object', '-t', 'commit', '-w', file);
    this.git.git('reset', '-q', '--hard', id);
    return id;
  }
}

export const codes = ({ requirements }: GateVerdict) =>
  requirements.map(({ code, met }) => (met ? code : `${code}!`));

export const unmet = ({ requirements }: GateVerdict): readonly Requirement[] =>
  requirements.filter(({ met }) => !met);
