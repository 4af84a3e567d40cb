import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { writeParquet } from '../../fixtures/parquet-file.ts';
import { until } from '../../fixtures/until.ts';
import { type Serving, startServing } from '../../plugins/serving/dataplane/fixtures/in-process.ts';
import {
  builtModel,
  identityModel,
  linearModel,
  lookupModel,
  pin,
  twoSidedModel,
} from '../../plugins/serving/dataplane/fixtures/models.ts';
import { deployment, table } from '../../plugins/serving/dataplane/fixtures/tables.ts';
import { startProxy } from '../conformance/changing-proxy.ts';
import { type Ran, run as runIn } from '../run.ts';

const template = 'registry-repo-template';
let folder: string;
let serving: Serving;
let server: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-predict-file-'));
  serving = await startServing();
  await serving.follow(
    table(
      deployment('linear', [pin(folder, '1.2.0', linearModel(2, 1))]),
      deployment('linear', [pin(folder, '1.2.0', linearModel(3, 1))], { environment: 'staging' }),
      deployment('pair', [pin(folder, '1.0.0', identityModel('FP32', ['N', 2]))]),
      deployment('big', [pin(folder, '1.0.0', identityModel('INT64', ['N']))]),
      deployment('bird-strike', [
        pin(
          folder,
          '1.0.0',
          builtModel(readFileSync(packageFile(`${template}/models/bird-strike/artifacts/1.0.0.onnx`))),
        ),
      ]),
      deployment('lookup', [pin(folder, '1.0.0', lookupModel())]),
      deployment('two', [pin(folder, '1.0.0', twoSidedModel())]),
    ),
  );
  server = `http://127.0.0.1:${serving.port}`;
}, 60_000);

