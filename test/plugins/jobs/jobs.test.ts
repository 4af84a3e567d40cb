import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packageFile } from '../../../libraries/package-files/index.ts';
import {
  cancelJob,
  createJob,
  JobsFullError,
  queued,
  readJob,
  removeJob,
  resultFile,
  writeProgress,
} from '../../../libraries/prediction-jobs/index.ts';
import { jobRoutes } from '../../../plugins/jobs/routes.ts';
import { jobSettings } from '../../../plugins/jobs/settings.ts';
import { saveUpload } from '../../../plugins/jobs/upload.ts';
import { Turns } from '../../../plugins/jobs/worker/turns.ts';
import { type Worked, type WorkOptions, workJob } from '../../../plugins/jobs/worker/work-job.ts';
import { shownBlock } from '../../fixtures/shown-block.ts';
import { shownCurl } from '../../fixtures/shown-curl.ts';
import { until } from '../../fixtures/until.ts';
import { call } from '../serving/dataplane/fixtures/client.ts';
import { type Serving, startServing } from '../serving/dataplane/fixtures/in-process.ts';
import {
  builtModel,
  divisionModel,
  identityModel,
  linearModel,
  lookupModel,
  pin,
} from '../serving/dataplane/fixtures/models.ts';
import { deployment, table } from '../serving/dataplane/fixtures/tables.ts';

let root: string;
let folder: string;
let serving: Serving;
let count = 0;
const strikes = 'registry-repo-template/models/bird-strike/artifacts/1.0.0.onnx';
const limits = { mostJobs: 5, mostBytes: 1024 * 1024 };

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'switchyard-jobs-'));
  serving = await startServing();
});

beforeEach(async () => {
  folder = join(root, `jobs-${count++}`);
  await serving.follow({
    ...table(
      deployment('linear', [pin(root, '1.2.0', linearModel(2, 1))]),
      deployment('big', [pin(root, '1.0.0', identityModel('INT64', ['N', 2]))]),
      deployment('lookup', [pin(root, '1.0.0', lookupModel())]),
      deployment('division', [pin(root, '1.0.0', divisionModel())]),
      deployment('bird-strike', [pin(root, '1.0.0', builtModel(await readFile(packageFile(strikes))))]),
    ),
    jobs: { folder, ...limits },
  });
});

afterAll(async () => {
  await serving.stop();
  await rm(root, { recursive: true, force: true });
});

const routes = () => jobRoutes({ folder, limits, largestFile: 4096 });

async function ask(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  const url = new URL(`http://localhost/plugins/jobs/${path}`);
  const answer = await routes()(
    new Request(url, { method, ...init }),
    url.pathname.slice('/plugins/jobs/'.length),
  );
  return answer ?? new Response(null, { status: 404 });
}

const send = (query: string, body: string, type = 'text/csv') =>
  ask('POST', `jobs?${query}`, { body, headers: { 'content-type': type } });

async function submit(query: string, body: string, type?: string): Promise<string> {
  const answer = await send(query, body, type);
  expect(answer.status).toBe(202);
  const { id } = (await answer.json()) as { id: string };
  expect(answer.headers.get('location')).toBe(`/plugins/jobs/jobs/${id}`);
  return id;
}

async function work(
  id: string,
  signal = new AbortController().signal,
  more: Partial<WorkOptions> = {},
): Promise<Worked> {
  const kept = await readJob(folder, id);
  return workJob(kept!, {
    ...{ folder, signal, keepMs: 60_000, mostBytes: limits.mostBytes, hasOthers: () => false },
    ...{ turns: new Turns(), server: `http://127.0.0.1:${serving.port}`, ...more },
  });
}

const shown = async (id: string) =>
  (await ask('GET', `jobs/${id}`)).json() as Promise<Record<string, unknown>>;

