import { beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry, Resource, Status } from '../../../../core/plugin.ts';
import { environmentKind } from '../../../../plugins/environments/environment.ts';
import { deploymentKind } from '../../../../plugins/rollout/deployment.ts';
import { promotionProposals } from '../../../../plugins/rollout/promotion/propose-promotions.ts';
import type { DeploymentSpec } from '../../../../schemas/generated/deployment.ts';
import type { EnvironmentSpec } from '../../../../schemas/generated/environment.ts';
import { HandMadeProposer } from '../../../fixtures/hand-made-proposer.ts';
import { manifestOf } from '../../../fixtures/manifest.ts';
import { recordingLog } from '../../../fixtures/recording-log.ts';
import { versionOf } from '../../../fixtures/rollout-world.ts';

const hour = 3_600_000;
let proposer: HandMadeProposer;
let resources: Resource[];
let condition: Status['conditions'][number];
let now: number;
let look: () => Promise<void>;

const environment = (name: string, spec: EnvironmentSpec = {}) =>
  manifestOf<EnvironmentSpec>(environmentKind, { name }, spec);
const deployment = (where: string, version: string) =>
  manifestOf<DeploymentSpec>(
    deploymentKind,
    { name: 'bird-strike', environment: where },
    { model: 'bird-strike', version },
  );

beforeEach(() => {
  proposer = new HandMadeProposer();
  resources = [
    environment('staging'),
    environment('production', { promotesFrom: 'staging', proposeAfter: '1h' }),
    deployment('staging', '1.1.0'),
    deployment('production', '1.0.0'),
    versionOf('1.0.0'),
    versionOf('1.1.0'),
  ];
  condition = {
    type: 'Ready',
    status: 'True',
    reason: 'Serving',
    message: '',
    observedCommit: 'c1',
    lastTransitionTime: '',
  };
  now = hour;
  restart();
});

function restart(): void {
  const run = promotionProposals({
    proposer,
    registry: {
      applied: () => 'c1',
      examine: async (commit) => ({
        commit,
        time: 0,
        resources: new Map(resources.map((one) => [one.ref, one])),
        issues: [],
      }),
      status: (ref) => {
        const observedDigest = resources.find((one) => one.ref === ref)?.digest ?? '';
        return { ref, conditions: [condition], observedDigest, suspended: false };
      },
      journal: async ({ ref = null, type = '' }): Promise<JournalEntry[]> => [
        {
          sequence: 1,
          time: new Date(0).toISOString(),
          type,
          ref,
          commit: null,
          message: '',
          data: { to: '1.1.0' },
        },
      ],
    },
    log: recordingLog(),
    now: () => now,
  });
  look = () => run(new AbortController().signal);
}
const titles = () => proposer.proposals.map(({ intent }) => intent.title);

describe('an environment that asks for promotions', () => {
  it('is proposed what has served for long enough where it promotes from, and once', async () => {
    now = hour - 1;
    await look();
    expect(titles()).toEqual([]);
    now = hour;
    await look();
    await look();
    restart();
    await look();
    expect(titles()).toEqual(['Promote bird-strike 1.1.0 to production']);
    expect(proposer.proposals[0]?.intent).toMatchObject({
      key: 'version:Deployment/production/bird-strike',
      type: 'promote',
      files: [{ edits: [{ op: 'set', pointer: '/spec/version', value: '1.1.0', expected: '1.0.0' }] }],
    });
  });

  it('is proposed nothing that a person said no to', async () => {
    await look();
    proposer.end(1, 'closed');
    restart();
    await look();
    await look();
    expect(titles()).toHaveLength(1);
  });

  it.each<[string, () => void]>([
    [
      'is not asked for',
      () => resources.splice(1, 1, environment('production', { promotesFrom: 'staging' })),
    ],
    ['does not serve', () => (condition = { ...condition, status: 'False', reason: 'RolledBack' })],
    ['is left to another process', () => (condition = { ...condition, reason: 'NotRunHere' })],
    ['is lower than what answers', () => resources.splice(3, 1, deployment('production', '1.2.0'))],
    [
      'is quarantined',
      () => resources.splice(5, 1, versionOf('1.1.0', { quarantine: { reason: 'wrong in fog' } })),
    ],
  ])('is proposed nothing that %s', async (_, change) => {
    change();
    await look();
    expect(titles()).toEqual([]);
  });

  it('leaves alone what somebody else proposes for that deployment', async () => {
    await look();
    const [{ intent } = expect.fail('nothing was proposed')] = proposer.proposals;
    proposer.end(1, 'merged');
    await proposer.propose({ ...intent, title: 'Promote bird-strike 1.0.1 to production', files: [] });
    restart();
    await look();
    expect(titles()[1]).toBe('Promote bird-strike 1.0.1 to production');
    expect(titles()).toHaveLength(2);
  });
});
