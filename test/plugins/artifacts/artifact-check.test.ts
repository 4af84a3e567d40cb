import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSigningKey, signStatement } from '../../../libraries/model-signing/index.ts';
import { artifactCheck } from '../../../plugins/artifacts/artifact-check.ts';
import { fileStore } from '../../../plugins/artifacts/file-store.ts';
import { judge, proposalSubject } from '../../fixtures/proposal-subject.ts';
import { TemplateRegistry } from '../../fixtures/template-registry.ts';

let made: TemplateRegistry;
let base: string;
beforeEach(async () => {
  made = new TemplateRegistry();
  base = await made.make();
});
afterEach(() => made.close());

const production = 'environments/production/bird-strike.yaml';
const artifact = 'models/bird-strike/artifacts/1.1.0.onnx';

async function verdict(merged: string, fromFork = false) {
  const subject = await proposalSubject(made.folder, base, merged);
  const store = fileStore((blob) => subject.repository.openBlob(blob));
  try {
    return await judge(artifactCheck(new Map([['file', store]]), new Map()), {
      ...subject,
      proposal: { ...subject.proposal, fromFork },
    });
  } finally {
    await subject.repository.close();
  }
}

it('passes an artifact whose bytes are those that its manifest declares', async () => {
  const merged = await made.replace(production, 'version: 1.0.0', 'version: 1.1.0');
  expect(await verdict(merged)).toMatchObject({ outcome: 'pass', facts: { bytes: 40_597 } });
});

it('fails for an artifact that was swapped for another of the same size', async () => {
  const bytes = readFileSync(join(made.folder, artifact));
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  const merged = await made.commit({ [artifact]: bytes });
  const found = await verdict(merged);
  expect(found.outcome).toBe('fail');
  expect(found.summary).toMatch(/^the artifact of bird-strike 1\.1\.0: it is sha256:/);
});

it('fails for an artifact that is cut short', async () => {
  const merged = await made.commit({
    [artifact]: readFileSync(join(made.folder, artifact)).subarray(0, 1000),
  });
  expect((await verdict(merged)).summary).toContain('it has 1000 bytes, but its manifest declares 40597');
});

it('fails where no store reads the URI', async () => {
  const merged = await made.replace(
    'models/bird-strike/versions/1.1.0.yaml',
    'uri: file:../artifacts/1.1.0.onnx',
    'uri: https://example.com/1.1.0.onnx',
  );
  expect((await verdict(merged)).summary).toContain('no store of this platform reads https: URIs');
});

it('asks the stores without credentials for a proposal of somebody else', async () => {
  const merged = await made.replace(production, 'version: 1.0.0', 'version: 1.1.0');
  // Here there is no store without credentials at all.
  expect((await verdict(merged, true)).summary).toContain('no store of this platform reads file: URIs');
});

it('fails where a signature counts only by what the proposal itself says of its environment', async () => {
  const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pem = ({ publicKey }: ReturnType<typeof pair>) => publicKey.export({ type: 'spki', format: 'pem' });
  const [release, other] = [pair(), pair()];
  const trusting = (by: ReturnType<typeof pair>) =>
    JSON.stringify({ keys: [{ name: 'release', publicKey: pem(by) }] });
  const sign = async ({ privateKey }: ReturnType<typeof pair>) => {
    const digest = createHash('sha256')
      .update(readFileSync(join(made.folder, artifact)))
      .digest('hex');
    const key = readSigningKey(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
    const how = { hash: 'sha256', allowSymlinks: false, ignoredPaths: [] } as const;
    const bundle = signStatement({ model: 'x', ...how, files: [{ name: '.', digest }] }, key);
    return made.commit({ [`${artifact}.sig`]: Buffer.from(bundle) });
  };
  const environment = 'environments/production/environment.yaml';
  base = await made.replace(environment, '  order: 3', `  order: 3\n  signing: ${trusting(release)}`);
  await made.replace(
    'models/bird-strike/versions/1.1.0.yaml',
    '    format: onnx',
    '    format: onnx\n    signature: { uri: file:../artifacts/1.1.0.onnx.sig }',
  );
  await made.replace(production, 'version: 1.0.0', 'version: 1.1.0');
  expect(await verdict(await sign(release))).toMatchObject({ outcome: 'pass' });

  await sign(other);
  const trusted = await made.replace(environment, trusting(release), trusting(other));
  expect((await verdict(trusted)).summary).toContain('does not count in production (SignerUntrusted)');
});
