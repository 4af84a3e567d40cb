import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyOfCertificate } from '../../../libraries/model-signing/certificates.ts';
import {
  type ModelSigningError,
  readSigningKey,
  type Statement,
  signStatement,
  verifyArtifact,
  verifyBundle,
} from '../../../libraries/model-signing/index.ts';
import { makeAuthority, makeTangle, whyNoOpenssl } from './keys.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const files = [
  { name: 'model.txt', digest: sha256('text') },
  { name: 'model/weights.onnx', digest: sha256('weights') },
];
const statement: Statement = {
  ...{ model: 'bird-strike', hash: 'sha256', allowSymlinks: false, ignoredPaths: ['.git'] },
  files,
};

function pair(curve: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  return { pem, key: readSigningKey(pem), trusted: { name: `release on ${curve}`, publicKey: publicPem } };
}
const release = pair('prime256v1');
const trust = { keys: [release.trusted] };
const bundle = signStatement(statement, release.key);

/** The bundle with its parts changed. */
function changed(
  change: (parts: {
    mediaType: string;
    verificationMaterial: Record<string, unknown>;
    dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
  }) => void,
): string {
  const parts = JSON.parse(bundle);
  change(parts);
  return JSON.stringify(parts);
}

/** A statement with something changed, signed rightly. */
async function signed(change: (statement: Record<string, unknown>) => void): Promise<string> {
  const { sign } = await import('node:crypto');
  const { preAuthEncoding } = await import('../../../libraries/model-signing/bundle.ts');
  const content = JSON.parse(Buffer.from(JSON.parse(bundle).dsseEnvelope.payload, 'base64').toString());
  change(content);
  const payload = Buffer.from(JSON.stringify(content));
  const sig = sign('sha256', preAuthEncoding(payload), createPrivateKey(release.pem)).toString('base64');
  return changed(({ dsseEnvelope }) => {
    dsseEnvelope.payload = payload.toString('base64');
    dsseEnvelope.signatures = [{ sig }];
  });
}

const problemOf = (text: string, by: Parameters<typeof verifyBundle>[1] = trust) => {
  try {
    verifyBundle(text, by);
    return undefined;
  } catch (error) {
    return (error as ModelSigningError).problem;
  }
};

describe('a signature by a key', () => {
  it.each(['prime256v1', 'secp384r1', 'secp521r1'])('on %s is verified with the public key', (curve) => {
    const { key, trusted } = pair(curve);
    const verified = verifyBundle(signStatement(statement, key), { keys: [release.trusted, trusted] });
    expect(verified.signer).toBe(`release on ${curve}`);
    // By their steps: what is below `model` comes before `model.txt`.
    expect(verified.statement).toEqual({ ...statement, files: [files[1], files[0]] });
  });

  it('is refused where the key is not trusted, also where the bundle does not name it', () => {
    const other = pair('prime256v1');
    expect(problemOf(bundle, { keys: [other.trusted] })).toBe('SignerUntrusted');
    expect(problemOf(bundle, {})).toBe('SignerUntrusted');
    const nameless = changed((parts) => {
      Object.assign(parts, { verificationMaterial: { publicKey: {} } });
    });
    expect(problemOf(nameless)).toBeUndefined();
    expect(problemOf(nameless, { keys: [other.trusted] })).toBe('SignatureWrong');
  });

  it.each<[string, Parameters<typeof changed>[0]]>([
    [
      'its payload',
      ({ dsseEnvelope }) => Object.assign(dsseEnvelope, { payload: Buffer.from('{}').toString('base64') }),
    ],
    ['its signature', ({ dsseEnvelope }) => Object.assign(dsseEnvelope, { signatures: [{ sig: 'AAAA' }] })],
  ])('is refused where %s was changed', (_what, change) => {
    expect(problemOf(changed(change))).toBe('SignatureWrong');
  });

  it('needs a key that the format has a place for', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    expect(() => readSigningKey(pem)).toThrow('P-256, P-384 or P-521');
    expect(() => readSigningKey('no key')).toThrow();
  });
});

