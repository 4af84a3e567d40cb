import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { readSigningKey, signStatement } from '../../../libraries/model-signing/index.ts';
import { modelVersionKind } from '../../../plugins/models/model-version.ts';
import { requiredSignature, signatureFindings } from '../../../plugins/rollout/required-signature.ts';
import { manifestOf } from '../../fixtures/manifest.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
const key = readSigningKey(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
const signing = {
  keys: [{ name: 'release', publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string }],
};
const hex = 'ab'.repeat(32);
const bundleOf = (digest: string) =>
  signStatement(
    { model: 'm', hash: 'sha256', allowSymlinks: false, ignoredPaths: [], files: [{ name: '.', digest }] },
    key,
  );

function version(signature?: { uri: string }, text?: string) {
  const artifact = {
    uri: 'file:1.0.0.onnx',
    digest: `sha256:${hex}`,
    size: 5,
    ...(signature && { signature }),
  };
  const tensors = [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 1] }];
  const file = { path: 'models/m/versions/1.0.0.sig', blob: 'b2', size: 5 };
  const spec = { artifact, signature: { inputs: tensors, outputs: tensors } };
  return manifestOf(modelVersionKind, { name: '1.0.0', model: 'm' }, spec, {
    attachments: text === undefined ? [] : [{ ...file, text }],
  });
}

const codes = (one: ReturnType<typeof version>, environment: object | undefined = { signing }) =>
  signatureFindings(requiredSignature('production', environment, one), one).map(({ code }) => code);

const sig = { uri: 'file:1.0.0.sig' };

it('asks for nothing where the environment does not', () => {
  expect(codes(version(), {})).toEqual([]);
});

it('refuses a version without a signature, or with one that does not count', () => {
  expect(codes(version())).toEqual(['ArtifactUnsigned']);
  expect(codes(version(sig, bundleOf(hex)))).toEqual([]);
  expect(codes(version(sig, bundleOf('cd'.repeat(32))))).toEqual(['OtherModel']);
  const { publicKey: other } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  const others = {
    keys: [{ name: 'other', publicKey: other.export({ type: 'spki', format: 'pem' }) as string }],
  };
  expect(codes(version(sig, bundleOf(hex)), { signing: others })).toEqual(['SignerUntrusted']);
});

it('leaves a signature that lies elsewhere to the load', () => {
  expect(codes(version({ uri: 's3://models/m/1.0.0.sig' }))).toEqual([]);
});
