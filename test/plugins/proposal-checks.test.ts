/** Every built-in `proposal-check` under the suite that all of them pass, on real commits of one registry. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProposalCheck, ProposalSubject } from '../../core/capabilities/proposal-check.ts';
import { artifactCheck } from '../../plugins/artifacts/artifact-check.ts';
import { fileStore } from '../../plugins/artifacts/file-store.ts';
import { largeFilesCheck } from '../../plugins/leaks/large-files-check.ts';
import { leakedSecretsCheck } from '../../plugins/leaks/leaked-secrets-check.ts';
import { defaultLicences, licenceCheck } from '../../plugins/models/checks/licence-check.ts';
import { lineageCheck } from '../../plugins/models/checks/lineage-check.ts';
import { modelCardCheck } from '../../plugins/models/checks/model-card-check.ts';
import { quarantineCheck } from '../../plugins/models/checks/quarantine-check.ts';
import { semanticVersionCheck } from '../../plugins/models/checks/semantic-version-check.ts';
import { signatureCheck } from '../../plugins/models/checks/signature-check.ts';
import { manifestsCheck } from '../../plugins/proposals/judging/manifests-check.ts';
import { memoryBudgetCheck } from '../../plugins/serving/memory/memory-check.ts';
import { proposalCheckSuite } from '../conformance/proposal-check.ts';
import { proposalSubject } from '../fixtures/proposal-subject.ts';
import { EvaluationWorld } from './evaluation/world.ts';

const world = new EvaluationWorld();
const opened: { close(): Promise<void> }[] = [];

const production = 'environments/production/bird-strike.yaml';
const model = 'models/bird-strike/model.yaml';
const card = 'models/bird-strike/card.md';
const versions = 'models/bird-strike/versions';
const artifact = 'models/bird-strike/artifacts/1.1.0.onnx';

/** Commits beside each other, all on the same base. */
const commits = {
  promoted: () => world.registry.replace(production, 'version: 1.0.0', 'version: 1.1.0'),
  amended: () =>
    world.registry.replace(
      `${versions}/1.1.0.yaml`,
      '  line: main',
      '  quarantine: { reason: too many false alarms }\n  line: main',
    ),
  /** A version that says truly what its bytes are, and they are no model. */
  noModel: () => {
    const bytes = world.registry.readBytes(artifact).subarray(0, 30_000);
    const digest = createHash('sha256').update(bytes).digest('hex');
    const manifest = world.registry
      .read(`${versions}/1.1.0.yaml`)
      .replace('name: 1.1.0', 'name: 1.2.0')
      .replace('artifacts/1.1.0.onnx', 'artifacts/1.2.0.onnx')
      .replace(/digest: sha256:cba4\w+/, `digest: sha256:${digest}`)
      .replace('size: 40597', `size: ${bytes.length}`)
      .replace('parents: [1.0.0]', 'parents: [1.1.0]');
    return world.registry.commit({
      'models/bird-strike/artifacts/1.2.0.onnx': bytes,
      [`${versions}/1.2.0.yaml`]: manifest,
      [production]: world.registry.read(production).replace('version: 1.0.0', 'version: 1.2.0'),
    });
  },
  cutShort: () => world.registry.commit({ [artifact]: world.registry.readBytes(artifact).subarray(0, 1000) }),
  invalid: () => world.registry.replace(production, 'model: bird-strike', 'model: no-such-model'),
  renamedInput: () => {
    const manifest = world.registry
      .read(`${versions}/1.1.0.yaml`)
      .replace('name: 1.1.0', 'name: 2.0.0')
      .replace('parents: [1.0.0]', 'parents: [1.1.0]')
      .replace('- { name: speed_knots, datatype: FP32', '- { name: speed_mph, datatype: FP32')
      .replace(/ {2}examples:[\s\S]*$/, '');
    return world.registry.commit({
      [`${versions}/2.0.0.yaml`]: manifest,
      [model]: world.registry.read(model).replace('speed_knots', 'speed_mph'),
      [production]: world.registry.read(production).replace('version: 1.0.0', 'version: 2.0.0'),
    });
  },
  otherBytes: () => world.registry.replace(`${versions}/1.1.0.yaml`, 'digest: sha256:c', 'digest: sha256:d'),
  cardWithoutLimits: () =>
    world.registry.replace(card, /## [^\n]*(limitation|risk|not for)[^\n]*/gi, '## Odds and ends'),
  codeNotPinned: () =>
    world.registry.replace(`${versions}/1.1.0.yaml`, /\n {6}digest: sha256:06ede[^\n]*/, ''),
  proprietary: () => world.registry.replace(card, 'license: apache-2.0', 'license: proprietary'),
  condemned: () => {
    const manifest = world.registry
      .read(`${versions}/1.1.0.yaml`)
      .replace('artifact:', 'quarantine: { reason: wrong in fog }\n  artifact:');
    return world.registry.commit({
      [`${versions}/1.1.0.yaml`]: manifest,
      [production]: world.registry.read(production).replace('version: 1.0.0', 'version: 1.1.0'),
    });
  },
  token: () => world.registry.commit({ 'training/settings.yaml': `token: ghp_${'a1B2c3'.repeat(6)}\n` }),
  replicated: () =>
    world.registry.replace(production, '  keepWarm:', '  runtime: { replicas: 2 }\n  keepWarm:'),
  unrelated: () => world.registry.commit({ 'README.md': 'Hello.\n' }),
  large: () => world.registry.commit({ 'training/rows.csv': 'a,b,c\n'.repeat(400_000) }),
} as const;

const made = new Map<string, string>();
beforeAll(async () => {
  await world.open();
  for (const [name, make] of Object.entries(commits)) {
    made.set(name, await make());
    world.registry.git('reset', '-q', '--hard', world.base);
  }
}, 120_000);
afterAll(async () => {
  for (const one of opened) await one.close();
  await world.close();
});

async function subject(commit: keyof typeof commits): Promise<ProposalSubject> {
  const { repository, ...found } = await proposalSubject(
    world.registry.folder,
    world.base,
    String(made.get(commit)),
  );
  opened.push(repository);
  return found;
}

async function repository() {
  const { repository: own } = await proposalSubject(world.registry.folder, world.base, world.base);
  opened.push(own);
  return own;
}

const limits = { file: 1024 * 1024, declared: 50 * 1024 * 1024 };
const checks: Readonly<
  Record<
    string,
    readonly [() => Promise<ProposalCheck> | ProposalCheck, keyof typeof commits, keyof typeof commits]
  >
> = {
  manifests: [() => manifestsCheck, 'promoted', 'invalid'],
  artifact: [
    async () => {
      const own = await repository();
      return artifactCheck(new Map([['file', fileStore((blob) => own.openBlob(blob))]]), new Map());
    },
    'promoted',
    'cutShort',
  ],
  signature: [() => signatureCheck, 'promoted', 'renamedInput'],
  'semantic-version': [() => semanticVersionCheck, 'amended', 'otherBytes'],
  'model-card': [() => modelCardCheck, 'promoted', 'cardWithoutLimits'],
  lineage: [() => lineageCheck, 'promoted', 'codeNotPinned'],
  licence: [() => licenceCheck(defaultLicences), 'promoted', 'proprietary'],
  quarantine: [() => quarantineCheck, 'promoted', 'condemned'],
  'leaked-secrets': [async () => leakedSecretsCheck({ repository: await repository() }), 'promoted', 'token'],
  'large-files': [
    async () => largeFilesCheck({ repository: await repository() }, limits),
    'promoted',
    'large',
  ],
  'golden-examples': [() => world.check('golden-examples'), 'promoted', 'noModel'],
  'size-and-latency': [() => world.check('size-and-latency'), 'promoted', 'noModel'],
  'metric-regression': [() => world.check('metric-regression'), 'promoted', 'noModel'],
  replay: [() => world.check('replay'), 'promoted', 'noModel'],
  // Each of two replicas has a thread, which alone takes ten.
  'memory-budget': [() => memoryBudgetCheck(11 * 1024 * 1024, () => true), 'promoted', 'replicated'],
};

for (const [name, [check, good, bad]] of Object.entries(checks)) {
  proposalCheckSuite(name, async () => ({
    check: await check(),
    good: () => subject(good),
    bad: () => subject(bad),
  }));
}

test('none of them has a word for a change that is none of its business, but for what reads every file', async () => {
  const about = await subject('unrelated');
  const talking = [];
  for (const [name, [check]] of Object.entries(checks)) {
    if ((await check()).concerns(about) !== undefined) talking.push(name);
  }
  expect(talking).toEqual(['manifests', 'leaked-secrets', 'large-files']);
});
