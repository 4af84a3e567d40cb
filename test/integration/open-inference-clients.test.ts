/** Clients of the Open Inference Protocol that are not ours, unchanged, against the inference server. */
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';
import { type ServedFixtures, serveFixtures } from '../cli/conformance/served-fixtures.ts';
import { whyNotInstalled } from './from-pypi.ts';

const scripts = packageFile('test/integration/open-inference');
const folder = mkdtempSync(join(tmpdir(), 'switchyard-clients-'));
const environment = join(folder, 'venv');
const missing = await whyNotInstalled(environment, ['--requirement', join(scripts, 'clients.txt')]);

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number | string;
  readonly said: string;
}

/** Each check has a process of its own, so that none hangs on another's connections. */
function check(script: string, words: readonly string[]): Promise<Ended> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  return new Promise((resolve) => {
    execFile(
      join(environment, 'bin', 'python'),
      [join(scripts, script), ...words],
      { env, timeout: 50_000 },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : error.killed ? 'not done in time' : (error.code ?? 1);
        resolve({ status, said: status === 0 ? '' : `${stdout}${stderr}` });
      },
    );
  });
}

describe.skipIf(missing !== undefined)(
  `clients of others${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let served: ServedFixtures;
    beforeAll(async () => {
      served = await serveFixtures();
    });
    afterAll(() => served.stop());
    const fine: Ended = { status: 0, said: '' };

    const ofTriton = [
      ['finds it alive and ready', 'health'],
      ['reads its metadata and those of models', 'metadata'],
      ['is answered in binary', 'binary'],
      ['gets the outputs that it asks for', 'outputs'],
      ['gets its id back, and the version that it named', 'request'],
      ['reads every datatype as it wrote it', 'datatypes'],
      ['reads NaN and infinities as it wrote them', 'not_numbers'],
      ['reads long and empty BYTES as it wrote them', 'bytes_alone'],
      ['compresses, and reads what is compressed', 'compression'],
      ['asks 64 at once, and each gets its own answer', 'at_once'],
      ['asks by asyncio', 'asyncio'],
      ['counts in the statistics', 'statistics'],
      ['is told of errors by status and text', 'errors'],
    ] as const;
    describe.each(['http', 'grpc'] as const)("Triton's over %s", (protocol) => {
      const addressOf = () => (protocol === 'grpc' ? served.grpc : new URL(served.url).host);
      it.each(ofTriton)('%s', async (_, name) => {
        expect(await check('triton_client.py', [name, protocol, addressOf()])).toEqual(fine);
      });
    });
    it("Triton's over http is answered in JSON", async () => {
      const words = ['json', 'http', new URL(served.url).host];
      expect(await check('triton_client.py', words)).toEqual(fine);
    });

    const ofKServe = [
      ['finds it and its models alive and ready', 'health'],
      ['is answered in JSON', 'json'],
      ['is answered in binary', 'binary'],
      ['reads texts as it wrote them', 'texts'],
      ['is told of errors by status and text', 'errors'],
    ] as const;
    describe.each(['rest', 'grpc'] as const)("KServe's over %s", (protocol) => {
      it.each(ofKServe)('%s', async (_, name) => {
        const address = protocol === 'grpc' ? served.grpc : served.url;
        expect(await check('kserve_client.py', [name, protocol, address])).toEqual(fine);
      });
    });

    it('are heard where they find something wrong', async () => {
      const { status, said } = await check('triton_client.py', ['health', 'http', '127.0.0.1:1']);
      expect(status).toBe(1);
      expect(said).toContain('refused');
    });
  },
);
