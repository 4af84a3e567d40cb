/** The conformance kit against KServe's own model server (`kserve` of PyPI): what it fails must be true. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome, Report } from '../../cli/conformance/kit.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { startProxy } from '../cli/conformance/changing-proxy.ts';
import { run } from '../cli/run.ts';
import { freePort } from '../fixtures/free-port.ts';
import { whyNotInstalled } from './from-pypi.ts';
import { declaredFixtures, type OtherServer, startOther } from './other-server.ts';

const scripts = packageFile('test/integration/open-inference');
const folder = mkdtempSync(join(tmpdir(), 'switchyard-kserve-'));
const environment = join(folder, 'venv');
const missing = await whyNotInstalled(environment, ['--requirement', join(scripts, 'clients.txt')]);

afterAll(() => rm(folder, { recursive: true, force: true }));

const invalid = '422 has a "detail" and no "error"';
const unparsable = '400 has a "detail" and no "error"';

/** What KServe 0.21.0 does otherwise than it is written, each looked at. */
const failures: Readonly<Record<string, string>> = {
  'metadata/versions': 'has the field, and null in it',
  'json/model-version': 'has the field, and null in it',
  'grpc/requested-outputs': 'answers with all outputs, whichever were asked for',
  'grpc/unknown-output': 'answers with all outputs, whichever were asked for',
  'errors/not-json': invalid,
  'errors/empty-body': invalid,
  'errors/no-object': invalid,
  'errors/no-inputs': invalid,
  'errors/not-utf8': unparsable,
  'errors/no-shape': invalid,
  'errors/no-data': invalid,
  'errors/deep-nesting': unparsable,
};

/** What it does otherwise than the binary extension has it, which it does not list. */
const failuresInBinary: Readonly<Record<string, string>> = {
  'binary/override': 'heeds "binary_data_output" no more where any output is asked for by its name',
  'binary/too-few-bytes': 'answers 500',
  'binary/impossible-length': 'answers 500 to a length that is no number',
  'datatypes/bytes-of-any-sort': 'makes texts of them in any case, and answers 500 where they are none',
};

const ids = ({ results }: Report, wanted: Outcome): readonly string[] =>
  results.filter(({ outcome }) => outcome === wanted).map(({ id }) => id);

describe.skipIf(missing !== undefined)(
  `KServe's model server${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let server: OtherServer;
    let port: number;
    let report: Report;

    beforeAll(async () => {
      const grpc = await freePort();
      port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const script = join(scripts, 'kserve_server.py');
      server = await startOther({
        name: 'KServe',
        program: join(environment, 'bin', 'python'),
        words: [script, '--http_port', String(port), '--grpc_port', String(grpc)],
        folder,
        input: `${JSON.stringify(declaredFixtures)}\n`,
        url,
      });
      report = await reportOf(url, '--grpc', `127.0.0.1:${grpc}`);
    });
    afterAll(() => server?.stop());

    async function reportOf(url: string, ...words: readonly string[]): Promise<Report> {
      const { status, out, err } = await run(['conformance', url, ...words, '--output', 'json'], { folder });
      expect(status, err).toBe(1);
      return JSON.parse(out) as Report;
    }

    it('fails what it does otherwise, and nothing else', () => {
      const { serverName, serverVersion } = report;
      expect([serverName, serverVersion]).toEqual(['kserve', '0.21.0']);
      expect(ids(report, 'fail')).toEqual(Object.keys(failures));
    });

    it('may go ways of its own', () => {
      expect(ids(report, 'allowed')).toEqual(
        expect.arrayContaining([
          ...['metadata/platform', 'json/no-id', 'grpc/unknown-model-ready', 'grpc/unknown-version'],
          ...['errors/text-for-a-number', 'errors/unknown-version', 'errors/media-type', 'errors/body-limit'],
        ]),
      );
    });

    it('is asked all but what it does not have', () => {
      const others = ids(report, 'skip').filter((id) => !/^binary\/|-binary$/.test(id));
      expect(others).toEqual([
        'health/version-ready',
        'metadata/version',
        'json/version',
        'datatypes/nan-in-json',
        'datatypes/bytes-of-any-sort',
        'datatypes/bytes-with-nul',
        'grpc/raw-bf16',
        'grpc/version',
        'grpc/reflection',
      ]);
      expect(report.counts.pass).toBeGreaterThan(70);
    });

    it('has the binary extension, though it does not list it, and fails what it does otherwise there', async () => {
      const listing = await startProxy(port, {
        at: /\/v2$/,
        json: (body) => ({ ...body, extensions: ['binary_tensor_data'] }),
      });
      try {
        const inBinary = await reportOf(listing.url, '--only', 'binary,datatypes');
        expect(ids(inBinary, 'fail')).toEqual(Object.keys(failuresInBinary));
        expect(ids(inBinary, 'skip')).toEqual(['datatypes/bf16-binary']);
        expect(ids(inBinary, 'allowed')).toEqual([
          ...['binary/content-type', 'binary/raw-form', 'binary/bytes-left', 'datatypes/nan-in-json'],
        ]);
      } finally {
        await listing.close();
      }
    });
  },
);
