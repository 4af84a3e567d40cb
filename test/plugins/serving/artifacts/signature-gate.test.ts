import { createHash, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type {
  RequiredSignature,
  VersionState,
  VersionToServe,
} from '../../../../core/capabilities/serving-runtime.ts';
import { readSigningKey, signStatement } from '../../../../libraries/model-signing/index.ts';
import { until } from '../../../fixtures/until.ts';
import { Peer } from '../peer.ts';
import { desired, ServingWorld } from '../world.ts';

const signal = new AbortController().signal;
let world: ServingWorld;
beforeEach(async () => {
  world = new ServingWorld();
  await world.start();
});
afterEach(() => world.close());

function pair(name: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return {
    key: readSigningKey(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string),
    trusted: { name, publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string },
  };
}
const release = pair('release');

/** A version with a bundle beside it, as an environment that trusts the key `release` asks for it. */
function asked(
  version: VersionToServe,
  bundle?: string,
  trust: Partial<RequiredSignature> = {},
): VersionToServe {
  const signed = { by: 'production', keys: [release.trusted], authorities: [], ...trust };
  if (bundle === undefined) return { ...version, signed: { ...signed, bundle: undefined } };
  const path = `models/bird-strike/versions/${version.version}.sig`;
  const blob = createHash('sha1').update(bundle).digest('hex');
  world.blobs.set(blob, Buffer.from(bundle));
  const attachments = [...version.resource.attachments, { path, blob, size: bundle.length }];
  return {
    ...version,
    resource: { ...version.resource, attachments },
    signed: { ...signed, bundle: { uri: `file:${version.version}.sig` } },
  };
}

function signatureOf({ artifact }: VersionToServe, by = release.key): string {
  const files = [{ name: '.', digest: artifact.digest.replace('sha256:', '') }];
  const how = { hash: 'sha256', allowSymlinks: false, ignoredPaths: [] } as const;
  return signStatement({ model: 'model', ...how, files }, by);
}

async function stateWhere(
  version: VersionToServe,
  condition: (state: VersionState) => boolean,
): Promise<VersionState> {
  let state: VersionState | undefined;
  await until(async () => {
    state = (await world.runtime.serve(desired([version]), signal)).versions[version.version];
    return state !== undefined && condition(state);
  });
  return state as VersionState;
}

test('a version that somebody trusted signed is served', async () => {
  const peer = await Peer.eager(world.paths.socket, '0');
  const version = world.version('1.0.0');
  const signed = asked(version, signatureOf(version));
  await until(async () => (await world.runtime.serve(desired([signed]), signal)).routed);
  expect(peer.table?.deployments[0]?.variants[0]?.version).toBe('1.0.0');
});

test('a version that nobody trusted signed is never given to a process, and the one before goes on', async () => {
  const peer = await Peer.eager(world.paths.socket, '0');
  const first = world.version('1.0.0');
  await until(async () => (await world.runtime.serve(desired([first]), signal)).routed);
  const next = world.version('2.0.0');
  const rows: [VersionToServe, string, RegExp][] = [
    [asked(next), 'ArtifactUnsigned', /production asks for a signature/],
    [asked(next, signatureOf(next, pair('other').key)), 'SignerUntrusted', /is not trusted/],
    [asked(next, signatureOf(first)), 'OtherModel', /it is of sha256:/],
    [asked(next, 'no bundle'), 'BundleUnreadable', /no JSON/],
  ];
  for (const [version, reason, message] of rows) {
    const state = await stateWhere(version, ({ phase }) => phase === 'failed');
    expect(state).toMatchObject({ reason, message: expect.stringMatching(message), retryable: false });
  }
  expect(peer.table?.deployments[0]?.versions.map(({ version }) => version)).toEqual(['1.0.0']);
});

test('whether a signature counts is asked anew when others are trusted', async () => {
  await Peer.eager(world.paths.socket, '0');
  const version = world.version('1.0.0');
  const bundle = signatureOf(version);
  const untrusted = asked(version, bundle, { keys: [pair('other').trusted] });
  await stateWhere(untrusted, ({ reason }) => reason === 'SignerUntrusted');
  await until(async () => (await world.runtime.serve(desired([asked(version, bundle)]), signal)).routed);
});
