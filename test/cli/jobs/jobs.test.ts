import { readFileSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { readJob } from '../../../libraries/prediction-jobs/index.ts';
import { jobRoutes } from '../../../plugins/jobs/routes.ts';
import { Turns } from '../../../plugins/jobs/worker/turns.ts';
import { workJob } from '../../../plugins/jobs/worker/work-job.ts';
import { answerError } from '../../../server/api/error-answer.ts';
import { writeParquet } from '../../fixtures/parquet-file.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';
import { type Serving, startServing } from '../../plugins/serving/dataplane/fixtures/in-process.ts';
import {
  builtModel,
  identityModel,
  linearModel,
  pin,
} from '../../plugins/serving/dataplane/fixtures/models.ts';
import { deployment, table } from '../../plugins/serving/dataplane/fixtures/tables.ts';
import { type Ran, run as runIn } from '../run.ts';

const template = 'registry-repo-template';
let root: string;
let jobs: string;
let serving: Serving;
let server: Server;
let api: string;
const limits = { mostJobs: 20, mostBytes: 1e9 };

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'switchyard-cli-jobs-'));
  jobs = join(root, 'jobs');
  serving = await startServing();
  const strikes = readFileSync(packageFile(`${template}/models/bird-strike/artifacts/1.0.0.onnx`));
  await serving.follow(
    table(
      deployment('linear', [pin(root, '1.0.0', linearModel(2, 0))]),
      deployment('big', [pin(root, '1.0.0', identityModel('INT64', ['N']))]),
      deployment('bird-strike', [pin(root, '1.0.0', builtModel(strikes))]),
    ),
  );
  const routes = jobRoutes({
    folder: jobs,
    limits,
    largestFile: 1e6,
    inference: `http://127.0.0.1:${serving.port}`,
  });
  server = createAdaptorServer({
    async fetch(request) {
      const { pathname } = new URL(request.url);
      try {
        const answer = await routes(request, pathname.replace('/plugins/jobs/', ''));
        return answer ?? new Response('{}', { status: 404 });
      } catch (error) {
        return answerError(error, recordingLog(), pathname);
      }
    },
  }) as Server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  await serving.stop();
  await rm(root, { recursive: true, force: true });
});

const run = (...words: readonly string[]): Promise<Ran> => runIn([...words, '--api', api], { folder: root });

async function work(id: string): Promise<void> {
  const { signal } = new AbortController();
  const options = {
    folder: jobs,
    signal,
    keepMs: 60_000,
    mostBytes: 1e9,
    hasOthers: () => false,
    turns: new Turns(),
  };
  await workJob((await readJob(jobs, id))!, { ...options, server: `http://127.0.0.1:${serving.port}` });
}

it('sends a file, watches its job, and takes the predictions', async () => {
  expect((await run('jobs')).err).toContain('There is no job.');
  await writeFile(join(root, 'rows.csv'), 'x,name\n1,a\n,b\nfast,c\n');
  const sent = await run(
    'predict',
    'linear',
    '--file',
    'rows.csv',
    '--async',
    '--keep',
    'name',
    '--missing',
    'x=5',
  );
  expect(sent.status).toBe(0);
  const id = sent.out.trim();
  expect(sent.err).toContain(`switchyard jobs result ${id}`);
  const early = await run('jobs', 'result', id);
  expect([early.status, early.err]).toEqual([1, expect.stringContaining('JobNotEnded')]);
  const waiting = run('jobs', 'get', id, '--wait');
  await work(id);
  const got = await waiting;
  expect(got.status).toBe(1);
  expect(got.out).toMatch(/row errors +1: x must be/);
  expect((await run('jobs', 'get', id)).status).toBe(1);
  expect(got.out).toContain('3, 1 of them could not be predicted, 100 % read');
  expect((await run('jobs')).out).toMatch(new RegExp(`${id} +production/linear +done +3 +1 +100 % +`));
  const result = await run('jobs', 'result', id, '--format', 'csv', '--out', 'out.csv');
  expect(result.status).toBe(0);
  expect(await readFile(join(root, 'out.csv'), 'utf8')).toMatch(
    /^row,name,y,version,prediction_id,prediction_row,error\n0,a,2,1\.0\.0,\S+,0,\n1,b,10,1\.0\.0,\S+,1,\n2,c,,,,,"?x must be/,
  );
  expect((await run('jobs', 'result', id, '--out', 'out.csv')).err).toContain('FileExists');
  expect((await run('jobs', 'result', id)).out.split('\n')).toHaveLength(4);
});