async function result(id: string, query = ''): Promise<string> {
  return (await ask('POST', `jobs/${id}/result${query}`)).text();
}

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('jobs that are worked at once', () => {
  const rowsOf = (count: number): string => `x\n${'1\n'.repeat(count)}`;

  it('ask for a batch each in turns, so that a small one is soon done', async () => {
    const long = await submit('deployment=linear', rowsOf(1_500));
    const small = await submit('deployment=linear', rowsOf(1));
    const turns = new Turns();
    const ending = new AbortController();
    const worked = work(long, ending.signal, { turns });
    await until(async () => ((await readJob(folder, long))?.progress.rows ?? 0) > 0);
    await work(small, ending.signal, { turns });
    expect((await readJob(folder, small))?.progress).toMatchObject({ state: 'done', rows: 1 });
    const { state, rows } = (await readJob(folder, long))!.progress;
    expect(state).toBe('running');
    expect(rows).toBeLessThan(1_500);
    expect(await worked).toEqual({ how: 'ended' });
    expect(linesOf(await result(long)).map(({ row }) => row)).toEqual(
      Array.from({ length: 1_500 }, (_, row) => row),
    );
  });

  it('make way for others once they had their time, and go on where they were', async () => {
    const id = await submit('deployment=linear', rowsOf(250));
    const { signal } = new AbortController();
    const once = { hasOthers: () => true, timeMs: 0 };
    expect(await work(id, signal, once)).toEqual({ how: 'aside', unanswered: undefined });
    expect((await readJob(folder, id))?.progress).toMatchObject({ state: 'running', rows: 100 });
    expect(await work(id, signal, once)).toMatchObject({ how: 'aside' });
    expect(await work(id, signal, once)).toEqual({ how: 'ended' });
    expect(linesOf(await result(id)).map(({ row }) => row)).toEqual(
      Array.from({ length: 250 }, (_, row) => row),
    );
  });
});

