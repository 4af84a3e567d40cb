import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { type Serving, startServing } from '../../plugins/serving/dataplane/fixtures/in-process.ts';
import { linearModel, pin } from '../../plugins/serving/dataplane/fixtures/models.ts';
import { deployment, table } from '../../plugins/serving/dataplane/fixtures/tables.ts';
import { type Ran, run as runIn } from '../run.ts';

const secret = 'hunter2-and-more';
let folder: string;
let serving: Serving;
let real: string;
/** A server that writes down what it is asked with, and how it answers where it is to send on. */
let recorder: Server;
let recording: string;
let heard: { path: string; headers: IncomingHttpHeaders }[] = [];
let sendsOnTo: string | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-headers-'));
  serving = await startServing();
  const versions = [pin(folder, '1.0.0', linearModel(2, 0)), pin(folder, '2.0.0', linearModel(3, 0))];
  const rules = {
    matches: [{ all: [{ header: 'x-team', equals: 'tower' }], version: '2.0.0' }],
  };
  const variants = [
    { version: '1.0.0', role: 'stable' as const, weight: 100 },
    { version: '2.0.0', role: 'candidate' as const, weight: 0 },
  ];
  await serving.follow(table(deployment('linear', versions, { variants, rules })));
  real = `http://127.0.0.1:${serving.port}`;
  recorder = createServer(async (request, response) => {
    const { url: path = '', headers, method } = request;
    heard.push({ path, headers });
    if (sendsOnTo !== undefined) {
      response.writeHead(307, { location: `${sendsOnTo}${path}` }).end();
      return;
    }
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const answer = await fetch(`${real}${path}`, {
      method,
      ...(method === 'POST'
        ? { body: Buffer.concat(pieces), headers: { 'content-type': 'application/json' } }
        : {}),
    });
    response.writeHead(answer.status).end(await answer.text());
  });
  await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve));
  recording = `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`;
  await writeFile(join(folder, 'rows.csv'), 'x\n1\n2\n');
  await writeFile(join(folder, 'key.txt'), `x-api-key: ${secret}\n\nx-team:tower\r\n`);
}, 60_000);

beforeEach(() => {
  heard = [];
  sendsOnTo = undefined;
});

