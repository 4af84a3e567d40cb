import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJob, readJob } from '../../../libraries/prediction-jobs/index.ts';
import { Turns } from '../../../plugins/jobs/worker/turns.ts';
import { workJob } from '../../../plugins/jobs/worker/work-job.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-outage-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function submit(rows: number): Promise<string> {
  const text = `x\n${'1\n'.repeat(rows)}`;
  const limits = { mostJobs: 10, mostBytes: 2 ** 20 };
  const { id } = await createJob(folder, limits, { deployment: 'away', format: 'csv' }, async (path) => {
    await writeFile(path, text);
    return text.length;
  });
  return id;
}

async function work(id: string, server: string, turns: Turns): Promise<void> {
  const { signal } = new AbortController();
  await workJob((await readJob(folder, id))!, {
    ...{ folder, signal, server, turns, keepMs: 60_000, mostBytes: 2 ** 20, hasOthers: () => false },
  });
  expect((await readJob(folder, id))?.progress).toMatchObject({ state: 'done', failed: 0 });
}

interface Asked {
  readonly isMetadata: boolean;
  readonly isAnswered: boolean;
  readonly began: number;
  readonly ended: number;
}

/** Answers as the inference port does, where nobody serves the first so many requests of a kind; notes what it was asked. */
async function portThatIsAway(
  tries: { readonly metadata: number; readonly rows: number },
  takesMs = 0,
): Promise<{ url: string; asked: Asked[]; close(): void }> {
  const left = { ...tries };
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const began = performance.now();
    let text = '';
    for await (const piece of request) text += piece;
    await wait(takesMs);
    const isMetadata = text === '';
    const isAnswered = left[isMetadata ? 'metadata' : 'rows']-- <= 0;
    response.statusCode = isAnswered ? 200 : 503;
    const rows = isMetadata ? [] : (JSON.parse(text) as { rows: unknown[] }).rows;
    const answer = isMetadata
      ? { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }] }
      : { predictions: rows.map(() => ({ y: 1 })), errors: [] };
    asked.push({ isMetadata, isAnswered, began, ended: performance.now() });
    response.end(JSON.stringify(isAnswered ? answer : { error: 'it is loading', code: 'ModelLoading' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, close: () => server.close() };
}

describe('a job whose deployment was away', () => {
  it('rests as long as its answer took, and not as long as it waited', async () => {
    const port = await portThatIsAway({ metadata: 0, rows: 4 });
    await work(await submit(150), port.url, new Turns());
    port.close();
    const rows = port.asked.filter(({ isMetadata }) => !isMetadata);
    expect(rows.map(({ isAnswered }) => isAnswered)).toEqual([false, false, false, false, true, true]);
    const waited = rows[4]!.began - rows[0]!.began;
    const rested = rows[5]!.began - rows[4]!.ended;
    expect(rested).toBeLessThan(waited / 2);
  });

  it('has written down what it waits for before it makes way', { timeout: 30_000 }, async () => {
    let tries = 0;
    const server = createServer((_, response) => {
      response.statusCode = 503;
      response.end(JSON.stringify({ error: `it is loading, ${++tries}`, code: 'ModelLoading' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const id = await submit(1);
    const { signal } = new AbortController();
    const worked = await workJob((await readJob(folder, id))!, {
      ...{ folder, signal, server: url, turns: new Turns(), keepMs: 60_000, mostBytes: 2 ** 20 },
      hasOthers: () => true,
    });
    server.close();
    expect(worked.how).toBe('aside');
    // Whoever works it next may do so at once: what is written later would be written over what that one says.
    const said = JSON.parse(readFileSync(join(folder, id, 'progress.json'), 'utf8')) as { waiting: string };
    expect(said.waiting).toBe(`it is loading, ${tries}`);
  });

  it.each([
    ['its rows', { metadata: 0, rows: 6 }],
    ['its model', { metadata: 6, rows: 0 }],
  ])('asks again for %s in its turn', async (_, tries) => {
    const port = await portThatIsAway(tries, 20);
    const turns = new Turns();
    const jobs = await Promise.all(Array.from({ length: 4 }, () => submit(1)));
    await Promise.all(jobs.map((id) => work(id, port.url, turns)));
    port.close();
    const { asked } = port;
    expect(asked).toHaveLength(4 + 4 + 6);
    // The next one began when the one before had its answer.
    for (const [index, { began }] of asked.entries())
      if (index > 0) expect(began).toBeGreaterThanOrEqual(asked[index - 1]!.ended);
  });
});