describe('a file of rows', () => {
  it('becomes a job, and its result a line a row', async () => {
    const id = await submit('deployment=linear&keep=name', 'x,name\n1,a\n2,b\n');
    expect(await shown(id)).toMatchObject({ state: 'queued', deployment: 'linear', expires: null });
    await work(id);
    expect(await shown(id)).toMatchObject({
      state: 'done',
      progress: { rows: 2, failed: 0, read: 1 },
      expires: expect.stringMatching(/^\d{4}-/),
    });
    const version = '1.2.0';
    const prediction_id = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(linesOf(await result(id))).toEqual([
      { row: 0, kept: { name: 'a' }, prediction: { y: 3 }, version, prediction_id, prediction_row: 0 },
      { row: 1, kept: { name: 'b' }, prediction: { y: 5 }, version, prediction_id, prediction_row: 1 },
    ]);
    expect(await result(id, '?format=csv')).toMatch(
      /^row,name,y,version,prediction_id,prediction_row,error\n0,a,3,1.2.0,[0-9a-f-]+,0,\n1,b,5,/,
    );
    // The rows are of no use any longer.
    expect((await readdir(join(folder, id))).sort()).toEqual(['job.json', 'progress.json', 'result.jsonl']);
  });

  it('is of a deployment that is called as a path of the port is', async () => {
    await serving.follow(table(deployment('stats', [pin(root, '1.2.0', linearModel(2, 1))])));
    const sent = await jobRoutes({
      folder,
      limits,
      largestFile: 4096,
      inference: `http://127.0.0.1:${serving.port}`,
    })(
      new Request('http://localhost/jobs?deployment=stats', {
        method: 'POST',
        body: 'x\n1\n',
        headers: { 'content-type': 'text/csv' },
      }),
      'jobs',
    );
    const { id } = (await sent!.json()) as { id: string };
    await work(id);
    expect(linesOf(await result(id))).toMatchObject([{ prediction: { y: 3 } }]);
  });

  it('tells rows that cannot be predicted, and predicts the others', async () => {
    const id = await submit(
      'deployment=lookup',
      '{"index":1}\n{"index":9}\n{"index":"x"}\n{"other":1}\n',
      'application/x-ndjson',
    );
    await work(id);
    expect(await shown(id)).toMatchObject({ state: 'done', progress: { rows: 4, failed: 3 } });
    expect(linesOf(await result(id)).map(({ prediction, error }) => prediction ?? error)).toEqual([
      { y: 11 },
      expect.stringContaining('the model failed on this request'),
      expect.stringContaining('index must be a whole number'),
      'index is missing',
    ]);
  });

  it('keeps the digits of long integers, and names the values of an output', async () => {
    const id = await submit('deployment=big', '"x[0]","x[1]"\n9223372036854775807,1\n');
    await work(id);
    expect(await result(id)).toContain('"prediction":{"y":[9223372036854775807,1]}');
    const lines = '{"x[0]":9007199254740993,"x[1]":null}\n\n{"x[0]":1,"more":[],"x[1]":2}';
    const other = await submit('deployment=big&missing=x[1]=7&keep=more', lines, 'application/x-ndjson');
    await work(other);
    expect(await result(other)).toMatch(
      /"y":\[9007199254740993,7\].*\n.*"kept":\{"more":\[\]\}.*"y":\[1,2\]/,
    );
    expect(await result(id, '?format=csv')).toMatch(/^row,y\[0\],y\[1\],.*\n0,9223372036854775807,1,/);
  });

  it('counts labels by the rows that were run', async () => {
    const id = await submit('deployment=division&missing=y=1', 'x,y\n0,0\na,1\n6,3\n4,\n');
    await work(id);
    const rows = linesOf(await result(id)).map(({ prediction_row, prediction }) => [
      prediction,
      prediction_row,
    ]);
    expect(rows).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [{ z: 2 }, 1],
      [{ z: 4 }, 2],
    ]);
  });

  it('counts labels so where a row of a request is no object, too', async () => {
    const text = '5\n{"x":6,"y":3}\nnull\n{"x":4,"y":1}\n';
    const { id } = await createJob(
      folder,
      limits,
      { deployment: 'division', format: 'jsonl', request: { parameters: { on_error: 'skip' } } },
      async (path) => {
        await writeFile(path, text);
        return text.length;
      },
    );
    await work(id);
    expect(linesOf(await result(id))).toMatchObject([
      { error: 'must be an object of fields, is 5' },
      { prediction: { z: 2 }, prediction_row: 0 },
      { error: 'must be an object of fields, is null' },
      { prediction: { z: 4 }, prediction_row: 1 },
    ]);
  });

  it('tells all that is wrong with a row, and the field that was probably meant', async () => {
    const text = '{"x":6,"y":3}\n{"x":"a","yy":1}\n';
    for (const rows of [text, text.split('\n').slice(1).join('\n').repeat(2)]) {
      const { id } = await createJob(
        folder,
        limits,
        { deployment: 'division', format: 'jsonl', request: { parameters: { on_error: 'skip' } } },
        async (path) => {
          await writeFile(path, rows);
          return rows.length;
        },
      );
      await work(id);
      expect(linesOf(await result(id)).at(-1)).toMatchObject({
        error:
          'x must be a number of FP32, is the text "a"; yy is no field of the model (Did you mean "y"?); y is missing',
      });
    }
  });

  it('goes on where it was stopped, and asks for no row of it again', async () => {
    const lines = Array.from({ length: 250 }, (_, index) => `${index}`);
    const id = await submit('deployment=linear', `x\n${lines.join('\n')}\n`);
    const stop = new AbortController();
    const working = work(id, stop.signal);
    await until(async () => ((await readJob(folder, id))?.progress.rows ?? 0) >= 100, { everyMs: 1 });
    stop.abort();
    await working;
    const { progress } = (await readJob(folder, id))!;
    expect(progress.state).toBe('running');
    expect(progress.rows).toBeLessThan(250);
    // A kill may leave more in the file than was noted.
    const path = resultFile(folder, id);
    await writeFile(path, `${(await readFile(path, 'utf8')).slice(0, progress.bytes)}{"row":`);
    await work(id);
    const rows = linesOf(await result(id));
    expect(rows.map(({ row }) => row)).toEqual(lines.map(Number));
    expect(rows.map(({ prediction }) => prediction)).toEqual(lines.map((x) => ({ y: Number(x) * 2 + 1 })));
  });

  it.each([
    ['more columns of the file', 'x,y', 'z'],
    ['other columns of the file', 'x,y,index', 'y'],
  ])('goes on with %s where a version that needs them is promoted', async (what, columns, output) => {
    const others = what.startsWith('more') ? divisionModel() : lookupModel();
    const cells = columns.split(',').map(() => '2');
    const id = await submit('deployment=linear', `${columns}\n${`${cells.join(',')}\n`.repeat(400)}`);
    const working = work(id);
    await until(async () => ((await readJob(folder, id))?.progress.rows ?? 0) >= 100, { everyMs: 1 });
    await serving.follow(table(deployment('linear', [pin(root, '2.0.0', others)])));
    expect(await working).toEqual({ how: 'aside', unanswered: undefined });
    expect((await readJob(folder, id))?.progress).toMatchObject({ state: 'running', failed: 0 });
    expect(await work(id)).toEqual({ how: 'ended' });
    expect(await shown(id)).toMatchObject({ state: 'done', progress: { rows: 400, failed: 0 } });
    const lines = linesOf(await result(id));
    expect(lines.map(({ row }) => row)).toEqual(Array.from({ length: 400 }, (_, row) => row));
    expect([lines[0], lines.at(-1)]).toMatchObject([{ version: '1.2.0' }, { version: '2.0.0' }]);
    expect(Object.keys(lines.at(-1)?.prediction as object)).toEqual([output]);
    const [head, first, ...more] = (await result(id, '?format=csv')).trimEnd().split('\n');
    const outputs = [...new Set(['y', output])];
    expect(head).toBe(`row,${outputs.join(',')},version,prediction_id,prediction_row,error`);
    const valuesOf = (line = '') => line.split(',').slice(1, 1 + outputs.length);
    const last = output === 'y' ? ['12'] : ['', '1'];
    expect([valuesOf(first), valuesOf(more.at(-1))]).toEqual([
      outputs.map((name) => (name === 'y' ? '5' : '')),
      last,
    ]);
  });

  it('fails, and says of what, where a version that needs what the file lacks is promoted', async () => {
    const id = await submit('deployment=linear', `x\n${'2\n'.repeat(400)}`);
    const working = work(id);
    await until(async () => ((await readJob(folder, id))?.progress.rows ?? 0) >= 100, { everyMs: 1 });
    await serving.follow(table(deployment('linear', [pin(root, '2.0.0', divisionModel())])));
    await working;
    await work(id);
    expect(await shown(id)).toMatchObject({
      state: 'failed',
      progress: { failed: 0 },
      error: { code: 'JobUnusable', message: expect.stringContaining('no column y') },
    });
    expect(linesOf(await result(id))[0]).toMatchObject({ version: '1.2.0', prediction: { y: 5 } });
  });

  it('ends when nobody wants it, with what there is', async () => {
    const id = await submit('deployment=linear', `x\n${'1\n'.repeat(1900)}`);
    const working = work(id);
    await until(async () => ((await readJob(folder, id))?.progress.rows ?? 0) >= 100);
    expect(await ask('POST', `jobs/${id}/result`).catch((error: unknown) => error)).toMatchObject({
      code: 'JobNotEnded',
    });
    expect(linesOf(await result(id, '?partial=true')).length).toBeGreaterThanOrEqual(100);
    expect(await (await ask('DELETE', `jobs/${id}`)).json()).toMatchObject({ state: 'cancelling' });
    await working;
    const { state, progress } = (await shown(id)) as { state: string; progress: { rows: number } };
    expect(state).toBe('cancelled');
    expect(linesOf(await result(id))).toHaveLength(progress.rows);
  });

  it.each([
    ['deployment=linear', 'y\n1\n', 'the file has no column x', 'JobUnusable'],
    ['deployment=linear&keep=name', 'x\n1\n', 'no column name to keep', 'JobUnusable'],
    ['deployment=linear', 'x\n"1\n', 'line 2', 'DataFileUnusable'],
    ['deployment=linear', '{"x":1}\n[1]\n', 'line 2 is no JSON object', 'JobUnusable'],
    ['deployment=linear', '{"x":1}\n\n{"x"\n', 'line 3 is no JSON', 'JobUnusable'],
    ['deployment=linear&missing=y=1', '{"x":1}\n', '"missing" names y', 'JobUnusable'],
    // As where the port was away when they were sent.
    ['deployment=stats', 'x\n1\n', 'there is no deployment "stats"', 'ModelNotFound'],
    ['deployment=..', 'x\n1\n', 'there is no deployment ".."', 'ModelNotFound'],
  ])('fails as a whole where it is not right (%s, %j)', async (query, body, message, code) => {
    const id = await submit(query, body, body.startsWith('{') ? 'application/x-ndjson' : 'text/csv');
    await work(id);
    expect(await shown(id)).toMatchObject({
      state: 'failed',
      error: { code, message: expect.stringContaining(message) },
    });
  });

  it.each([
    ['', 'x\n1\n', 'text/csv', 'InvalidJob'],
    ['deployment=linear', '', 'text/csv', 'InvalidJob'],
    ['deployment=linear', 'x', 'application/json', 'InvalidJob'],
    ['deployment=linear&deployment=big', 'x', 'text/csv', 'InvalidJob'],
    ['deployment=linear&batch=1', 'x', 'text/csv', 'InvalidJob'],
    ['deployment=linear&missing=x', 'x', 'text/csv', 'InvalidJob'],
    ['deployment=linear', 'x\n'.repeat(2049), 'text/csv', 'JobFileTooLarge'],
  ])('is refused, and leaves nothing behind (%s)', async (query, body, type, code) => {
    await expect(send(query, body, type)).rejects.toMatchObject({ code });
    expect(await readdir(folder).catch(() => [])).toEqual([]);
  });

  const sendAs = (encoding: string, body: Uint8Array) =>
    ask('POST', 'jobs?deployment=linear', {
      body: new Uint8Array(body),
      headers: { 'content-type': 'text/csv', 'content-encoding': encoding },
    });

  it.each([
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (text: string) => Buffer.from(text)],
  ])('is unfolded where it was sent as %s', async (encoding, compress) => {
    const answer = await sendAs(encoding, compress('x\n1\n20\n'));
    expect(answer.status).toBe(202);
    const { id } = (await answer.json()) as { id: string };
    expect((await readJob(folder, id))?.job.size).toBe(7);
    await work(id);
    expect(linesOf(await result(id))).toMatchObject([{ prediction: { y: 3 } }, { prediction: { y: 41 } }]);
  });

  it.each([
    ['no gzip', 'gzip', Buffer.from('x\n1\n'), 'InvalidJob', 'not the gzip that it is said to be'],
    [
      'cut off',
      'gzip',
      gzipSync('x\n1\n'.repeat(99)).subarray(0, 20),
      'InvalidJob',
      'unexpected end of file',
    ],
    ['no Brotli', 'br', Buffer.from('x\n1\n'.repeat(9)), 'InvalidJob', 'not the br'],
    ['empty', 'gzip', gzipSync(''), 'InvalidJob', 'is empty'],
    ['of more bytes than a file may have', 'gzip', gzipSync('x\n'.repeat(2049)), 'JobFileTooLarge', '4096'],
    ['compressed twice', 'gzip, br', Buffer.from('x\n1\n'), 'UnsupportedMediaType', 'gzip, br'],
    ['of an unknown encoding', 'zstd', Buffer.from('x\n1\n'), 'UnsupportedMediaType', 'zstd'],
  ])(
    'is refused compressed where it is %s, and leaves nothing behind',
    async (_, encoding, body, code, message) => {
      await expect(sendAs(encoding, body)).rejects.toMatchObject({
        code,
        status: { InvalidJob: 400, JobFileTooLarge: 413, UnsupportedMediaType: 415 }[code],
        message: expect.stringContaining(message),
        hint: expect.any(String),
      });
      expect(await readdir(folder).catch(() => [])).toEqual([]);
    },
  );

  it('is given up where nothing more of it comes, and taken where it comes slowly', async () => {
    const pieces = (rows: readonly string[], ends: boolean) =>
      new ReadableStream<Uint8Array>({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 100));
          const row = rows.at(0);
          rows = rows.slice(1);
          if (row !== undefined) controller.enqueue(Buffer.from(row));
          else if (ends) controller.close();
          else await new Promise(() => {});
        },
      });
    const sent = (body: ReadableStream) =>
      new Request('http://localhost/jobs', { method: 'POST', body, duplex: 'half' } as RequestInit);
    const path = join(root, 'rows.csv');
    await expect(saveUpload(sent(pieces(['x\n'], false)), path, 100, 3_000)).rejects.toMatchObject({
      code: 'JobFileNotWhole',
      status: 408,
    });
    const rows = Array.from({ length: 20 }, () => '12\n');
    expect(await saveUpload(sent(pieces(rows, true)), path, 100, 3_000)).toBe(60);
  });

  it('is refused before it is read where nobody serves what it is for, and taken where nobody can be asked', async () => {
    const inference = `http://127.0.0.1:${serving.port}`;
    const body = () => new ReadableStream({ pull: () => Promise.reject(new Error('it was read')) });
    const submitTo = (query: string, port = inference, file: unknown = body()) => {
      const url = `http://localhost/jobs?${query}`;
      const init = { method: 'POST', body: file, duplex: 'half', headers: { 'content-type': 'text/csv' } };
      return jobRoutes({ folder, limits, largestFile: 4096, inference: port })(
        new Request(url, init as RequestInit),
        'jobs',
      );
    };
    for (const [query, code] of [
      ['deployment=nobody', 'ModelNotFound'],
      ['deployment=linear&version=9.9.9', 'VersionNotFound'],
      ['deployment=linear&environment=nowhere', 'EnvironmentNotFound'],
      // What would be another path of the port: of all models, of the server, of nothing.
      ['deployment=stats', 'ModelNotFound'],
      ['deployment=..', 'ModelNotFound'],
      ['deployment=.', 'ModelNotFound'],
      ['deployment=%252e%252e', 'ModelNotFound'],
      ['deployment=a/b', 'ModelNotFound'],
      ['deployment=linear&environment=..', 'EnvironmentNotFound'],
      ['deployment=linear&version=..', 'VersionNotFound'],
      ['deployment=linear&version=../../stats', 'VersionNotFound'],
    ] as const)
      await expect(submitTo(query)).rejects.toMatchObject({ code, status: 404, hint: expect.any(String) });
    expect(await readdir(folder).catch(() => [])).toEqual([]);
    const closed = 'http://127.0.0.1:9';
    // Nobody need be asked of a name that none can have.
    await expect(submitTo('deployment=..', closed)).rejects.toMatchObject({ code: 'ModelNotFound' });
    for (const [query, port, environment] of [
      ['deployment=linear&version=1.2.0', inference, 'production'],
      ['deployment=linear&environment=production', inference, 'production'],
      ['deployment=linear', closed, null],
    ] as const) {
      const answer = await submitTo(query, port, 'x\n1\n');
      expect([answer?.status, await answer?.json()]).toMatchObject([202, { environment }]);
    }
  });

  it('is refused where there is no room', async () => {
    for (let index = 0; index < limits.mostJobs; index++) await submit('deployment=linear', 'x\n1\n');
    await expect(send('deployment=linear', 'x\n1\n')).rejects.toMatchObject({
      code: 'JobsFull',
      status: 429,
    });
    const write = async (path: string) => {
      await writeFile(path, 'x');
      return 11;
    };
    await expect(
      createJob(
        join(root, 'small'),
        { mostJobs: 9, mostBytes: 10 },
        { deployment: 'linear', format: 'csv' },
        write,
      ),
    ).rejects.toThrow(JobsFullError);
  });
});

