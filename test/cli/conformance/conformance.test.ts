import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCases } from '../../../cli/conformance/cases/index.ts';
import { fixtureModels } from '../../../cli/conformance/fixture-models.ts';
import { type GrpcAnswer, type GrpcClient, openGrpcClient } from '../../../cli/conformance/grpc-client.ts';
import { type CaseResult, type Report, runCases } from '../../../cli/conformance/kit.ts';
import { RestClient } from '../../../cli/conformance/rest-client.ts';
import { openSubject } from '../../../cli/conformance/subject.ts';
import { readSignature } from '../../../libraries/onnx/index.ts';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { type Serving, startServing } from '../../plugins/serving/dataplane/fixtures/in-process.ts';
import { builtModel, linearModel, pin } from '../../plugins/serving/dataplane/fixtures/models.ts';
import { deployment, table } from '../../plugins/serving/dataplane/fixtures/tables.ts';
import { type Ran, run as runIn } from '../run.ts';
import { type Change, startProxy } from './changing-proxy.ts';

let folder: string;
let serving: Serving;
let url: string;
let grpc: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-conformance-'));
  serving = await startServing();
  const fixtures = fixtureModels().map(({ name, bytes }) =>
    deployment(name, [pin(folder, '1.0.0', builtModel(bytes))]),
  );
  await serving.follow(table(deployment('linear', [pin(folder, '1.2.0', linearModel(2, 1))]), ...fixtures));
  url = `http://127.0.0.1:${serving.port}`;
  grpc = `127.0.0.1:${await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' })}`;
}, 60_000);

const run = (words: readonly string[]): Promise<Ran> => runIn(words, { folder });

