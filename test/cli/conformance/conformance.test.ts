import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCases } from '../../../cli/conformance/cases/index.ts';
import type { Report } from '../../../cli/conformance/kit.ts';
import { readSignature } from '../../../libraries/onnx/index.ts';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { startServing } from '../../plugins/serving/dataplane/fixtures/in-process.ts';
import { type Ran, run as runIn } from '../run.ts';
import { type Change, startProxy } from './changing-proxy.ts';
import { type ServedFixtures, serveFixtures } from './served-fixtures.ts';

let served: ServedFixtures;
let folder: string;
let url: string;

beforeAll(async () => {
  served = await serveFixtures();
  ({ folder, url } = served);
}, 60_000);

afterAll(() => served.stop());

const run = (words: readonly string[]): Promise<Ran> => runIn(words, { folder });

describe('our server', () => {
  it('passes every case', async () => {
    const { status, out } = await run([
      'conformance',
      url,
      '--model',
      'linear',
      '--grpc',
      served.grpc,
      '--output',
      'json',
    ]);
    const { results, counts, serverName } = JSON.parse(out) as Report;
    const notPassed = results.filter(({ outcome }) => outcome !== 'pass');
    expect(notPassed.map(({ id, outcome }) => `${outcome} ${id}`)).toEqual([
      // onnxruntime-node loads no model of BF16.
      'skip datatypes/bf16-binary',
      // Texts of ONNX are UTF-8, and those of its runtime end at NUL.
      'allowed datatypes/bytes-of-any-sort',
      'allowed datatypes/bytes-with-nul',
      'skip grpc/raw-bf16',
    ]);
    expect(counts.pass).toBe(allCases.length - notPassed.length);
    expect(serverName).toBe('switchyard');
    expect(status).toBe(0);
  });

  it('is told so in a few lines, and what was not asked', async () => {
    const { status, out } = await run(['conformance', `${url}/v2/`, '--only', 'health,json/id']);
    expect(status).toBe(0);
    expect(out).toMatch(/^health +6 of 6$/m);
    expect(out).toMatch(/^json +1 of 1$/m);
    expect(out).toContain('7 passed, 0 in a way of its own, 0 failed, 0 not asked.');
  });
});

it('names the fixtures that a server lacks', async () => {
  const { out } = await run(['conformance', url, '--only', 'datatypes/bf16-binary']);
  expect(out).toContain('Not asked, 1: the server has no model conformance-bf16: see switchyard conformance');
  const alone = await startServing();
  const { out: told } = await run([
    ...['conformance', `http://127.0.0.1:${alone.port}`],
    ...['--only', 'datatypes'],
  ]);
  await alone.stop();
  expect(told).toMatch(
    /Not asked, \d+: the server has no model conformance-\w+, [\w-]+, [\w-]+ and \d+ more: see/,
  );
});