describe('the routes of jobs', () => {
  it('know no job of another name, and no place beside the folder', async () => {
    const request = new Request('http://localhost/');
    for (const id of ['0123456789abcdef', '..', '.', 'job.json'])
      await expect(routes()(request, `jobs/${id}`)).rejects.toMatchObject({ code: 'JobNotFound' });
    await expect(ask('PUT', 'jobs')).rejects.toMatchObject({ code: 'MethodNotAllowed' });
    expect(await cancelJob(folder, '../../etc')).toBe(false);
  });

  it('show no result to who may only look', async () => {
    const id = await submit('deployment=linear', 'x\n1\n');
    await work(id);
    await expect(ask('GET', `jobs/${id}/result`)).rejects.toMatchObject({ code: 'MethodNotAllowed' });
    await expect(ask('POST', `jobs/${id}/result?format=xml`)).rejects.toMatchObject({ code: 'InvalidJob' });
  });
});

describe('a result that is put away', () => {
  const size = 300_000;

  async function ended(): Promise<string> {
    const id = await submit('deployment=linear', 'x\n1\n');
    const line = JSON.stringify({ row: 0, prediction: { y: 3 } });
    const text = `${line}\n`.repeat(Math.ceil(size / line.length));
    await writeFile(resultFile(folder, id), text);
    await writeProgress(folder, id, { ...queued, state: 'done', bytes: text.length, columns: ['y'] });
    return id;
  }

  it.each(['jsonl', 'csv'])('comes to its end as %s where that is begun', async (format) => {
    const id = await ended();
    const reader = (await ask('POST', `jobs/${id}/result?format=${format}`)).body!.getReader();
    let bytes = (await reader.read()).value!.length;
    await removeJob(folder, id);
    for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.length;
    expect(bytes).toBeGreaterThan(format === 'csv' ? 50_000 : size);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is not found behind that, over both ports', async () => {
    const id = await ended();
    const key = '0'.repeat(32);
    const job = { ...(await readJob(folder, id))!.job, key };
    await writeFile(join(folder, id, 'job.json'), JSON.stringify(job));
    // As where it goes between the look at the job and that at its result.
    await rm(resultFile(folder, id));
    await expect(ask('POST', `jobs/${id}/result`)).rejects.toMatchObject({ code: 'JobNotFound' });
    const told = await call(serving.port, `/v2/jobs/${id}.${key}/result`);
    expect([told.status, told.body.code]).toEqual([404, 'JobNotFound']);
  });

  const open = '/proc/self/fd';
  it.skipIf(!existsSync(open)).each(['jsonl', 'csv'])(
    'leaves no %s open for a client that has gone (needs /proc)',
    async (format) => {
      const id = await ended();
      const isOpen = async () => {
        const files = await Promise.all(
          (await readdir(open)).map((name) => readlink(join(open, name)).catch(() => '')),
        );
        return files.includes(resultFile(folder, id));
      };
      for (const reads of [0, 1]) {
        const reader = (await ask('POST', `jobs/${id}/result?format=${format}`)).body!.getReader();
        expect(await isOpen()).toBe(true);
        for (let read = 0; read < reads; read++) await reader.read();
        await reader.cancel();
        await until(async () => !(await isOpen()));
      }
    },
  );
});