afterAll(async () => {
  recorder.close();
  recorder.closeAllConnections();
  await serving.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = (server: string, ...words: readonly string[]): Promise<Ran> =>
  runIn(['predict', 'linear', '--server', server, ...words], { folder });

describe('headers of the command line', () => {
  it.each([
    [
      ['-i', 'x=1'],
      ['/v2/models/linear', '/v2/models/linear/infer'],
    ],
    [['--inputs'], ['/v2/models/linear']],
    [['--data', '{"rows":[{"x":1}]}'], ['/v2/models/linear/predict']],
    [
      ['--file', 'rows.csv', '--batch', '1', '--parallel', '1'],
      ['/v2/models/linear', '/v2/models/linear/infer', '/v2/models/linear/infer'],
    ],
  ])('go with each request of %j', async (words, paths) => {
    const flags = ['--priority', '2', '--timeout', '250ms', '-H', 'X-Team: a: b ', '--header', '@key.txt'];
    const twice = await run(recording, ...words, ...flags);
    expect([twice.status, twice.err]).toEqual([2, expect.stringContaining('x-team is given twice')]);
    expect(heard).toEqual([]);
    const { status } = await run(recording, ...words, ...flags.with(5, 'X-Other: a: b '));
    expect(status).toBe(0);
    expect(heard.map(({ path }) => path)).toEqual(paths);
    for (const { headers } of heard)
      expect(headers).toMatchObject({
        'switchyard-priority': '2',
        'switchyard-timeout': '250ms',
        'x-other': 'a: b',
        'x-api-key': secret,
        'x-team': 'tower',
      });
  });

  it('are not sent where none is given', async () => {
    expect((await run(recording, '-i', 'x=1')).status).toBe(0);
    const names = heard.flatMap(({ headers }) => Object.keys(headers));
    expect(names.filter((name) => /^(switchyard|x)-/.test(name))).toEqual([]);
  });

  it('lead to the version that a rule of traffic names', async () => {
    expect((await run(real, '-i', 'x=1')).out).toContain('linear 1.0.0');
    expect((await run(real, '-i', 'x=1', '-H', 'x-team: tower')).out).toContain('linear 2.0.0');
    const { out } = await run(real, '--file', 'rows.csv', '-H', 'x-team: tower');
    expect(out.match(/"version":"2\.0\.0"/g)).toHaveLength(2);
  });

  it('say how long a request may take', async () => {
    const { status, err } = await run(real, '-i', 'x=1', '--timeout', '0ms');
    expect([status, err]).toEqual([1, expect.stringContaining('code: DeadlineExceeded')]);
  });

  it('are not sent to where the server sends on', async () => {
    sendsOnTo = real.replace('127.0.0.1', 'localhost');
    expect((await run(recording, '-i', 'x=1')).out).toContain('linear 1.0.0');
    const { status, err } = await run(recording, '-i', 'x=1', '-H', `x-api-key: ${secret}`);
    expect([status, err]).toEqual([1, expect.stringContaining('code: RedirectRefused')]);
    expect(err).toContain(`sends on to ${sendsOnTo}`);
    expect(err).not.toContain(secret);
  });
});

describe('a header that cannot be', () => {
  it.each([
    [['-H', secret], '--header is no header'],
    [['-H', `Bearer ${secret}: x`], '--header is no header'],
    [['-H', 'x-a: 1', '-H', `: ${secret}`], '--header number 2 is no header'],
    [['-H', 'x-api-key:'], '--header is no header'],
    [['-H', `x-api-key: ${secret}\r\nx-b: c`], '--header (x-api-key) has a character'],
    [['-H', `x-api-key: ${secret}\u2026`], '--header (x-api-key) has a character'],
    [['-H', `content-length: ${secret}`], '--header is content-length, which this command says by itself'],
    [['-H', '@wrong.txt'], 'wrong.txt:2 is no header'],
    [['--priority', '2', '-H', 'Switchyard-Priority: 3'], 'switchyard-priority is given twice'],
    [['--priority', '0'], "argument '0' is invalid"],
    [['--timeout', 'soon'], '"soon" is not a duration'],
    [['--file', 'rows.csv', '-H', 'Idempotency-Key: a'], '--file excludes the header idempotency-key'],
    [
      ['--file', 'rows.csv', '--async', '-H', 'a: b', '--timeout', '1s', '--priority', '1'],
      '--async excludes --server, --priority, --timeout, --header',
    ],
  ])('is refused before anything is asked, and its value is not shown: %j', async (words, message) => {
    await writeFile(join(folder, 'wrong.txt'), `x-a: b\n${secret}\n`);
    const { status, out, err } = await runIn(
      ['--verbose', 'predict', 'linear', '--server', recording, '-i', 'x=1', ...words],
      { folder },
    );
    expect([status, err]).toEqual([2, expect.stringContaining(message)]);
    expect(out + err).not.toContain(secret);
    expect(heard).toEqual([]);
  });

  it('is refused where its file cannot be read', async () => {
    expect((await run(recording, '-i', 'x=1', '-H', '@no.txt')).err).toContain('code: FileUnreadable');
  });
});

it('is written as docs/inference.md shows', async () => {
  const page = await readFile(packageFile('docs/inference.md'), 'utf8');
  const [, flags = ''] = /`switchyard predict bird-strike --data @strike.json (.*?)`/.exec(page) ?? [];
  expect(flags).not.toBe('');
  await run(recording, '-i', 'x=1', ...flags.split(' '));
  const [, timeout, priority] =
    /-H 'Switchyard-Timeout: (\S+)' -H 'Switchyard-Priority: (\S+)'/.exec(page) ?? [];
  expect(heard.at(-1)?.headers).toMatchObject({
    'switchyard-timeout': timeout,
    'switchyard-priority': priority,
  });
});

it('completes the priorities and the flags', async () => {
  const tab = async (...words: readonly string[]) =>
    (await runIn(['__complete', '--', 'predict', 'linear', ...words], { folder })).out;
  expect(await tab('--priority', '')).toBe('1\n2\n3\n4\n5\n6\n7\n8\n9\n');
  expect(await tab('--')).toMatch(/--priority\t[\s\S]*--timeout\t[\s\S]*--header\t/);
});
