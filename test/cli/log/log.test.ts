import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../run.ts';

/** A platform that answers what a test says, and keeps what it was asked. */
let server: Server;
let asked: { readonly path: string; readonly body: Record<string, unknown> }[];
let answers: unknown[];
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-cli-log-'));
  asked = [];
  answers = [];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ path: request.url ?? '', body: body === '' ? {} : JSON.parse(body) });
      response.end(JSON.stringify(answers.shift() ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function switchyard(words: readonly string[], input?: string) {
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return run([...words, '--api', api], { folder, ...(input === undefined ? {} : { input }) });
}

const first = '019ad5c1-2f7e-7b40-9c55-0f6f2f0f9a11';
const second = '019ad5c1-2f7e-7b40-9c55-0f6f2f0f9a12';

describe('switchyard log query', () => {
  const answer = {
    columns: [
      { name: 'version', type: 'VARCHAR' },
      { name: 'inputs', type: 'JSON' },
    ],
    rows: [
      ['1.0.0', { phase: 'Climb, "steep"' }],
      [null, 3],
    ],
    isCut: false,
  };

  it('prints a table, JSON, JSON lines and CSV', async () => {
    answers = [answer, answer, answer, answer];
    const query = ['log', 'query', '--sql', 'SELECT 1'];
    expect((await switchyard(query)).out).toBe(
      'VERSION   INPUTS\n1.0.0     {"phase":"Climb, \\"steep\\""}\n-         3\n',
    );
    expect(JSON.parse((await switchyard([...query, '-o', 'json'])).out)).toEqual([
      { version: '1.0.0', inputs: { phase: 'Climb, "steep"' } },
      { version: null, inputs: 3 },
    ]);
    expect((await switchyard([...query, '-o', 'jsonl'])).out.split('\n').length).toBe(3);
    expect((await switchyard([...query, '-o', 'csv'])).out).toBe(
      'version,inputs\n1.0.0,"{""phase"":""Climb, \\""steep\\""""}"\n,3\n',
    );
    expect(asked[0]).toEqual({
      path: '/plugins/prediction-log/query',
      body: { sql: 'SELECT 1', limit: 1_000 },
    });
  });

  it('reads SQL from standard input, and says on the side that there is more', async () => {
    answers = [{ ...answer, isCut: true }];
    const { out, err, status } = await switchyard(['log', 'query', '--sql', '-', '--limit', '2'], 'SELECT 2');
    expect(asked[0]?.body).toEqual({ sql: 'SELECT 2', limit: 2 });
    expect(err).toContain('There are more than these 2 rows');
    expect(out).not.toContain('more');
    expect(status).toBe(0);
  });
});

describe('switchyard log export', () => {
  it('asks page by page, each from where the one before ended', async () => {
    const columns = ['time', 'id', 'version', 'row'].map((name) => ({ name, type: 'VARCHAR' }));
    answers = [
      { columns, rows: [['2026-03-01 10:00:00', first, '1.0.0', 0]], isCut: true },
      { columns, rows: [['2026-03-01 10:00:01', second, '1.0.0', 0]], isCut: false },
    ];
    const { out } = await switchyard([
      ...['log', 'export', '--deployment', "production/o'hare", '--from', '2026-03-01', '-o', 'csv'],
    ]);
    expect(out).toBe(
      `time,id,version,row\n2026-03-01 10:00:00,${first},1.0.0,0\n2026-03-01 10:00:01,${second},1.0.0,0\n`,
    );
    const where =
      "environment = 'production' AND deployment = 'o''hare' AND time >= TIMESTAMP '2026-03-01T00:00:00.000'";
    expect(asked[0]?.body.sql).toContain(`WHERE ${where} ORDER BY`);
    expect(asked[1]?.body.sql).toContain(
      `AND time >= TIMESTAMP '2026-03-01 10:00:00' AND (time, id, version, row) > (TIMESTAMP '2026-03-01 10:00:00', '${first}'`,
    );
    for (const { body } of asked) expect(body.sql).toMatch(/ LIMIT 5001$/);
  });

  it('refuses what is no deployment or no time before it asks', async () => {
    expect((await switchyard(['log', 'export', '--deployment', 'bird-strike'])).status).toBe(2);
    expect((await switchyard(['log', 'export', '--from', 'yesterday'])).status).toBe(2);
    expect(asked).toEqual([]);
  });
});

describe('switchyard feedback', () => {
  const taken = { taken: 2, duplicates: 0, unknown: 0, late: 0, refused: [] };

  it('sends one label as what it looks like', async () => {
    answers = [taken, taken, taken];
    for (const label of ['1', 'true', 'damaged']) await switchyard(['feedback', first, label]);
    expect(asked.map(({ body }) => body)).toEqual([
      { labels: [{ id: first, label: 1 }] },
      { labels: [{ id: first, label: true }] },
      { labels: [{ id: first, label: 'damaged' }] },
    ]);
  });

  it('sends the labels of a file, CSV or JSON lines', async () => {
    answers = [taken, taken];
    const labels = [
      { id: first, label: 1, row: 2 },
      { id: second, label: 'a, b' },
    ];
    writeFileSync(join(folder, 'outcomes.csv'), `id,label,row\n${first},1,2\n${second},"a, b",\n`);
    writeFileSync(join(folder, 'outcomes.jsonl'), labels.map((one) => `${JSON.stringify(one)}\n`).join('\n'));
    const ran = await switchyard(['feedback', '--file', 'outcomes.csv']);
    expect(ran).toMatchObject({ status: 0, out: '2 labels kept\n' });
    await switchyard(['feedback', '--file', 'outcomes.jsonl']);
    expect(asked.map(({ body }) => body.labels)).toEqual([labels, labels]);
  });

  it('says what became of labels that are not kept', async () => {
    answers = [{ taken: 1, duplicates: 2, unknown: 1, late: 1, refused: [second] }];
    expect(await switchyard(['feedback', first, '1'])).toMatchObject({
      status: 1,
      out: `1 label kept\n2 labels known already\n1 label of predictions that the log does not have\n1 label later than their deployment takes them\namong them: ${second}\n`,
    });
  });

  it('sends nothing of a file with a line that is wrong, and names the line', async () => {
    writeFileSync(join(folder, 'outcomes.csv'), `id,label\n${first},1\nnobody,1\n`);
    const { status, err } = await switchyard(['feedback', '--file', 'outcomes.csv']);
    expect(status).toBe(2);
    expect(err).toContain('outcomes.csv:3');
    expect((await switchyard(['feedback', '--file', '-'], 'name,label\na,1\n')).err).toContain(
      'there is no column "id"',
    );
    for (const [lines, problem] of [
      [`id,label\n${first},1\n,1\n`, 'standard input:3'],
      [`id,label\n,1\n`, 'there is no id'],
      [`id,label\n${first},nan\n`, 'the label "nan" says nothing'],
      [`id,label\n${first},\n`, 'there is no label'],
      [`{"id": "${first}", "label": [1, "Infinity"]}`, 'the label "Infinity" says nothing'],
    ] as const)
      expect((await switchyard(['feedback', '--file', '-'], lines)).err, problem).toContain(problem);
    expect((await switchyard(['feedback', '--file', '-'], '{"id": 1')).err).toContain('standard input:1');
    expect((await switchyard(['feedback'])).status).toBe(2);
    expect(asked).toEqual([]);
  });
});

describe('switchyard log erase and status', () => {
  it('prints the proof', async () => {
    answers = [
      {
        ...{
          pseudonym: 'abc',
          at: '2026-03-01T00:00:00.000Z',
          predictions: 3,
          labels: 1,
          unread: [],
          remaining: 0,
        },
        files: [
          { file: 'predictions/a.parquet', rows: 10, erased: 3, before: 'sha256:1', after: 'sha256:2' },
        ],
      },
    ];
    const { out, status } = await switchyard(['log', 'erase', 'ada@example.org', '--reason', 'asked for it']);
    expect(asked[0]?.body).toMatchObject({ subject: 'ada@example.org', reason: 'asked for it' });
    expect(out).toBe(
      'erased 3 rows of predictions and 1 labels of abc\n  predictions/a.parquet: 3 of 10 rows\n    sha256:1\n    → sha256:2\nlooked through again: 0 rows are left\n',
    );
    expect(status).toBe(0);
  });

  it('shows what the log holds and what it let go of; status 1 where it cannot be written', async () => {
    const counts = { lost: 3, discarded: 0, unreadable: 0, unknownLabels: 0, lateLabels: 0 };
    answers = [
      {
        predictions: 12_345,
        labels: 2,
        files: 4,
        bytes: 3 * 1024 ** 2,
        waiting: 1,
        counts,
        trouble: 'ENOSPC',
      },
    ];
    expect(await switchyard(['log', 'status'])).toMatchObject({
      status: 1,
      out: '12,345 rows of predictions and 2 labels, in 4 files of 3.1 MB\n1 batch to be taken in\ncannot be written: ENOSPC\nat least 3 predictions lost with the process that had taken them\n',
    });
  });

  it('shows where files are in a bucket, and what waits for it; status 1 where that cannot be used', async () => {
    const counts = { lost: 0, discarded: 0, unreadable: 0, unknownLabels: 0, lateLabels: 0 };
    const bucket = {
      ...{ address: 'https://s3/logs/', objects: 2, bytes: 3 * 1024 ** 3, waiting: 1, waitingBytes: 2_000 },
      ...{
        localBytes: 2_000,
        counts: { uploaded: 0, fetched: 0, failed: 1, missing: 1 },
        trouble: 'AccessDenied',
      },
    };
    answers = [{ predictions: 1, labels: 0, files: 3, bytes: 100, waiting: 0, counts, bucket }];
    expect(await switchyard(['log', 'status'])).toMatchObject({
      status: 1,
      out: '1 row of predictions and 0 labels, in 3 files of 100 B\nin the bucket https://s3/logs/: 2 files of 3.2 GB\non this machine alone, until the bucket has them: 1 file of 2.0 kB\nthe bucket cannot be used: AccessDenied\n1 file lost: the bucket no longer has them\n',
    });
  });
});