describe('a request that needs no answer at once', () => {
  const post = (model: string, body: unknown, path = '/predict?async=true') =>
    call(serving.port, `/v2/models/${model}${path}`, { method: 'POST', body: JSON.stringify(body) });

  it('is a job, for whoever has its key', async () => {
    const answer = await post('linear', { rows: [{ x: 1 }, { x: 20 }] });
    expect(answer.status).toBe(202);
    const location = String(answer.headers.location);
    expect(location).toMatch(/^\/v2\/jobs\/[0-9a-f]{16}\.[0-9a-f]{32}$/);
    expect(answer.body).toMatchObject({ state: 'queued', environment: 'production', url: location });
    const get = (path: string, method = 'GET') => call(serving.port, path, { method });
    expect((await get(`${location}/result`)).body).toMatchObject({ code: 'JobNotEnded' });
    const id = String(answer.body.id);
    await work(id);
    expect((await get(location)).body).toMatchObject({ id, state: 'done', progress: { rows: 2, failed: 0 } });
    const [own, another] = await Promise.all(
      [`${location}/result`, `/v2/jobs/${id}.${'0'.repeat(32)}`].map((path) => {
        return new Promise<string>((resolve) => {
          void fetch(`http://127.0.0.1:${serving.port}${path}`).then(async (one) =>
            resolve(await one.text()),
          );
        });
      }),
    );
    expect(linesOf(own!).map(({ prediction }) => prediction)).toEqual([{ y: 3 }, { y: 41 }]);
    expect(another).toContain('JobNotFound');
    expect(JSON.stringify(await shown(id))).not.toContain(location.split('.')[1]);
    expect((await get(location, 'PUT')).status).toBe(405);
  });

  it('is asked for, watched and fetched as docs/inference.md shows', async () => {
    const { path, file, ...asked } = shownCurl(shownBlock('docs/inference.md', 'sh background'));
    expect(file).toBe('rows.json');
    const [row] = (JSON.parse(shownBlock('docs/inference.md', 'json rows')) as { rows: object[] }).rows;
    const body = JSON.stringify({ rows: new Array(250).fill(row) });
    const taken = await call(serving.port, path, { ...asked, body });
    const [head = '', location = ''] = shownBlock('docs/inference.md', 'http background-answer')
      .trim()
      .split('\n');
    expect(head).toBe(`HTTP/1.1 ${taken.status} Accepted`);
    const nameless = (text: string) => text.replace(/[0-9a-f]{16}\.[0-9a-f]{32}$/, 'ID.KEY');
    expect(nameless(`location: ${taken.headers.location}`)).toBe(nameless(location));
    const url = String(taken.headers.location);
    const id = String(taken.body.id);
    // As far as its first batch.
    await work(id, new AbortController().signal, { hasOthers: () => true, timeMs: 0 });
    const watched = (await call(serving.port, url)).body;
    const job = JSON.parse(shownBlock('docs/inference.md', 'json job')) as Record<string, unknown>;
    expect(shapeOf(watched)).toEqual(shapeOf(job));
    const { state, environment, deployment: name } = job;
    expect(watched).toMatchObject({ id, state, environment, deployment: name });
    await work(id);
    const { state: ended } = (await call(serving.port, url)).body;
    const result = await (await fetch(`http://127.0.0.1:${serving.port}${url}/result`)).text();
    expect([ended, linesOf(result).length]).toEqual(['done', 250]);
    const { predictions } = JSON.parse(shownBlock('docs/inference.md', 'json rows-answer'));
    const { label, probability } = predictions[0];
    for (const { prediction } of linesOf(result))
      expect(prediction).toEqual({ label, probability: expect.closeTo(probability, 5) });
  });

  it('is taken compressed, as any other, and refused where it unfolds to nothing that is right', async () => {
    const compressed = (body: Buffer) =>
      call(serving.port, '/v2/models/linear/predict?async=true', {
        headers: { 'content-encoding': 'gzip' },
        body,
      });
    const taken = await compressed(gzipSync('{"rows":[{"x":1},{"x":20}]}'));
    expect(taken.status).toBe(202);
    const id = String(taken.body.id);
    await work(id);
    expect(linesOf(await result(id)).map(({ prediction }) => prediction)).toEqual([{ y: 3 }, { y: 41 }]);
    expect((await compressed(gzipSync('{"rows":[{"y":1}]}'))).body).toMatchObject({ code: 'InvalidRows' });
    expect((await compressed(Buffer.from('{"rows":[{"x":1}]}'))).status).toBe(400);
  });

  it('is one job for all who send it with one Idempotency-Key', async () => {
    const keyed = (x: number, key = 'one') =>
      call(serving.port, '/v2/models/linear/predict?async=true', {
        headers: { 'idempotency-key': key },
        body: JSON.stringify({ rows: [{ x }] }),
      });
    const [one, other] = await Promise.all([keyed(1), keyed(1)]);
    // Whoever comes while the first is being taken in is told to come again.
    expect([one.status, other.status].toSorted()).toEqual([202, expect.toBeOneOf([202, 409])]);
    const again = await keyed(1);
    const taken = one.status === 202 ? one : other;
    expect([again.status, again.headers.location]).toEqual([202, taken.headers.location]);
    expect((await keyed(2)).body).toMatchObject({ code: 'IdempotencyKeyReused' });
    expect((await keyed(1, 'two')).headers.location).not.toBe(taken.headers.location);
    expect(await readdir(folder)).toHaveLength(2);
  });

  it('is refused at once where its rows are not right, and taken by nobody where none works jobs', async () => {
    expect((await post('linear', { rows: [{ y: 1 }] })).body).toMatchObject({ code: 'InvalidRows' });
    expect((await post('nobody', { rows: [{ x: 1 }] })).body).toMatchObject({ code: 'ModelNotFound' });
    for (const query of ['async=true&async=false', 'async=false&async=true', 'async=true&async=true'])
      expect((await post('linear', { rows: [{ x: 1 }] }, `/predict?${query}`)).body).toMatchObject({
        code: 'InvalidRequest',
        error: '"async" is said more than once',
      });
    const soon = await call(serving.port, '/v2/models/linear/predict?async=true', {
      headers: { 'switchyard-timeout': '' },
      body: '{"rows":[{"x":1}]}',
    });
    expect([soon.status, soon.body.error]).toEqual([400, expect.stringContaining('Switchyard-Timeout')]);
    for (let index = 0; index < limits.mostJobs; index++) await post('linear', { rows: [{ x: 1 }] });
    const full = await post('linear', { rows: [{ x: 1 }] });
    expect([full.status, full.body.code, full.headers['retry-after']]).toEqual([429, 'JobsFull', '60']);
    await serving.follow(table(deployment('linear', [pin(root, '1.2.0', linearModel(2, 1))])));
    expect((await post('linear', { rows: [{ x: 1 }] })).body).toMatchObject({ code: 'JobsNotTaken' });
    expect((await post('linear', { rows: [{ x: 1 }] }, '/predict?async=false')).status).toBe(200);
  });

  it('is cancelled before anybody works it', async () => {
    const { headers, body } = await post('linear', { rows: [{ x: 1 }] });
    const answer = await call(serving.port, String(headers.location), { method: 'DELETE' });
    expect([answer.status, answer.body.state]).toEqual([202, 'cancelling']);
    await work(String(body.id));
    expect((await shown(String(body.id))).state).toBe('cancelled');
  });
});

