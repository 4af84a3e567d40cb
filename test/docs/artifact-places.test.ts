import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { ObjectStorage } from '../../libraries/object-storage/index.ts';
import { ArtifactYard, type DeclaredArtifact } from '../fixtures/artifact-yard.ts';
import { LfsServer } from '../fixtures/lfs-server.ts';
import { S3Server, s3Keys } from '../fixtures/s3-server.ts';
import { shownBlock } from '../fixtures/shown-block.ts';

const page = 'docs/artifacts.md';
const onDisk = { phase: 'loading', reason: 'NoInferenceProcess' };

let yard: ArtifactYard;
let closers: (() => Promise<unknown>)[];
beforeEach(() => {
  yard = new ArtifactYard();
  closers = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await yard.close();
  for (const close of closers) await close();
});

/** The artifact of a manifest that the page shows, with the digest and the size of these bytes in place of its own. */
function shownArtifact(words: string, bytes: Uint8Array): DeclaredArtifact {
  const { artifact } = parse(shownBlock(page, words)) as { readonly artifact: DeclaredArtifact };
  return { ...artifact, digest: `sha256:${sha256(bytes)}`, size: bytes.length };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function replaced(text: string, from: string, to: string): string {
  expect(text).toContain(from);
  return text.replace(from, to);
}

describe('docs/artifacts.md', () => {
  it('shows buckets that artifacts are fetched from', async () => {
    const buckets = ['models', 'trained', 'public-models'];
    const settings = shownBlock(page, 'yaml s3');
    expect(Object.keys(parse(settings).plugins.artifacts.s3)).toEqual(buckets);
    const server = await S3Server.start(buckets);
    closers.push(() => server.stop());
    const versions: Record<string, DeclaredArtifact> = {};
    for (const [index, bucket] of buckets.entries()) {
      const bytes = Buffer.from(`the model in ${bucket}`);
      const artifact = shownArtifact('yaml s3-manifest', bytes);
      // The manifest of the page names the first bucket.
      const uri = artifact.uri.replace('//models/', `//${bucket}/`);
      versions[`1.1.${index}`] = { ...artifact, uri };
      await put(server, bucket, new URL(uri).pathname.slice(1), bytes);
    }
    await put(server, 'models', 'bird-strike/other.onnx', Buffer.from('the other in models'));
    const swapped = replaced(versions['1.1.0']!.uri, '1.1.0.onnx', 'other.onnx');
    versions['1.2.0'] = { ...versions['1.1.0']!, uri: swapped, digest: `sha256:${sha256(Buffer.from('!'))}` };

    // Amazon's place is taken by the variable that names another; the place of MinIO by another address.
    vi.stubEnv('AWS_ENDPOINT_URL_S3', server.endpoint);
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', '');
    vi.stubEnv('SWITCHYARD_SECRET_MODELS_ID', s3Keys.accessKey);
    vi.stubEnv('SWITCHYARD_SECRET_MODELS_SECRET', s3Keys.secretKey);
    vi.stubEnv('MINIO_ACCESS_KEY', s3Keys.accessKey);
    vi.stubEnv('MINIO_SECRET_KEY', s3Keys.secretKey);
    const signed = new Map<string, string | undefined>();
    server.fault = ({ url = '', headers }) => {
      signed.set(url, /\/([a-z0-9-]+)\/s3\//.exec(headers.authorization ?? '')?.[1]);
      return false;
    };
    await yard.start(replaced(settings, 'https://minio.example.com:9000', server.endpoint), versions, {
      'secrets/models-bucket.yaml': JSON.stringify({
        ...{ apiVersion: 'switchyard/v1', kind: 'Secret', metadata: { name: 'models-bucket' } },
        spec: {
          store: {
            env: {
              variables: { id: 'SWITCHYARD_SECRET_MODELS_ID', secret: 'SWITCHYARD_SECRET_MODELS_SECRET' },
            },
          },
        },
      }),
    });
    const states = await yard.fetched(...Object.keys(versions));
    expect(states).toMatchObject({
      ...{ '1.1.0': onDisk, '1.1.1': onDisk, '1.1.2': onDisk },
      '1.2.0': { phase: 'failed', reason: 'DigestMismatch' },
    });
    // By the keys of each, for its region; by none where anybody may read.
    expect([...signed].filter(([url]) => url.endsWith('/1.1.0.onnx')).sort()).toEqual([
      ['/models/bird-strike/1.1.0.onnx', 'eu-central-1'],
      ['/public-models/bird-strike/1.1.0.onnx', undefined],
      ['/trained/bird-strike/1.1.0.onnx', 'us-east-1'],
    ]);
  });

  it('shows an LFS server that content of pointers is fetched from', async () => {
    const bytes = Buffer.from('the model behind a pointer');
    const server = await LfsServer.open(bytes);
    closers.push(async () => server.close());
    const artifact = shownArtifact('yaml lfs-manifest', bytes);
    expect(artifact.uri).toMatch(/^file:\.\.\//);
    const pointer = `version https://git-lfs.github.com/spec/v1\noid ${artifact.digest}\nsize ${bytes.length}\n`;
    const settings = shownBlock(page, 'yaml lfs');
    await yard.start(
      replaced(settings, 'https://lfs.example.com', server.origin),
      { '1.1.0': artifact },
      { 'models/bird-strike/artifacts/1.1.0.onnx': pointer },
    );
    expect(await yard.fetched('1.1.0')).toMatchObject({ '1.1.0': onDisk });
    expect(server.asked).toEqual(['POST /ml/registry/objects/batch - -', 'GET /object - -']);
  });
});

async function put(server: S3Server, bucket: string, key: string, bytes: Uint8Array): Promise<void> {
  const storage = new ObjectStorage({
    place: { endpoint: server.endpoint, bucket, region: 'us-east-1', pathStyle: true },
    credentials: () => s3Keys,
    idleMs: 10_000,
  });
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-put-'));
  const path = join(folder, 'object');
  await writeFile(path, bytes);
  await storage.put(key, path, { bytes: bytes.length, sha256: sha256(bytes) });
  await rm(folder, { recursive: true });
}