describe('the report', () => {
  /** What the command prints of a server that differs from ours. */
  async function reportOf(change: Change, ...words: readonly string[]): Promise<Ran> {
    const proxy = await startProxy(Number(new URL(url).port), change);
    try {
      return await run(['conformance', proxy.url, '--model', 'linear', ...words]);
    } finally {
      await proxy.close();
    }
  }
  const nameless: Change = { at: /models\/.*ready$/, json: ({ ready }) => ({ ready }) };

  it('says what was wrong and where that is written, with status 1', async () => {
    const { status, out } = await reportOf({ at: /live$/, status: () => 503 }, '--only', 'health/live');
    expect(status).toBe(1);
    expect(out).toContain('✘ health/live');
    expect(out).toContain('answers 503');
    expect(out).toContain('https://github.com/kserve/open-inference-protocol');
  });

  it('says that the specification is ambiguous, of what, and where that is written', async () => {
    const { status, out } = await reportOf(nameless, '--only', 'health/model-ready,health/live');
    expect(status).toBe(0);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      '~ health/model-ready a ready model answers 200 to its /ready the body has no "name" ' +
        'The specification is ambiguous here: the text has a "name" in this body and speaks of "the available model ' +
        'name(s)"; its OpenAPI file has no body. https://github.com/kserve/open-inference-protocol',
    );
    expect(out).toContain('1 passed, 1 in a way of its own, 0 failed, 0 not asked.');
    expect(out).toContain('Where the specification is ambiguous: 1 of 1.');
  });

  it('is as docs/conformance.md shows', async () => {
    const page = readFileSync(packageFile('docs/conformance.md'), 'utf8');
    const [, shown = ''] = /```text\n([^`]*)```/.exec(page) ?? [];
    const { out } = await reportOf(nameless, '--only', 'health');
    expect(shown).toContain('ambiguous');
    expect(out).toContain(shown);
  });

  it('tells what leaves room for several cases in a row once', async () => {
    const { out } = await reportOf({ at: /infer$/, status: (status) => (status === 400 ? 418 : status) });
    expect(out.match(/an HTTP error status \(typically 400\)/g)!.length).toBeLessThan(5);
    expect(out).toMatch(/errors\/no-object\n.*\n +answers 418\n {2}~ errors\/no-inputs\n/);
    expect(out).toMatch(/^ {4}The specification permits it, for these \d\d: an error has "an HTTP error/m);
  });

  it('says what another text permits, and where that is written', async () => {
    const change: Change = { at: /infer$/, status: () => 200 };
    const { out } = await reportOf(change, '--only', 'errors/media-type');
    expect(out).toContain('The specification permits it: a server may look what a body is');
    expect(out).toContain('https://www.rfc-editor.org/rfc/rfc9110#section-8.3');
    expect(out).not.toContain('ambiguous');
  });

  it('gives the same to programs', async () => {
    const { out } = await reportOf(nameless, '--only', 'health/model-ready,health/live', '-o', 'json');
    const { results } = JSON.parse(out) as Report;
    expect(results.find(({ id }) => id === 'health/model-ready')).toMatchObject({
      outcome: 'allowed',
      detail: 'the body has no "name"',
      leeway: { room: 'ambiguous', reason: expect.stringContaining('its OpenAPI file has no body') },
      source: expect.stringContaining('inference_rest.md#health'),
    });
    expect(results.find(({ id }) => id === 'health/live')).not.toHaveProperty('leeway');
  });
});

describe('where nothing was asked', () => {
  it('ends with 1, and says why and what to do in its last lines', async () => {
    const alone = await startServing();
    const at = `http://127.0.0.1:${alone.port}`;
    const { status, out } = await run(['conformance', at, '--only', 'binary,json/id']);
    await alone.stop();
    expect(status).toBe(1);
    expect(out).toMatch(/^Not asked, 1: no model to ask: name one with --model, or serve the fixtures$/m);
    const [reason, verdict] = out.trimEnd().split('\n').slice(-2);
    expect(reason).toMatch(/^Not asked, 13: the server has no model conformance-sum.*--write-fixtures$/);
    expect(verdict).toBe('No case was asked: this says nothing of the server.');
  });

  it.each(['grpc', 'grpc/live,json', 'health,grpc'])(
    'refuses --only %s without an address of gRPC',
    async (only) => {
      const { status, err } = await run(['conformance', url, '--only', only]);
      expect(status).toBe(2);
      expect(err).toContain('is asked over gRPC, and no address of it was named');
      expect(err).toContain('--grpc 127.0.0.1:9000');
    },
  );
});

describe('--require-all', () => {
  const two = ['--only', 'datatypes/bf16-binary,health/live'];

  it('ends with 1 where a case was not asked', async () => {
    expect(await run(['conformance', url, ...two])).toMatchObject({ status: 0 });
    const { status, out } = await run(['conformance', url, ...two, '--require-all']);
    expect(status).toBe(1);
    expect(out).toContain('1 passed, 0 in a way of its own, 0 failed, 1 not asked.');
    expect(out.trimEnd()).toMatch(/\nCases were not asked, and --require-all is given\.$/);
  });

  it('lets cases out that --except names', async () => {
    const words = ['conformance', url, ...two, '--require-all', '--except', 'datatypes/bf16-binary'];
    const { status, out } = await run(words);
    expect(status).toBe(0);
    expect(out).toContain('1 passed, 0 in a way of its own, 0 failed, 0 not asked.');
  });
});