/** What is there, in its order, and of which type: times and numbers differ each time. */
function shapeOf(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]);
}

describe('the settings of jobs', () => {
  it('are read, and told where they make no sense', () => {
    expect(jobSettings({})).toMatchObject({
      keepMs: 7 * 86_400_000,
      mostJobs: 2_000,
      atOnce: 8,
      diskSize: 10 * 1024 ** 3,
    });
    expect(jobSettings({ keep: '12h', fileSize: '2Mi' })).toMatchObject({
      keepMs: 43_200_000,
      fileSize: 2 * 1024 ** 2,
    });
    for (const wrong of [
      { kepp: 1 },
      { keep: 'long' },
      { mostJobs: 0 },
      { atOnce: 0 },
      { atOnce: 65 },
      { fileSize: '1KB' },
      { diskSize: 1 },
    ])
      expect(() => jobSettings(wrong)).toThrow(expect.objectContaining({ code: 'InvalidJobSetting' }));
  });
});

describe('a model that is slow', () => {
  /** Answers as the inference port does, in time for one row and late for more; notes what it was asked. */
  async function slowPort(): Promise<{
    url: string;
    asked: { rows: number; priority: unknown }[];
    close(): void;
  }> {
    const asked: { rows: number; priority: unknown }[] = [];
    const server = createServer(async (request, response) => {
      let text = '';
      for await (const piece of request) text += piece;
      if (text === '') {
        response.end(JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }] }));
        return;
      }
      const { rows } = JSON.parse(text) as { rows: { x: number }[] };
      asked.push({ rows: rows.length, priority: request.headers['switchyard-priority'] });
      response.statusCode = rows.length > 2 ? 504 : 200;
      const predictions = rows.map(({ x }) => ({ y: Number(x) }));
      response.end(
        JSON.stringify(
          rows.length > 2 ? { error: 'late', code: 'DeadlineExceeded' } : { predictions, errors: [] },
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, asked, close: () => server.close() };
  }

  it('is asked for fewer rows at once, behind everybody else', async () => {
    const port = await slowPort();
    const id = await submit(
      'deployment=slow',
      `x\n${Array.from({ length: 12 }, (_, x) => `${x}\n`).join('')}`,
    );
    const { signal } = new AbortController();
    await work(id, signal, { server: port.url });
    port.close();
    expect((await shown(id)).state).toBe('done');
    expect(linesOf(await result(id)).map(({ prediction }) => prediction)).toEqual(
      Array.from({ length: 12 }, (_, y) => ({ y })),
    );
    const sizes = port.asked.map(({ rows }) => rows);
    expect(sizes.slice(0, 4)).toEqual([12, 6, 3, 2]);
    expect(sizes.slice(4).every((rows) => rows <= 2)).toBe(true);
    expect(new Set(port.asked.map(({ priority }) => priority))).toEqual(new Set(['9']));
  });
});