/** A platform that has one job, and goes away in the middle of its result. */
async function startCutOff() {
  const cutting = createServer((request, response) => {
    if (!request.url?.includes('/result')) {
      response.end(JSON.stringify({ id: 'a1', state: 'done', progress: { rows: 2, failed: 0, read: 1 } }));
      return;
    }
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write('{"row":0}\n', () => setTimeout(() => response.destroy(), 50));
  });
  await new Promise<void>((resolve) => cutting.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(cutting.address() as AddressInfo).port}`,
    close: () => void cutting.close(),
  };
}

it('leaves what was there where a result breaks off, and nothing where nothing was', async () => {
  const folder = join(root, 'cut');
  await mkdir(folder);
  await writeFile(join(folder, 'earlier.jsonl'), 'an earlier result\n');
  const platform = await startCutOff();
  try {
    const take = (...words: readonly string[]) =>
      runIn(['jobs', 'result', 'a1', '--api', platform.url, ...words], { folder });
    for (const words of [
      ['--out', 'earlier.jsonl', '--force'],
      ['--out', 'new.jsonl'],
    ]) {
      const { status, err } = await take(...words);
      expect([status, err]).toEqual([1, expect.stringContaining('code: ResultCutOff')]);
      expect(err).toContain('Ask for it again');
    }
    expect(await readdir(folder)).toEqual(['earlier.jsonl']);
    expect(await readFile(join(folder, 'earlier.jsonl'), 'utf8')).toBe('an earlier result\n');
    const shown = await take();
    expect([shown.out, shown.err]).toEqual(['{"row":0}\n', expect.stringContaining('code: ResultCutOff')]);
  } finally {
    platform.close();
  }
});

it('overwrites behind links, with the permissions that were there, and writes into what is no file', async () => {
  const folder = join(root, 'links');
  await mkdir(folder);
  await writeFile(join(folder, 'real.csv'), 'earlier\n', { mode: 0o640 });
  await chmod(join(folder, 'real.csv'), 0o620);
  await symlink('real.csv', join(folder, 'link.csv'));
  await writeFile(join(root, 'single.csv'), 'x\n4\n');
  const id = (await run('predict', 'linear', '--file', 'single.csv', '--async')).out.trim();
  await work(id);
  const take = (...words: readonly string[]) =>
    runIn(['jobs', 'result', id, '--api', api, '--out', ...words], { folder });
  expect((await take('link.csv')).err).toContain('FileExists');
  expect((await take('link.csv', '--force')).status).toBe(0);
  expect(await readlink(join(folder, 'link.csv'))).toBe('real.csv');
  expect(await readFile(join(folder, 'real.csv'), 'utf8')).toContain('"prediction":{"y":8}');
  expect((await stat(join(folder, 'real.csv'))).mode & 0o777).toBe(0o620);
  expect((await take('/dev/null', '--force')).status).toBe(0);
  expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  expect((await readdir(folder)).sort()).toEqual(['link.csv', 'real.csv']);
});

it('is used as docs/cli.md shows', async () => {
  const page = readFileSync(packageFile('docs/cli.md'), 'utf8');
  const [, send = ''] = /^id=\$\(switchyard (predict .* --async)\)$/m.exec(page) ?? [];
  const [, watch = '', take = ''] =
    /^switchyard (jobs get .*) && switchyard (jobs result .*)$/m.exec(page) ?? [];
  const data = packageFile(`${template}/data/bird-strikes.csv`);
  await writeParquet(
    join(root, 'strikes.parquet'),
    `SELECT * REPLACE (9007199254740992 + id AS id, speed_knots::DECIMAL(6, 1) AS speed_knots) FROM read_csv('${data}')
      WHERE id <= 2`,
  );
  const id = (await run(...send.split(' '))).out.trim();
  await work(id);
  for (const line of [watch, take])
    expect(await run(...line.replace('$id', id).split(' '))).toMatchObject({ status: 0 });
  const version = String.raw`1\.0\.0`;
  expect(await readFile(join(root, 'predictions.csv'), 'utf8')).toMatch(
    new RegExp(
      String.raw`^row,id,label,probability,.*\n0,9007199254740993,0,0\.\d+,${version},.*\n1,9007199254740994,0,0\.\d+,`,
    ),
  );
});

it('predicts the rows of a Parquet file, whatever its columns hold', async () => {
  await writeParquet(
    join(root, 'rows.parquet'),
    `SELECT * FROM (VALUES (0.5::DECIMAL(6, 2), DATE '1999-01-02', 9007199254740993::BIGINT), (NULL, NULL, 2),
      (12345678.25, DATE '2000-02-29', NULL)) rows(x, day, number)`,
  );
  const words = ['predict', 'linear', '--file', 'rows.parquet', '--keep', 'day,number', '--async'];
  const id = (await run(...words)).out.trim();
  await work(id);
  expect((await run('jobs', 'get', id)).out).toContain('3, 1 of them could not be predicted, 100 % read');
  const lines = (await run('jobs', 'result', id)).out.trimEnd().split('\n');
  expect(lines[0]).toContain('"number":9007199254740993}');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { kept: { day: '1999-01-02T00:00:00.000Z', number: expect.any(Number) }, prediction: { y: 1 } },
    { kept: { day: null, number: 2 }, error: 'x is missing' },
    { kept: { day: '2000-02-29T00:00:00.000Z', number: null }, prediction: { y: 24_691_356 } },
  ]);
});

it('has all rows of a Parquet file of several row groups, each once', async () => {
  const rows = 'SELECT 9007199254740993 + i AS x FROM range(5000) t(i)';
  await writeParquet(join(root, 'groups.parquet'), rows, 'ROW_GROUP_SIZE 2048');
  const id = (await run('predict', 'big', '--file', 'groups.parquet', '--async')).out.trim();
  await work(id);
  const lines = (await run('jobs', 'result', id)).out.trimEnd().split('\n');
  const predicted = lines.map((line) => /^\{"row":(\d+),"prediction":\{"y":(\d+)\}/.exec(line)?.slice(1));
  expect(predicted).toEqual(
    Array.from({ length: 5_000 }, (_, row) => [`${row}`, `${9_007_199_254_740_993n + BigInt(row)}`]),
  );
});

it('tells why a job failed, and a script by the status', async () => {
  await writeFile(join(root, 'lacking.csv'), 'y,name\n1,a\n');
  const id = (await run('predict', 'linear', '--file', 'lacking.csv', '--async')).out.trim();
  await work(id);
  const got = await run('jobs', 'get', id);
  expect(got.status).toBe(1);
  expect(got.out).toContain('It has: y, name. A value for all rows: --missing x=VALUE.');
  const result = await run('jobs', 'result', id);
  expect(result).toMatchObject({ status: 1, out: '' });
  expect(result.err).toContain('JobUnusable: the file has no column x');
  expect(result.err).toContain('--missing x=VALUE');
  expect((await run('jobs', 'result', id, '--partial')).status).toBe(0);
});

it('tells what most rows failed for, with how many, and what to do', async () => {
  const rows = ['1', '', 'fast', '', ...Array.from({ length: 30 }, (_, row) => `slow${row}`), '', ''];
  await writeFile(join(root, 'gaps.csv'), `name,x\n${rows.map((x) => `a,${x}`).join('\n')}\n`);
  const id = (await run('predict', 'linear', '--file', 'gaps.csv', '--async')).out.trim();
  await work(id);
  const { out, status } = await run('jobs', 'get', id);
  expect(status).toBe(1);
  expect(out).toMatch(/row errors +4: x is missing\n +1: x must be/);
  expect(out).toContain('27: others');
  expect(out).toContain('--missing x=VALUE');
  const shown = JSON.parse((await run('jobs', 'get', id, '-o', 'json')).out);
  expect(shown.rowErrors).toHaveLength(5);
  expect(shown.rowErrors[0]).toEqual({ error: 'x is missing', rows: 4 });
});

it('lists the jobs that are in a state, or of a deployment or an environment', async () => {
  await writeFile(join(root, 'one.csv'), 'x\n1\n');
  const sent = async (...words: readonly string[]) =>
    (await run('predict', ...words, '--file', 'one.csv', '--async')).out.trim();
  const done = await sent('big', '-e', 'production');
  await work(done);
  const queuedOne = await sent('big');
  const other = await sent('linear');
  const listed = async (...words: readonly string[]) => {
    const { out } = await run('jobs', 'list', ...words, '-o', 'json');
    const ids = (JSON.parse(out) as { items: { id: string }[] }).items.map(({ id }) => id);
    return ids.filter((id) => [done, queuedOne, other].includes(id));
  };
  expect(await listed()).toEqual([done, queuedOne, other]);
  expect(await listed('--state', 'queued')).toEqual([queuedOne, other]);
  expect(await listed('--deployment', 'big')).toEqual([done, queuedOne]);
  expect(await listed('--deployment', 'production/big', '--state', 'done')).toEqual([done]);
  expect(await listed('-e', 'production', '--deployment', 'linear')).toEqual([other]);
  expect(await listed('-e', 'staging')).toEqual([]);
  const table = (await run('jobs', '--state', 'queued', '--deployment', 'big')).out;
  expect(table).toContain(queuedOne);
  expect(table).not.toContain(done);
  for (const id of [queuedOne, other]) await run('jobs', 'cancel', id);
  for (const id of [queuedOne, other]) await work(id);
});

it('says what was probably meant where no job matches', async () => {
  const said = async (...words: readonly string[]) => (await run('jobs', 'list', ...words)).err;
  expect(await said('--deployment', 'linaer')).toBe(
    'No job matches. There is none of linaer. Did you mean `linear`?\n',
  );
  expect(await said('--deployment', 'prodution/linear')).toContain('Did you mean `production/linear`?');
  expect(await said('-e', 'prodution')).toContain('Did you mean `production`?');
  expect(await said('--state', 'running')).toBe('No job matches.\n');
  const wrong = await run('jobs', 'list', '--state', 'finished');
  expect([wrong.status, wrong.err]).toEqual([
    2,
    expect.stringContaining('queued, running, cancelling, done'),
  ]);
  const states = await runIn(['__complete', '--', 'jobs', 'list', '--state', ''], { folder: root });
  expect(states.out).toBe('queued\nrunning\ncancelling\ndone\nfailed\ncancelled\n');
});

it.each(['get', 'cancel', 'result'])(
  'refuses an empty id, as of a script whose sending failed: %s',
  async (verb) => {
    const { status, out, err } = await run('jobs', verb, '');
    expect([status, out, err]).toEqual([2, '', expect.stringContaining('the id of the job is empty')]);
  },
);

it('cancels a job, and tells what is wrong with a call', async () => {
  await writeFile(join(root, 'more.csv'), 'x\n1\n');
  const id = (await run('predict', 'linear', '--file', 'more.csv', '--async')).out.trim();
  const completed = (verb: string) =>
    runIn(['__complete', '--', 'jobs', verb, '--api', api, ''], { folder: root });
  expect((await completed('cancel')).out).toContain(id);
  expect((await run('jobs', 'cancel', id)).err).toContain('The job ends');
  await work(id);
  expect((await run('jobs', 'get', id, '-o', 'json')).out).toContain('"state": "cancelled"');
  expect((await run('jobs', 'cancel', id)).err).toContain('had ended before: it is cancelled');
  expect((await run('jobs', 'get', 'nope')).err).toContain('JobNotFound');
  expect((await run('predict', 'linear', '--async')).err).toContain('--async is for --file');
  expect((await run('predict', 'linear', '--file', 'more.csv', '--async', '--out', 'x.csv')).err).toContain(
    '--async excludes --out',
  );
  expect((await run('predict', 'linear', '--file', 'gone.csv', '--async')).err).toContain('FileUnreadable');
});