describe('a gRPC address where nothing answers', () => {
  /** A port that was free a moment ago. */
  async function closedPort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  it('is told as such, and no case is asked', async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    const { status, out, err } = await run(['conformance', url, '--grpc', address, '--only', 'grpc']);
    expect(out).toBe('');
    expect(err).toContain(`no server answers at ${address} over gRPC`);
    expect(err).toContain('ECONNREFUSED');
    expect(err).toContain('ServerUnreachable');
    expect(status).toBe(3);
  });

  it('is also one that answers HTTP/1.1 alone', async () => {
    const plain = createServer((_, response) => response.end('{}'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as AddressInfo;
    const words = ['conformance', url, '--grpc', `127.0.0.1:${port}`, '--timeout', '3', '--only', 'grpc'];
    const { status, err } = await run(words);
    plain.closeAllConnections();
    await new Promise((resolve) => plain.close(resolve));
    expect(err).toContain(`no server answers at 127.0.0.1:${port} over gRPC`);
    expect(status).toBe(3);
  });
});

describe('the command', () => {
  it('writes the fixtures as files that are models', async () => {
    const { status } = await run(['conformance', '--write-fixtures', join(folder, 'fixtures')]);
    expect(status).toBe(0);
    const names = await readdir(join(folder, 'fixtures'));
    expect(names).toHaveLength(15);
    const bytes = await readFile(join(folder, 'fixtures', 'conformance-sum', '1', 'model.onnx'));
    expect(readSignature(bytes).inputs.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('writes them into a registry where an environment is named, and finds no fault in it', async () => {
    expect((await run(['init', 'kit'])).status).toBe(0);
    const registry = { folder: join(folder, 'kit') };
    const words = ['conformance', '--write-fixtures', '.', '--deploy-to', 'production'];
    const { status, out } = await runIn(words, registry);
    expect(status).toBe(0);
    expect(out).toContain('Wrote 14 models to ., deployed to production.');
    const checked = await runIn(['check', '--strict'], registry);
    expect(checked.status, checked.out).toBe(0);
  });

  it.each([
    [['--write-fixtures', '.', '--deploy-to', 'nowhere'], '. is no registry with an environment nowhere'],
    [['--write-fixtures', '.', '--deploy-to', '../x'], '. is no registry with an environment ../x'],
    [['--deploy-to', 'production'], '--deploy-to goes with --write-fixtures'],
  ])('writes nothing for %j', async (words, message) => {
    const { status, err } = await run(['conformance', ...words]);
    expect(err).toContain(message);
    expect(status).toBe(2);
  });

  it('is called as docs/conformance.md shows', async () => {
    const page = readFileSync(packageFile('docs/conformance.md'), 'utf8');
    const lines = [...page.matchAll(/```sh\nswitchyard (.*)\n```/g)].map(([, line]) => line!);
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const words = line.replace('http://127.0.0.1:8080', url).replace('bird-strike', 'linear').split(' ');
      expect(await run(words)).toMatchObject({ status: 0, err: expect.not.stringContaining('error') });
    }
  });

  it('asks with a request of the user', async () => {
    const path = join(folder, 'request.json');
    const request = { inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 1], data: [1, 2] }] };
    await writeFile(path, JSON.stringify(request));
    const { status } = await run(['conformance', url, '-m', 'linear', '-r', path, '--only', 'json/infer']);
    expect(status).toBe(0);
  });

  it.each([
    [[], 'no server was named', 2],
    [['no where'], "the server under test is no address: 'no where'", 2],
    [['127.0.0.1:1'], 'no server answers at http://127.0.0.1:1', 3],
    [['ftp://127.0.0.1'], 'neither http nor https', 2],
    [['http://127.0.0.1:1', '--only', 'helth'], "no case or group 'helth'", 2],
    [['http://127.0.0.1:1', '--except', 'helth'], "no case or group 'helth'", 2],
    [
      ['http://127.0.0.1:1', '--only', 'health', '--except', 'health'],
      '--only and --except leave no case',
      2,
    ],
    [['http://127.0.0.1:1', '--timeout', '0'], "--timeout is '0'", 2],
    [['http://127.0.0.1:1', '-H', 'oops'], "'oops' is no header", 2],
    [['http://127.0.0.1:1', '--grpc', 'nowhere'], "'nowhere' is no address of gRPC", 2],
    [['http://127.0.0.1:1'], 'ECONNREFUSED', 3],
    [['http://127.0.0.1:1', '-r', 'no-such-file.json'], 'no-such-file.json', 1],
  ])('refuses %j', async (words, message, expected) => {
    const { status, err } = await run(['conformance', ...words]);
    expect(err).toContain(message);
    expect(status).toBe(expected);
  });

  it('names what it asked where a server answers no more', async () => {
    const server = createServer(({ url: path, socket }, response) => {
      if (path === '/v2') response.end('{}');
      else socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { status, err } = await run(['conformance', `http://127.0.0.1:${port}`]);
    await new Promise((resolve) => server.close(resolve));
    expect(status).toBe(3);
    expect(err).toContain(
      `no server answers at http://127.0.0.1:${port}: GET /v2/models/conformance-sum has no whole answer: socket hang up`,
    );
  });

  it('names the model that it asks where none was named', async () => {
    const difference: Change = { at: /conformance-sum$/, json: () => ({}) };
    const proxy = await startProxy(Number(new URL(url).port), difference);
    const { status, err } = await run(['conformance', proxy.url]);
    await proxy.close();
    expect(status).toBe(2);
    expect(err).toContain(`the model 'conformance-sum' cannot be asked: "inputs" is no list`);
  });

  it('refuses a model that the server does not have', async () => {
    const { status, err } = await run(['conformance', url, '--model', 'no-such-model']);
    expect(status).toBe(2);
    expect(err).toContain("the model 'no-such-model' cannot be asked: answers 404");
  });
});
