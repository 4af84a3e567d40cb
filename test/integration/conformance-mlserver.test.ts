/** The conformance kit against a server that is not ours (`mlserver` of PyPI): what it fails must be true. */
import { mkdtempSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../cli/conformance/kit.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { run } from '../cli/run.ts';
import { freePort } from '../fixtures/free-port.ts';
import { whyNotInstalled } from './from-pypi.ts';
import { declaredFixtures, type OtherServer, startOther } from './other-server.ts';

const scripts = packageFile('test/integration/open-inference');
const folder = mkdtempSync(join(tmpdir(), 'switchyard-mlserver-'));
const environment = join(folder, 'venv');
const missing = await whyNotInstalled(environment, ['--requirement', join(scripts, 'mlserver.txt')]);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What MLServer 1.7.1 does otherwise than it is written, each looked at. */
const failures: Readonly<Record<string, string>> = {
  'json/id': 'puts the id in a header, which has no room for all letters, and answers 500',
  'grpc/unknown-model-ready': 'answers UNKNOWN',
  'grpc/id': 'puts the id in the metadata, which has no room for all letters, and answers INTERNAL',
  'errors/not-json': '422 has a "detail" and no "error"; so have those that follow',
  'errors/empty-body': '',
  'errors/no-object': '',
  'errors/no-inputs': '',
  'errors/not-utf8': '',
  'errors/unknown-datatype': '',
  'errors/no-shape': '',
  'errors/no-data': '',
  'errors/deep-nesting': '',
};

describe.skipIf(missing !== undefined)(
  `MLServer${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let server: OtherServer;
    let report: Report;

    beforeAll(async () => {
      const [rest, grpc] = [await freePort(), await freePort()];
      await writeRepository({ host: '127.0.0.1', http_port: rest, grpc_port: grpc });
      const url = `http://127.0.0.1:${rest}`;
      server = await startOther({
        name: 'MLServer',
        program: join(environment, 'bin', 'mlserver'),
        words: ['start', '.'],
        folder,
        environment: { PYTHONPATH: folder },
        url,
      });
      const words = ['conformance', url, '--grpc', `127.0.0.1:${grpc}`, '--output', 'json'];
      const { status, out, err } = await run(words, { folder });
      expect(status, err).toBe(1);
      report = JSON.parse(out) as Report;
    });
    afterAll(() => server?.stop());

    it('closes connections behind errors, and fails no case for that', () => {
      expect(server.said()).toContain('500 Internal Server Error');
      expect(report.results.filter(({ detail }) => detail?.includes('has no whole answer'))).toEqual([]);
    });

    it('fails what it does otherwise, and nothing else', () => {
      const { results, serverName, serverVersion } = report;
      expect([serverName, serverVersion]).toEqual(['mlserver', '1.7.1']);
      const failed = results.filter(({ outcome }) => outcome === 'fail');
      expect(failed.map(({ id }) => id)).toEqual(Object.keys(failures));
    });

    it('is asked all but what it does not have', () => {
      const skipped = report.results.filter(({ outcome }) => outcome === 'skip');
      const others = skipped.filter(({ id }) => !/^binary\/|-binary$/.test(id));
      expect(others.map(({ id }) => id)).toEqual([
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
  },
);

/** The fixtures as models of MLServer, which runs no ONNX by itself. */
async function writeRepository(settings: Readonly<Record<string, unknown>>): Promise<void> {
  const all = { ...settings, parallel_workers: 0, metrics_endpoint: null };
  await writeFile(join(folder, 'settings.json'), JSON.stringify(all));
  await copyFile(join(scripts, 'mlserver_fixtures.py'), join(folder, 'mlserver_fixtures.py'));
  for (const { name, ...declared } of declaredFixtures) {
    const implementation = `mlserver_fixtures.${name === 'conformance-sum' ? 'Sum' : 'Identity'}`;
    await mkdir(join(folder, name));
    await writeFile(
      join(folder, name, 'model-settings.json'),
      JSON.stringify({ name, implementation, ...declared }),
    );
  }
}