afterAll(async () => {
  await serving.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What the cases say of a server that changes what ours answers. */
async function resultsOf(change: Change, only: (id: string) => boolean): Promise<readonly CaseResult[]> {
  const proxy = await startProxy(serving.port, change);
  const signal = AbortSignal.timeout(30_000);
  const rest = new RestClient({ server: proxy.url, headers: {}, timeoutMs: 5_000, signal });
  try {
    const cases = allCases.filter(({ id }) => only(id));
    return await runCases(cases, await openSubject({ rest, model: 'linear' }), signal);
  } finally {
    rest.close();
    await proxy.close();
  }
}

const outcomeOf = async (change: Change, id: string): Promise<string | undefined> =>
  (await resultsOf(change, (each) => each === id))[0]?.outcome;

describe('our server', () => {
  it('passes every case', async () => {
    const { status, out } = await run([
      'conformance',
      url,
      '--model',
      'linear',
      '--grpc',
      grpc,
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
    ]);
    expect(counts.pass).toBe(allCases.length - 3);
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
  expect(out).toContain('Not asked: the server has no model conformance-bf16: see switchyard conformance');
  const alone = await startServing();
  const { out: told } = await run([
    ...['conformance', `http://127.0.0.1:${alone.port}`],
    ...['--only', 'datatypes'],
  ]);
  await alone.stop();
  expect(told).toMatch(
    /Not asked: the server has no model conformance-\w+, [\w-]+, [\w-]+ and \d+ more: see/,
  );
});

describe('a server that keeps to the specification in another way', () => {
  const ways: readonly [string, Change, RegExp][] = [
    ['answers probes without a body', { at: /\/(live|ready)$/, text: () => '' }, /^health/],
    [
      'has no versions',
      {
        at: /./,
        json: ({ model_version: _, versions: __, ...rest }) => rest,
      },
      /^(metadata|json|health)/,
    ],
    ['nests its data', { at: /infer$/, json: nested }, /^json/],
    [
      'makes up an id where there is none',
      { at: /infer$/, json: (body) => ({ id: 'made-up', ...body }) },
      /^json/,
    ],
    [
      'answers 422 to what it does not take',
      { at: /infer$/, status: (status) => (status === 400 ? 422 : status) },
      /^errors/,
    ],
    [
      'answers errors in its own words',
      { at: /./, json: (body) => ('error' in body ? { error: 'no' } : body) },
      /^errors/,
    ],
    [
      'has no extensions',
      { at: /\/v2$/, json: (body) => ({ ...body, extensions: [] }) },
      /^(metadata|binary|datatypes)/,
    ],
  ];
  it.each(ways)('%s', async (_, change, groups) => {
    const results = await resultsOf(change, (id) => groups.test(id));
    expect(results.length).toBeGreaterThan(3);
    expect(results.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
  });
});

describe('a server that does not', () => {
  const wrongs: readonly [string, string, Change][] = [
    ['health/live', 'is not live', { at: /live$/, status: () => 503 }],
    [
      'health/ready',
      'says that it is not ready with 200',
      { at: /health\/ready$/, json: () => ({ ready: false }) },
    ],
    [
      'health/model-ready',
      'names another model',
      { at: /linear\/ready$/, json: (body) => ({ ...body, name: 'x' }) },
    ],
    [
      'health/version-ready',
      'does not know the versions that it lists',
      { at: /versions\/.*ready$/, status: () => 404 },
    ],
    [
      'health/unknown-model',
      'is ready for all',
      { at: /ready$/, status: () => 200, json: () => ({ ready: true }) },
    ],
    ['health/kept-connection', 'fails', { at: /live$/, status: () => 500 }],
    ['metadata/server', 'has no version', { at: /\/v2$/, json: ({ version: _, ...rest }) => rest }],
    [
      'metadata/model',
      'has shapes that are none',
      {
        at: /linear$/,
        json: (body) => ({ ...body, outputs: [{ name: 'y', datatype: 'FP32', shape: ['N'] }] }),
      },
    ],
    ['metadata/platform', 'has no platform', { at: /linear$/, json: ({ platform: _, ...rest }) => rest }],
    [
      'metadata/version',
      'names another',
      { at: /versions\/1.2.0$/, json: (body) => ({ ...body, name: 'x' }) },
    ],
    ['metadata/unknown-model', 'has a model of any name', { at: /no-such-model$/, status: () => 200 }],
    ['schedule/parameters', 'fails where they are given', { at: /linear\/infer$/, status: () => 500 }],
    ['schedule/too-late', 'fails where it is late', { at: /linear\/infer$/, status: () => 500 }],
    ['schedule/too-late', 'says it in no words', { at: /linear\/infer$/, json: () => ({}) }],
    [
      'json/infer',
      'answers with another datatype',
      { at: /infer$/, text: (text) => text.replace('"FP32"', '"FP64"') },
    ],
    ['json/content-type', 'calls JSON a text', { at: /infer$/, headers: { 'content-type': 'text/plain' } }],
    ['json/charset', 'refuses a charset', { at: /infer$/, status: () => 415 }],
    ['json/id', 'loses the id', { at: /infer$/, json: ({ id: _, ...rest }) => rest }],
    [
      'json/version',
      'answers with another version',
      { at: /infer$/, json: (body) => ({ ...body, model_version: '9' }) },
    ],
    ['json/chunked', 'refuses chunks', { at: /infer$/, status: () => 411 }],
    ['json/flat', 'adds wrongly', { at: /infer$/, text: (text) => text.replace('44', '45') }],
    [
      'json/nested',
      'loses a row',
      { at: /infer$/, text: (text) => text.replace('[11,22,33,44]', '[11,22]') },
    ],
    [
      'json/input-order',
      'takes inputs by their place',
      { at: /infer$/, text: (text) => text.replace('[4,4]', '[-4,-4]') },
    ],
    ['json/field-order', 'fails', { at: /infer$/, status: () => 400 }],
    ['json/number-forms', 'reads 1e2 as 1', { at: /infer$/, text: (text) => text.replace('[101,', '[2,') }],
    ['json/requested-outputs', 'answers with all', { at: /infer$/, json: withSum }],
    ['json/rows', 'mixes rows up', { at: /infer$/, text: (text) => text.replace('[1,2,3', '[2,1,3') }],
    ['binary/inputs', 'answers garbage', { at: /infer$/, text: (text) => text.replace('33', '34') }],
    ['binary/output', 'answers in JSON', { at: /infer$/, text: () => inJson }],
    ['binary/all-outputs', 'answers in JSON', { at: /infer$/, text: () => inJson }],
    [
      'binary/content-type',
      'says that raw bytes are JSON',
      { at: /infer$/, headers: { 'content-type': 'application/json' } },
    ],
    ['binary/raw-form', 'refuses a body without JSON', { at: /infer$/, status: () => 400 }],
    ['binary/too-few-bytes', 'answers anyway', { at: /infer$/, status: () => 200 }],
    ['binary/impossible-length', 'fails', { at: /infer$/, status: () => 500 }],
    ['binary/non-finite', 'fails', { at: /infer$/, status: () => 500 }],
    [
      'datatypes/int64-json',
      'cuts what lies beyond 2^53',
      { at: /infer$/, text: (text) => text.replace('9007199254740993', '9007199254740992') },
    ],
    [
      'datatypes/fp32-json',
      'loses precision',
      { at: /infer$/, text: (text) => text.replace(/"data":\[0\.1\d*/, '"data":[0.1001') },
    ],
    ['datatypes/bytes-json', 'loses letters', { at: /infer$/, text: (text) => text.replace('plain', 'pla') }],
    [
      'datatypes/bool-json',
      'answers numbers',
      { at: /infer$/, text: (text) => text.replace('true,false', '1,0') },
    ],
    [
      'datatypes/nan-in-json',
      'writes NaN',
      { at: /infer$/, status: () => 200, text: () => '{"model_name":"x","outputs":[NaN]}' },
    ],
    ['errors/not-json', 'answers', { at: /infer$/, status: () => 200 }],
    ['errors/empty-body', 'fails', { at: /infer$/, status: () => 500 }],
    ['errors/missing-input', 'has no message', { at: /infer$/, json: () => ({ detail: 'no' }) }],
    ['errors/unknown-model', 'fails', { at: /infer$/, status: () => 503 }],
    ['errors/method', 'answers', { at: /infer$/, status: () => 200 }],
    ['errors/goes-on', 'is gone', { at: /infer$/, status: () => 503 }],
  ];
  it.each(wrongs)('fails %s: it %s', async (id, _, change) => {
    expect(await outcomeOf(change, id)).toBe('fail');
  });

  it('is told what was wrong, where that is written, and with status 1', async () => {
    const proxy = await startProxy(serving.port, { at: /live$/, status: () => 503 });
    try {
      const { status, out } = await run(['conformance', proxy.url, '--only', 'health/live']);
      expect(status).toBe(1);
      expect(out).toContain('✘ health/live');
      expect(out).toContain('answers 503');
      expect(out).toContain('https://github.com/kserve/open-inference-protocol');
    } finally {
      await proxy.close();
    }
  });
});

describe('a server that answers gRPC otherwise', () => {
  type Changed = (answer: GrpcAnswer) => GrpcAnswer;
  /** What the case says of a server that changes what ours answers over gRPC. */
  async function outcomeOfGrpc(id: string, change: Changed): Promise<string | undefined> {
    const ours = openGrpcClient(grpc, 5_000);
    const changing: GrpcClient = {
      call: async (method, request) => change(await ours.call(method, request)),
      callLate: async (method, request) => change({ ...(await ours.callLate(method, request)), body: {} }),
      health: async (service) => change(await ours.health(service)),
      close: () => ours.close(),
    };
    const signal = AbortSignal.timeout(30_000);
    const rest = new RestClient({ server: url, headers: {}, timeoutMs: 5_000, signal });
    try {
      const subject = await openSubject({ rest, grpc: changing, model: 'linear' });
      const [result] = await runCases(
        allCases.filter((one) => one.id === `grpc/${id}`),
        subject,
        signal,
      );
      return result?.outcome;
    } finally {
      rest.close();
      changing.close();
    }
  }
  const ok =
    (body: GrpcAnswer['body']): Changed =>
    () => ({ status: 'OK', details: '', body });
  const failed =
    (status: string): Changed =>
    () => ({ status, details: 'no', body: {} });
  const nothing = {
    outputs: [{ name: 'sum' }, { name: 'difference' }, { name: 'y' }],
    raw_output_contents: [],
  };

  it.each<readonly [string, string, Changed]>([
    ['live', 'does not live', ok({ live: false })],
    ['ready', 'is not ready', ok({ ready: false })],
    ['server-metadata', 'has no name', ok({ name: '', version: '1' })],
    ['model-ready', 'is not ready', ok({ ready: false })],
    ['model-metadata', 'has other inputs', ok({ inputs: [], outputs: [] })],
    ['unknown-model', 'has all models', ok({})],
    ['unknown-model', 'fails', failed('INTERNAL')],
    ['typed', 'answers nothing', ok(nothing)],
    ['raw', 'answers nothing', ok(nothing)],
    ['input-order', 'answers nothing', ok(nothing)],
    ['id', 'loses the id', (answer) => ({ ...answer, body: { ...answer.body, id: '' } })],
    ['requested-outputs', 'answers all', ok(nothing)],
    ['non-finite', 'refuses them', failed('INVALID_ARGUMENT')],
    ['long-integers', 'answers nothing', ok(nothing)],
    ['missing-input', 'answers', ok(nothing)],
    ['wrong-size', 'fails', failed('UNKNOWN')],
    ['wrong-datatype', 'answers', ok(nothing)],
    ['unknown-output', 'is away', failed('UNAVAILABLE')],
    ['schedule', 'answers nothing', ok(nothing)],
    ['schedule', 'fails where they are given', failed('INTERNAL')],
    ['deadline', 'fails where it is late', failed('INTERNAL')],
    ['deadline', 'refuses what is right', failed('INVALID_ARGUMENT')],
    ['deadline', 'leaves the call open', failed('open')],
    ['health', 'serves not', ok({ status: 'NOT_SERVING' })],
  ])('fails grpc/%s: it %s', async (id, _, change) => {
    expect(await outcomeOfGrpc(id, change)).toBe('fail');
  });

  it('is allowed other codes, and no health', async () => {
    expect(await outcomeOfGrpc('unknown-model', failed('INVALID_ARGUMENT'))).toBe('allowed');
    expect(await outcomeOfGrpc('health', failed('UNIMPLEMENTED'))).toBe('allowed');
    expect(await outcomeOfGrpc('schedule', failed('INVALID_ARGUMENT'))).toBe('allowed');
    for (const status of ['none', 'CANCELLED', 'RESOURCE_EXHAUSTED'])
      expect(await outcomeOfGrpc('deadline', failed(status))).toBe('allowed');
    expect(await outcomeOfGrpc('deadline', ok({}))).toBe('allowed');
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

  it('is called as docs/conformance.md shows', async () => {
    const page = readFileSync(packageFile('docs/conformance.md'), 'utf8');
    const lines = [...page.matchAll(/```sh\nswitchyard (.*)\n```/g)].map(([, line]) => line!);
    expect(lines).toHaveLength(2);
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
    [['nowhere'], "'nowhere' is no URL", 2],
    [['ftp://127.0.0.1'], 'neither http nor https', 2],
    [['http://127.0.0.1:1', '--only', 'helth'], "no case or group 'helth'", 2],
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

  it('refuses a model that the server does not have', async () => {
    const { status, err } = await run(['conformance', url, '--model', 'no-such-model']);
    expect(status).toBe(2);
    expect(err).toContain("the model 'no-such-model' cannot be asked: answers 404");
  });
});

const inJson = JSON.stringify({
  model_name: 'conformance-sum',
  outputs: [{ name: 'sum', datatype: 'FP32', shape: [1, 2], data: [4, 6] }],
});

type Body = Readonly<Record<string, unknown>>;

function withSum(body: Body): Body {
  const outputs = body.outputs as readonly { name: string }[];
  return { ...body, outputs: [...outputs, { ...outputs[0], name: 'sum' }] };
}

function nested(body: Body): Body {
  const outputs = (body.outputs ?? []) as readonly { shape: readonly number[]; data: readonly unknown[] }[];
  if (outputs.length === 0) return body;
  return {
    ...body,
    outputs: outputs.map(({ shape, data, ...rest }) => {
      const width = shape[1] ?? 1;
      const rows = Array.from({ length: shape[0] ?? 1 }, (_, row) =>
        data.slice(row * width, (row + 1) * width),
      );
      return { ...rest, shape, data: rows };
    }),
  };
}