describe('a bundle', () => {
  it.each<[string, string]>([
    ['that is no JSON', 'signature'],
    [
      'of another version',
      changed((parts) =>
        Object.assign(parts, { mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1' }),
      ),
    ],
    [
      'around something else',
      changed(({ dsseEnvelope }) => Object.assign(dsseEnvelope, { payloadType: 'text/plain' })),
    ],
    [
      'with two signatures',
      changed(({ dsseEnvelope }) => void dsseEnvelope.signatures.push({ sig: 'AAAA' })),
    ],
    ['with none', changed(({ dsseEnvelope }) => Object.assign(dsseEnvelope, { signatures: [] }))],
    ['that names no signer', changed((parts) => Object.assign(parts, { verificationMaterial: {} }))],
    ['with what is no base64', changed(({ dsseEnvelope }) => Object.assign(dsseEnvelope, { payload: '{}' }))],
  ])('%s is not read', (_what, text) => {
    expect(problemOf(text)).toBe('BundleUnreadable');
  });

  it('that was made without a key is told as what it is', () => {
    const certificate = { rawBytes: 'AAAA' };
    const keyless = changed((parts) =>
      Object.assign(parts, { verificationMaterial: { certificate, tlogEntries: [{}] } }),
    );
    expect(problemOf(keyless)).toBe('KeylessSignature');
  });

  it.each<[string, (statement: { predicate: { serialization: object; resources: object[] } }) => void]>([
    [
      'another predicate',
      (one) => Object.assign(one, { predicateType: 'https://model_signing/Digests/v0.1' }),
    ],
    [
      'another root than its files',
      (one) => Object.assign(one, { subject: [{ digest: { sha256: sha256('') } }] }),
    ],
    ['two subjects', (one) => Object.assign(one, { subject: [{}, {}] })],
    ['shards', (one) => Object.assign(one.predicate.serialization, { method: 'shards' })],
    ['another hash', (one) => Object.assign(one.predicate.serialization, { hash_type: 'blake3' })],
    [
      'a file twice',
      (one) => {
        const { resources } = one.predicate;
        resources.push(resources[0] as object);
      },
    ],
  ])('that signs %s is not read', async (_what, change) => {
    expect(problemOf(await signed(change as never))).toBe('BundleUnreadable');
  });
});

describe('the signature of an artifact', () => {
  const ofOne = signStatement(
    { ...statement, files: [{ name: '.', digest: sha256('weights') }] },
    release.key,
  );
  const digest = `sha256:${sha256('weights')}`;
  const judge = (text: string, artifact: { digest: string; path?: string }) => {
    try {
      return verifyArtifact(text, artifact, trust).signer;
    } catch (error) {
      return (error as ModelSigningError).message;
    }
  };

  it('is of that one file, or of a folder in which it has a name', () => {
    expect(judge(ofOne, { digest })).toBe('release on prime256v1');
    expect(judge(bundle, { digest, path: 'model/weights.onnx' })).toBe('release on prime256v1');
  });

  it('of something else is refused, and says of what it is', () => {
    const other = `sha256:${sha256('other')}`;
    expect(judge(ofOne, { digest: other })).toBe(`it is of ${digest}, not of ${other}`);
    expect(judge(bundle, { digest, path: 'model.txt' })).toContain(`sha256:${sha256('text')}`);
    expect(judge(bundle, { digest, path: 'weights.onnx' })).toBe('it names no file of that path');
    expect(judge(bundle, { digest })).toContain('it is of 2 files');
  });
});

const noOpenssl = whyNoOpenssl();

describe.skipIf(noOpenssl !== undefined)('a signature by a certificate', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-signing-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const text = (path: string) => readFileSync(path, 'utf8');
  function made(name: string, more: Parameters<typeof makeAuthority>[2] = {}) {
    const chain = makeAuthority(folder, name, more);
    const key = readSigningKey(text(chain.key), undefined, `${text(chain.leaf)}${text(chain.intermediate)}`);
    return { ...chain, bundle: signStatement(statement, key), root: text(chain.root) };
  }

  it('is verified with the authority behind it, and says who it is for', () => {
    const { bundle, root, leaf, intermediate } = made('good');
    const by = (certificate: string, signers?: string[]) => ({
      authorities: [{ certificate, ...(signers === undefined ? {} : { signers }) }],
    });
    expect(verifyBundle(bundle, by(root)).signer).toBe('release@example.com');
    expect(problemOf(bundle, by(text(intermediate)))).toBeUndefined();
    expect(problemOf(bundle, by(text(leaf)))).toBeUndefined();
    expect(problemOf(bundle, by(root, ['release@example.com']))).toBeUndefined();
    expect(problemOf(bundle, by(root, ['mallory@example.com']))).toBe('SignerUntrusted');
    expect(problemOf(bundle, by(made('other').root))).toBe('SignerUntrusted');
    expect(problemOf(bundle, trust)).toBe('SignerUntrusted');
  });

  it.each([
    ['a certificate that is not made for signing', { leaf: 'keyUsage=critical,keyEncipherment\n' }],
    [
      'a certificate with a condition that nobody here understands',
      { leaf: 'keyUsage=digitalSignature\n1.2.3.4=critical,ASN1:NULL\n' },
    ],
    ['an authority that is none', { intermediate: 'basicConstraints=critical,CA:FALSE\n' }],
    [
      'an authority that may not sign certificates',
      { intermediate: 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,digitalSignature\n' },
    ],
  ])('is refused for %s', (what, more) => {
    const { bundle, root } = made(what.replaceAll(' ', '-').slice(-24), more);
    expect(problemOf(bundle, { authorities: [{ certificate: root }] })).toBe('SignerUntrusted');
  });

  it('counts the extended use for signing code', () => {
    const { bundle, root } = made('code', { leaf: 'extendedKeyUsage=codeSigning\n' });
    expect(verifyBundle(bundle, { authorities: [{ certificate: root }] }).signer).toBe('CN=code leaf');
  });

  it('is refused where somebody else puts a trusted certificate before their own signature', () => {
    const { bundle, root } = made('stolen');
    const parts = JSON.parse(bundle);
    parts.dsseEnvelope = JSON.parse(signStatement(statement, release.key)).dsseEnvelope;
    expect(problemOf(JSON.stringify(parts), { authorities: [{ certificate: root }] })).toBe('SignatureWrong');
  });

  it('is judged at once, also where eight authorities have all issued each other', () => {
    const { leaf, authorities, issuer } = makeTangle(folder, 8);
    const stranger = readFileSync(makeAuthority(folder, 'stranger').root, 'utf8');
    const begin = performance.now();
    expect(() => keyOfCertificate([leaf, ...authorities], [{ certificate: stranger }])).toThrow(
      /no trusted authority/,
    );
    expect(keyOfCertificate([leaf, ...authorities], [{ certificate: issuer }])).toBeDefined();
    // Every order of eight would be some 110,000 signatures.
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  it('is not made with the certificate of another key', () => {
    const { leaf } = made('mine');
    expect(() => readSigningKey(release.pem, undefined, text(leaf))).toThrow('not of that key');
  });
});