afterAll(async () => {
  await serving.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = (words: readonly string[], signal?: AbortSignal): Promise<Ran> =>
  runIn(['predict', ...words, '--server', server], { folder, ...(signal === undefined ? {} : { signal }) });

/** A run that was stopped at its `nth` request, and the server that it asked. */
async function interruptedAfter(nth: number, words: readonly string[]) {
  const stop = new AbortController();
  let asked = 0;
  const proxy = await startProxy(serving.port, {
    at: /infer$/,
    status: (status) => {
      if (++asked === nth) stop.abort();
      return status;
    },
  });
  const at = (more: readonly string[], signal?: AbortSignal) =>
    runIn(['predict', ...more, '--server', proxy.url], { folder, ...(signal && { signal }) });
  expect((await at(words, stop.signal)).status).toBe(130);
  return { url: proxy.url, run: at, close: proxy.close };
}

/** What stands on the disk of predictions that were begun. */
const stateOf = (name: string) =>
  Promise.all([`${name}.partial`, `${name}.progress`].map((each) => readFile(join(folder, each), 'utf8')));

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return name;
}

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('rows on the command line', () => {
  it('are answered by name, with what is wrong with each', async () => {
    const rows = '{"rows":[{"x":9007199254740993},{"x":1}]}';
    const { status, out } = await run(['big', '--data', rows]);
    expect(status).toBe(0);
    expect(out).toMatch(/ROW +Y\n1 +9007199254740993\n2 +1\n/);
    expect((await run(['big', '--data', rows, '-o', 'json'])).out).toContain('"y": 9007199254740993');
    const refused = await run(['linear', '--data', '{"rows":[{"X":1},{"x":"1"}]}']);
    expect(refused.status).toBe(1);
    expect(refused.err).toContain('row 0: X is no field of the model (Did you mean "x"?)');
    expect(refused.err).toContain('row 1: x must be a number of FP32, is the text "1"');
    const skipped = await run([
      'linear',
      '--data',
      '{"rows":[{"x":1},{"x":"1"}],"parameters":{"on_error":"skip"}}',
    ]);
    expect(skipped.status).toBe(1);
    expect(skipped.out).toMatch(/1 +3\n2 +x must be a number/);
  });
});

describe('a file of rows', () => {
  it('is answered row by row, in order, with what leads back to the prediction', async () => {
    const rows = Array.from({ length: 250 }, (_, index) => `${index},row ${index}`);
    const path = await file('rows.csv', `x,name\n${rows.join('\n')}\n`);
    const { status, out, err } = await run(['linear', '--file', path, '--keep', 'name', '--batch', '7']);
    expect(status).toBe(0);
    expect(err).toContain('250 rows; none failed');
    const lines = linesOf(out);
    expect(lines.map(({ y }) => y)).toEqual(rows.map((_, index) => 2 * index + 1));
    expect(lines[8]).toMatchObject({ name: 'row 8', y: 17, version: '1.2.0', prediction_row: 1 });
    expect(lines[8]?.prediction_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(lines[8]?.prediction_id).toBe(lines[7]?.prediction_id);
    expect(lines[6]?.prediction_id).not.toBe(lines[7]?.prediction_id);
  });

  it('is predicted as docs/cli.md shows', async () => {
    const page = readFileSync(packageFile('docs/cli.md'), 'utf8');
    const line = /^switchyard predict (bird-strike --file strikes.csv .*)$/m.exec(page)?.[1] ?? '';
    const data = readFileSync(packageFile(`${template}/data/bird-strikes.csv`), 'utf8');
    const lines = data.split('\n').slice(0, 500);
    await file('strikes.csv', lines.join('\n'));
    expect(await run(line.split(' '))).toMatchObject({ status: 0, err: expect.stringContaining('499 rows') });
    const predicted = await readFile(join(folder, 'predictions.csv'), 'utf8');
    expect(predicted).toMatch(
      /^id,label,probability,version,prediction_id,prediction_row,error\n1,0,0\.\d+,/,
    );
    expect(predicted.trimEnd().split('\n')).toHaveLength(500);
  });

  it('tells of the rows that cannot be predicted, and predicts the others', async () => {
    const path = await file('bad.csv', 'x\n1\nfast\n\n4\n');
    const { status, out, err } = await run(['linear', '--file', path]);
    expect(status).toBe(1);
    expect(err).toContain('could not be predicted');
    const lines = linesOf(out);
    expect(lines[0]).toMatchObject({ y: 3 });
    expect(lines[1]).toEqual({ error: 'x "fast" is no FP32' });
    expect(lines.at(-1)).toMatchObject({ y: 9 });
  });

  it('tells all that is wrong with a row', async () => {
    const path = await file('wrong.jsonl', '{"x[0]":"fast","x[1]":null}\n{"x[0]":1,"x[1]":1}');
    const { out } = await run(['pair', '--file', path]);
    expect(linesOf(out)[0]).toEqual({ error: 'x[0] "fast" is no FP32; x[1] is missing' });
  });

  it('finds the row that makes a request fail', async () => {
    const path = await file('lookup.jsonl', [1, 2, 99, 3].map((i) => JSON.stringify({ i })).join('\n'));
    const names = (await run(['lookup', '--inputs', '-o', 'json'])).out;
    const [{ name }] = (JSON.parse(names) as { inputs: [{ name: string }] }).inputs;
    await file('lookup.jsonl', [1, 2, 99, 0].map((value) => JSON.stringify({ [name]: value })).join('\n'));
    const { status, out } = await run(['lookup', '--file', path]);
    expect(status).toBe(1);
    expect(linesOf(out).map(({ error }) => error === undefined)).toEqual([true, true, false, true]);
  });

  it('may have several values a row, and all digits of whole numbers', async () => {
    const pairs = await file('pairs.csv', 'left,right\n1,2\n3,4\n');
    const { out } = await run(['pair', '--file', pairs, '--columns', 'x=left,right']);
    expect(linesOf(out)[1]).toMatchObject({ 'y[0]': 3, 'y[1]': 4 });
    const big = await file('big.csv', 'x\n9007199254740993\n');
    expect((await run(['big', '--file', big])).out).toContain('"y":9007199254740993,');
    const lines = '{"x":9007199254740993,"id":-9007199254740995,"more":{"of":[9007199254740997]}}\n{"x":1}\n';
    const asJson = await file('big.jsonl', lines);
    const { out: answered } = await run(['big', '--file', asJson, '--keep', 'id,more']);
    expect(answered).toMatch(
      /^\{"id":-9007199254740995,"more":"\{\\"of\\":\[9007199254740997\]\}","y":9007199254740993,/,
    );
    expect(linesOf(answered)[1]).toMatchObject({ y: 1, id: null });
    const decimal = await file('decimal.jsonl', '{"x":9007199254740993.0}\n');
    const { out: refused } = await run(['big', '--file', decimal]);
    expect(linesOf(refused)[0]?.error).toMatch(
      /^x may have lost digits as 9007199254740992: .* without a decimal/,
    );
    const rows = await run(['big', '--data', '{"rows":[{"x":9007199254740993.0}]}']);
    expect(rows.err).toContain('"x" may have lost digits as 9007199254740992');
    await run(['big', '--file', big, '--out', 'big-out.csv']);
    expect(await readFile(join(folder, 'big-out.csv'), 'utf8')).toContain('\n9007199254740993,');
  });

  it('has a value for cells that are empty, where one is given', async () => {
    const path = await file('holes.csv', 'x,id\n1,a\n,b\n');
    const { status, out } = await run(['linear', '--file', path, '--missing', 'x=-1']);
    expect(status).toBe(0);
    expect(linesOf(out).map(({ y }) => y)).toEqual([3, -1]);
  });

  it('goes into a CSV with a column of errors', async () => {
    const path = await file('some.csv', 'x,id\n1,"a, b"\nno,c\n');
    const { status } = await run(['linear', '--file', path, '--keep', 'id', '--out', 'some-out.csv']);
    expect(status).toBe(1);
    const text = await readFile(join(folder, 'some-out.csv'), 'utf8');
    expect(text.split('\n')[0]).toBe('id,y,version,prediction_id,prediction_row,error');
    expect(text.split('\n')[1]).toMatch(/^"a, b",3,1\.2\.0,[0-9a-f-]{36},0,$/);
    expect(text.split('\n')[2]).toBe('c,,,,,"x ""no"" is no FP32"');
    await expect(stat(join(folder, 'some-out.csv.progress'))).rejects.toThrow('ENOENT');
  });
});

describe('a Parquet file', () => {
  it('is answered row by row, whatever its columns hold', async () => {
    await writeParquet(
      join(folder, 'two.parquet'),
      `SELECT * FROM (VALUES (0.57::DECIMAL(6, 2), 3::BIGINT, DATE '1999-01-02'), (NULL, 4, DATE '2000-02-29'),
        (1.5, NULL, NULL), (2.25, -2, NULL)) rows(a, b, word)`,
    );
    const { status, out } = await run([
      ...['two', '--file', 'two.parquet', '--keep', 'word,a,b', '--missing', 'word=never'],
    ]);
    expect(status).toBe(1);
    expect(linesOf(out)).toMatchObject([
      { word: '1999-01-02T00:00:00.000Z', a: 0.57, b: 3, same: '1999-01-02T00:00:00.000Z' },
      { word: '2000-02-29T00:00:00.000Z', a: null, b: 4, error: 'a is missing' },
      { word: null, a: 1.5, b: null, error: 'b is missing' },
      { word: null, a: 2.25, b: -2, sum: 0.25, same: 'never' },
    ]);
    expect(linesOf(out)[0]?.sum).toBeCloseTo(3.57, 5);
  });

  it('of several row groups is answered in order, with all digits of whole numbers', async () => {
    const first = 9_007_199_254_740_993n;
    const rows = `SELECT ${first}::BIGINT + i AS x, i AS id, ${first}::BIGINT - i AS long FROM range(5000) t(i)`;
    await writeParquet(join(folder, 'groups.parquet'), rows, 'ROW_GROUP_SIZE 2048');
    const words = ['big', '--file', 'groups.parquet', '--keep', 'id,long', '--batch', '500'];
    const { status, err } = await run([...words, '--out', 'groups.csv']);
    expect([status, err]).toEqual([0, expect.stringContaining('5000 rows; none failed')]);
    const lines = (await readFile(join(folder, 'groups.csv'), 'utf8')).trimEnd().split('\n').slice(1);
    expect(lines.map((line) => line.split(',', 3).join())).toEqual(
      Array.from({ length: 5_000 }, (_, id) => `${id},${first - BigInt(id)},${first + BigInt(id)}`),
    );
    expect((await run(words)).out).toMatch(/^\{"id":0,"long":9007199254740993,"y":9007199254740993,/);
  });

  it('that is none, or lacks a column, is refused', async () => {
    await file('none.parquet', 'x\n1\n');
    expect((await run(['linear', '--file', 'none.parquet'])).err).toContain(
      'it is no Parquet, or it is damaged',
    );
    await writeParquet(join(folder, 'other.parquet'), 'SELECT 1 AS a');
    expect((await run(['linear', '--file', 'other.parquet'])).err).toContain('the file has no column x');
  });
});

describe('a path that leads to no rows', () => {
  it.each([['--out', 'folder.jsonl'], ['--async']])(
    'is refused where it is a folder, with %j',
    async (...more) => {
      await mkdir(join(folder, 'folder.csv'), { recursive: true });
      const words = ['predict', 'linear', '--file', 'folder.csv', ...more.flat()];
      const { status, err } = await runIn(words, { folder });
      expect([status, err]).toEqual([1, expect.stringContaining('code: FileUnreadable')]);
      expect(err).toContain('the file cannot be read: it is a folder');
    },
  );

  it('is refused where it is empty, or no line of it has a field', async () => {
    await file('empty.jsonl', '\n');
    const { status, err } = await run(['linear', '--file', 'empty.jsonl']);
    expect([status, err]).toEqual([1, expect.stringContaining('code: DataFileUnusable')]);
    expect(err).toContain('it is empty');
    await file('nothing.jsonl', '{}\n');
    expect((await run(['linear', '--file', 'nothing.jsonl'])).err).toContain('It has none.');
  });

  it('is refused where its predictions would go into a folder that is not there', async () => {
    await file('one-row.csv', 'x\n1\n');
    const { status, err } = await run(['linear', '--file', 'one-row.csv', '--out', 'nowhere/deep/out.csv']);
    expect([status, err]).toEqual([1, expect.stringContaining('code: FileNotWritable')]);
    expect(err).toContain('its folder is not there');
    expect(err).toContain(`Make the folder first: mkdir -p ${join(folder, 'nowhere', 'deep')}.`);
  });
});

describe('a server that is busy for a while', () => {
  it('is waited for', async () => {
    let refusals = 3;
    const proxy = await startProxy(serving.port, {
      at: /infer$/,
      status: (status) => (refusals-- > 0 ? 503 : status),
    });
    try {
      const path = await file('wait.csv', 'x\n1\n2\n');
      const { status, out } = await runIn(
        ['predict', 'linear', '--server', proxy.url, '--file', path, '--batch', '1', '--parallel', '1'],
        { folder },
      );
      expect(status).toBe(0);
      expect(linesOf(out).map(({ y }) => y)).toEqual([3, 5]);
    } finally {
      await proxy.close();
    }
  });
});

describe('a server that is not in time with many rows', () => {
  it('is asked for fewer, until the end', async () => {
    const sizes: number[] = [];
    const isLate = (): boolean => (sizes.at(-1) ?? 0) > 2;
    const proxy = await startProxy(serving.port, {
      at: /infer$/,
      asked: (body) => {
        sizes.push((JSON.parse(body) as { inputs: [{ shape: [number] }] }).inputs[0].shape[0]);
        return body;
      },
      status: (status) => (isLate() ? 504 : status),
      json: (body) => (isLate() ? { error: 'late', code: 'DeadlineExceeded' } : body),
    });
    try {
      const path = await file('late.csv', `x\n${Array.from({ length: 14 }, (_, x) => `${x}\n`).join('')}`);
      const words = ['linear', '--server', proxy.url, '--file', path, '--batch', '7', '--parallel', '1'];
      const { status, out } = await runIn(['predict', ...words], { folder });
      expect(status).toBe(0);
      expect(linesOf(out).map(({ y }) => y)).toEqual(Array.from({ length: 14 }, (_, x) => 2 * x + 1));
      expect(sizes).toEqual([7, 4, 2, 2, 2, 1, 2, 2, 2, 1]);
    } finally {
      await proxy.close();
    }
  });
});

describe('what was stopped', () => {
  it('goes on where it stands, and ends as if it had not been', async () => {
    const path = await file(
      'long.csv',
      `x\n${Array.from({ length: 3_000 }, (_, index) => index).join('\n')}\n`,
    );
    const stop = new AbortController();
    const words = ['linear', '--file', path, '--out', 'long.jsonl'];
    const stopped = run([...words, '--batch', '1', '--parallel', '2'], stop.signal);
    const note = join(folder, 'long.jsonl.progress');
    await until(async () => (await readFile(note, 'utf8').catch(() => '')).match(/"rows":\d{2,}/) !== null);
    stop.abort();
    const { status, err } = await stopped;
    expect(status).toBe(130);
    expect(err).toMatch(
      /\d+ rows are in \S+long\.jsonl\.partial\. Go on with the same command and --resume\./,
    );
    // As if it had been killed in the middle of a line.
    await writeFile(join(folder, 'long.jsonl.partial'), '{"half', { flag: 'a' });
    const resumed = await run([...words, '--resume']);
    expect(resumed.status).toBe(0);
    expect(resumed.err).toMatch(/^3000 rows, \d+ of them before; none failed\.$/m);
    const lines = linesOf(await readFile(join(folder, 'long.jsonl'), 'utf8'));
    expect(lines.map(({ y }) => y)).toEqual(Array.from({ length: 3_000 }, (_, index) => 2 * index + 1));
  });

  it('goes on as docs/cli.md shows', async () => {
    const page = readFileSync(packageFile('docs/cli.md'), 'utf8');
    const [first = '', again = ''] = [...page.matchAll(/^switchyard predict (bird-strike --file .*)$/gm)].map(
      ([, words]) => words,
    );
    expect(again).toBe(`${first} --resume`);
    const data = readFileSync(packageFile(`${template}/data/bird-strikes.csv`), 'utf8');
    const given = data.split('\n').slice(0, 2_501);
    await file('strikes.csv', given.join('\n'));
    const interrupted = await interruptedAfter(10, [...first.split(' '), '--force']);
    try {
      const { status, err } = await interrupted.run(again.split(' '));
      expect([status, err]).toEqual([
        0,
        expect.stringMatching(/^2500 rows, [1-9]\d* of them before; none failed\.$/m),
      ]);
    } finally {
      await interrupted.close();
    }
    const lines = (await readFile(join(folder, 'predictions.csv'), 'utf8')).trimEnd().split('\n').slice(1);
    const idOf = (line: string) => line.split(',', 1)[0];
    expect(lines.map(idOf)).toEqual(given.slice(1).map(idOf));
  });

  it('is refused where the rows have changed, and nothing is touched', async () => {
    const path = await file('changed.csv', `x\n${'1\n'.repeat(2_000)}`);
    const stop = new AbortController();
    const words = ['linear', '--file', path, '--out', 'changed.jsonl', '--batch', '1'];
    const stopped = run(words, stop.signal);
    const note = join(folder, 'changed.jsonl.progress');
    await until(async () => (await readFile(note, 'utf8').catch(() => '')).match(/"rows":\d{2,}/) !== null);
    stop.abort();
    await stopped;
    await utimes(join(folder, path), new Date(1_000), new Date(1_000));
    const before = await stateOf('changed.jsonl');
    const { status, err } = await run([...words, '--resume']);
    expect(status).toBe(1);
    expect(err).toContain('the file of rows has changed since');
    expect(await stateOf('changed.jsonl')).toEqual(before);
  });

  it.each([
    [['-e', 'staging'], 'its environment was "production", and is "staging"'],
    [['--version', '1.2.0'], 'its --version was none, and is "1.2.0"'],
    [['--missing', 'x=7'], 'its --missing was ["x=1"], and is ["x=7"]'],
    [['--columns', 'x=x'], 'its --columns was none, and is ["x=x"]'],
    [['-H', 'x-team: tower'], 'its headers were none, and are x-team'],
  ])('is refused with %j, which would mix what two are answered', async (others, message) => {
    const path = await file('mixed.csv', `x\n${'1\n'.repeat(40)}`);
    const words = ['linear', '--file', path, '--out', 'mixed.jsonl', '--batch', '1', '--force'];
    const given = others[0] === '--missing' ? [...words, '--missing', 'x=1'] : words;
    const interrupted = await interruptedAfter(10, given);
    try {
      const before = await stateOf('mixed.jsonl');
      const { status, err } = await interrupted.run([...words, ...others, '--resume']);
      expect([status, err]).toEqual([1, expect.stringContaining('code: ResumeRefused')]);
      expect(err).toContain(message);
      expect(await stateOf('mixed.jsonl')).toEqual(before);
      // The default environment by its name is the same one.
      expect((await interrupted.run([...given, '-e', 'production', '--resume'])).status).toBe(0);
    } finally {
      await interrupted.close();
    }
  });

  it('is refused with other headers, of which no value is kept, and goes on with another token', async () => {
    const path = await file('headers.csv', `x\n${'1\n'.repeat(40)}`);
    const words = ['linear', '--file', path, '--out', 'headers.jsonl', '--batch', '1'];
    const team = ['-H', 'x-team: red-tower', '-H', 'x-area: north'];
    const interrupted = await interruptedAfter(10, [...words, ...team, '-H', 'authorization: Bearer first']);
    try {
      const before = await stateOf('headers.jsonl');
      expect(before.join()).not.toMatch(/red-tower|north|first/);
      const refused = async (...headers: readonly string[]) => {
        const { status, err } = await interrupted.run([...words, '--resume', ...headers]);
        expect([status, err]).toEqual([1, expect.stringContaining('code: ResumeRefused')]);
        expect(err).not.toMatch(/blue-tower|red-tower/);
        expect(await stateOf('headers.jsonl')).toEqual(before);
        return err;
      };
      expect(await refused('-H', 'x-team: blue-tower', '-H', 'x-area: north')).toContain(
        'a value of its headers (x-area, x-team) was another',
      );
      expect(await refused()).toContain('its headers were x-area, x-team, and are none');
      const renewed = [
        '-H',
        'x-area: north',
        '-H',
        'x-team: red-tower',
        '-H',
        'authorization: Bearer second',
      ];
      const { err } = await interrupted.run([...words, '--resume', ...renewed, '--timeout', '5s']);
      expect(err).toMatch(/^40 rows, \d+ of them before; none failed\.$/m);
    } finally {
      await interrupted.close();
    }
  });

  it('is refused at another server, and goes on at its own', async () => {
    const path = await file('moved.csv', `x\n${'1\n'.repeat(40)}`);
    const words = ['linear', '--file', path, '--out', 'moved.jsonl', '--batch', '1'];
    const interrupted = await interruptedAfter(10, words);
    try {
      const before = await stateOf('moved.jsonl');
      const { status, err } = await run([...words, '--resume']);
      expect([status, err]).toEqual([1, expect.stringContaining(`its server was "${interrupted.url}"`)]);
      expect(err).toContain('Repeat the command that it was begun with');
      expect(await stateOf('moved.jsonl')).toEqual(before);
      const slashed = ['predict', ...words, '--resume', '--server', `${interrupted.url}/`];
      expect((await runIn(slashed, { folder })).err).toMatch(/^40 rows, \d+ of them before; none failed\.$/m);
    } finally {
      await interrupted.close();
    }
  });

  it.each(['server', 'headers'])(
    'is refused where the command that began it did not note: %s',
    async (left) => {
      const path = await file('old.csv', `x\n${'1\n'.repeat(40)}`);
      const words = ['linear', '--file', path, '--out', 'old.jsonl', '--batch', '1', '--force'];
      const interrupted = await interruptedAfter(10, words);
      try {
        const note = join(folder, 'old.jsonl.progress');
        const older = JSON.parse(await readFile(note, 'utf8'));
        await writeFile(note, JSON.stringify({ ...older, [left]: undefined }));
        const { err } = await interrupted.run([...words, '--resume']);
        expect(err).toContain(`begun by another version of this command, which noted no ${left}`);
      } finally {
        await interrupted.close();
      }
    },
  );

  it('is refused where there is nothing to go on with, and what is there is not overwritten', async () => {
    const path = await file('one.csv', 'x\n1\n');
    const words = ['linear', '--file', path, '--out', 'one.jsonl'];
    expect((await run([...words, '--resume'])).err).toContain('it is not there');
    expect((await run(words)).status).toBe(0);
    expect((await run(words)).err).toContain('the file is there already');
    expect((await run([...words, '--resume'])).err).toContain('it is complete, or was not begun');
    expect((await run([...words, '--force'])).status).toBe(0);
  });
});

describe('what is on the disk already', () => {
  it('is never the file of rows and of predictions in one, by whatever name', async () => {
    const rows = 'x\n1\n2\n';
    const path = await file('both.csv', rows);
    await symlink(join(folder, path), join(folder, 'by-symlink.csv'));
    await link(join(folder, path), join(folder, 'by-link.csv'));
    for (const out of [path, `./${path}`, 'by-symlink.csv', 'by-link.csv']) {
      const { status, err } = await run(['linear', '--file', path, '--out', out, '--force']);
      expect([out, status, err]).toEqual([out, 2, expect.stringContaining('is the file of rows itself')]);
      expect(await readFile(join(folder, path), 'utf8')).toBe(rows);
    }
    const { status } = await run(['linear', '--file', path, '--out', path, '--resume']);
    expect(status).toBe(2);
  });

  it('is overwritten when the first predictions are there, and by no request that is wrong', async () => {
    await file('rows-of-one.csv', 'x\n1\n');
    await file('rows-of-none.csv', 'x\n');
    await file('of-others.csv', 'z\n1\n');
    const out = await file('kept.csv', 'an earlier result\n');
    await file('kept.csv.progress', 'how far it was\n');
    const wrong = [
      ['linear', '--file', 'rows-of-one.csv', '--keep', 'z'],
      ['linear', '--file', 'rows-of-none.csv', '--keep', 'z'],
      ['linear', '--file', 'of-others.csv'],
      ['linear', '--file', 'rows-of-one.csv', '--missing', 'z=1'],
      ['no-such-model', '--file', 'rows-of-one.csv'],
    ];
    for (const words of wrong) {
      const { status } = await run([...words, '--out', out, '--force']);
      expect([words, status]).not.toEqual([words, 0]);
      expect(await readFile(join(folder, out), 'utf8')).toBe('an earlier result\n');
      expect(await readFile(join(folder, 'kept.csv.progress'), 'utf8')).toBe('how far it was\n');
    }
    expect(await run(['linear', '--file', 'rows-of-one.csv', '--out', out, '--force'])).toMatchObject({
      status: 0,
    });
    expect(await readFile(join(folder, out), 'utf8')).toMatch(/^y,version,.*\n3,1\.2\.0,.*\n$/);
    await expect(stat(join(folder, 'kept.csv.progress'))).rejects.toThrow('ENOENT');
  });

  it('stays until the last row is there, also where a run is stopped and gone on with', async () => {
    const out = await file('result.jsonl', 'an earlier result\n');
    await chmod(join(folder, out), 0o620);
    await symlink(out, join(folder, 'link.jsonl'));
    const path = await file('result.csv', `x\n${'1\n'.repeat(40)}`);
    const words = ['linear', '--file', path, '--out', 'link.jsonl', '--batch', '1'];
    const interrupted = await interruptedAfter(10, [...words, '--force']);
    try {
      expect(await readFile(join(folder, out), 'utf8')).toBe('an earlier result\n');
      expect((await stat(join(folder, 'result.jsonl.partial'))).mode & 0o777).toBe(0o620);
      // That it may overwrite was said when it was begun.
      expect((await interrupted.run([...words, '--resume'])).status).toBe(0);
    } finally {
      await interrupted.close();
    }
    expect(linesOf(await readFile(join(folder, out), 'utf8'))).toHaveLength(40);
    expect((await stat(join(folder, out))).mode & 0o777).toBe(0o620);
    expect(await readlink(join(folder, 'link.jsonl'))).toBe(out);
    expect((await readdir(folder)).filter((name) => /^(result|link)\.jsonl\./.test(name))).toEqual([]);
  });

  it('is refused before anything is asked where it is a folder or a pipe', async () => {
    const rows = await file('special.csv', 'x\n1\n');
    const before = await readdir(folder);
    await mkdir(join(folder, 'out-folder.csv'));
    execFileSync('mkfifo', [join(folder, 'out-pipe.csv')]);
    for (const out of ['out-folder.csv', 'out-pipe.csv']) {
      const { status, err } = await run(['linear', '--file', rows, '--out', out, '--force']);
      expect(status).not.toBe(0);
      expect(err).toContain('FileNotWritable');
      expect(err).toContain('it is a folder, a pipe or a device');
    }
    expect((await stat(join(folder, 'out-pipe.csv'))).isFIFO()).toBe(true);
    await Promise.all(
      ['out-folder.csv', 'out-pipe.csv'].map((out) => rm(join(folder, out), { recursive: true })),
    );
    expect(await readdir(folder)).toEqual(before);
  });

  it('stays where somebody else wrote it while rows were predicted', async () => {
    const path = await file('race.csv', `x\n${'1\n'.repeat(40)}`);
    const words = ['linear', '--file', path, '--out', 'race.jsonl', '--batch', '1'];
    const interrupted = await interruptedAfter(10, words);
    try {
      await file('race.jsonl', 'of somebody else\n');
      const refused = await interrupted.run([...words, '--resume']);
      expect([refused.status, refused.err]).toEqual([1, expect.stringContaining('code: FileExists')]);
      expect(await readFile(join(folder, 'race.jsonl'), 'utf8')).toBe('of somebody else\n');
      expect((await interrupted.run([...words, '--resume', '--force'])).status).toBe(0);
      expect(linesOf(await readFile(join(folder, 'race.jsonl'), 'utf8'))).toHaveLength(40);
    } finally {
      await interrupted.close();
    }
  });

  it('is no part of a result, and what was stopped is not begun anew unasked', async () => {
    const path = await file('part.csv', `x\n${'1\n'.repeat(40)}`);
    const words = ['linear', '--file', path, '--out', 'part.csv.jsonl', '--batch', '1'];
    const interrupted = await interruptedAfter(10, words);
    try {
      await expect(stat(join(folder, 'part.csv.jsonl'))).rejects.toThrow('ENOENT');
      const before = await stateOf('part.csv.jsonl');
      const { status, err } = await interrupted.run(words);
      expect([status, err]).toEqual([1, expect.stringContaining('predictions that were stopped are there')]);
      expect(err).toContain('Go on with them by --resume');
      expect(await stateOf('part.csv.jsonl')).toEqual(before);
      expect((await interrupted.run([...words, '--force'])).err).toContain('40 rows; none failed');
    } finally {
      await interrupted.close();
    }
  });

  it('stays where the server is lost before it has answered a row', async () => {
    const out = await file('stays.jsonl', 'an earlier result\n');
    await file('stays.csv', 'x\n1\n');
    const stop = new AbortController();
    const proxy = await startProxy(serving.port, {
      at: /infer$/,
      status: () => {
        stop.abort();
        return 503;
      },
    });
    try {
      const words = ['predict', 'linear', '--file', 'stays.csv', '--out', out, '--force'];
      const stopped = await runIn([...words, '--server', proxy.url], { folder, signal: stop.signal });
      expect(stopped.status).toBe(130);
    } finally {
      await proxy.close();
    }
    expect(await readFile(join(folder, out), 'utf8')).toBe('an earlier result\n');
  });
});

describe('mistakes', () => {
  it.each([
    [['--file', 'no-such.csv'], 'no-such.csv', 1],
    [['--file', 'rows.txt'], 'names no format', 1],
    [['--file', 'ok.csv', '--data', '{}'], '--file excludes --data', 2],
    [['--file', 'ok.csv', '--batch', '0'], "--batch is '0'", 2],
    [['--file', 'ok.csv', '--parallel', 'x'], "--parallel is 'x'", 2],
    [['--file', 'ok.csv', '--missing', 'z=1'], "--missing names 'z'", 2],
    [['--file', 'ok.csv', '--keep', 'z'], '--keep names z', 2],
    [['--file', 'ok.csv', '--keep', 'y'], "two columns would be called 'y'", 2],
    [['--file', 'ok.csv', '--columns', 'z=a'], 'no input "z"', 2],
    [['--file', 'ok.csv', '--out', 'p.txt'], 'neither .csv nor .jsonl', 2],
    [['--file', 'ok.csv', '--resume'], '--resume and --force are for --out', 2],
    [['--file', 'other.csv'], 'the file has no column x', 2],
    [['--file', 'broken.csv'], 'the data cannot be read', 1],
    [['--file', 'ok.csv', '--out', 'no/such/folder.csv'], 'no/such/folder.csv', 1],
  ])('%j', async (words, message, expected) => {
    await file('ok.csv', 'x,y\n1,2\n');
    await file('other.csv', 'a\n1\n');
    await file('broken.csv', 'x\n1,2,3\n');
    const { status, err } = await run(['linear', ...words]);
    expect(err).toContain(message);
    expect(status).toBe(expected);
  });
});
