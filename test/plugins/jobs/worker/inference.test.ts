import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Job } from '../../../../libraries/prediction-jobs/index.ts';
import { askRows, type Inference } from '../../../../plugins/jobs/worker/inference.ts';
import { Turn } from '../../../../plugins/jobs/worker/turn.ts';
import { Turns } from '../../../../plugins/jobs/worker/turns.ts';

const job: Job = {
  id: '0123456789abcdef',
  deployment: 'linear',
  format: 'csv',
  size: 4,
  created: '2026-05-04T09:00:00.000Z',
};

const port = createServer((request, response) => {
  request.resume();
  if (request.url !== '/v2/models/silent/predict')
    response.end(JSON.stringify({ predictions: [{ y: 1 }], errors: [] }));
});

beforeEach(() => new Promise<void>((resolve) => port.listen(0, '127.0.0.1', resolve)));
afterEach(() => {
  port.closeAllConnections();
  port.close();
});

function asking(signal: AbortSignal): Inference {
  const server = `http://127.0.0.1:${(port.address() as AddressInfo).port}`;
  return { server, signal, turn: new Turn(new Turns()), onWait: () => {}, hasOthers: () => false };
}

it('leaves nothing at the signal of a job, however many requests it takes', async () => {
  const { signal } = new AbortController();
  const inference = asking(signal);
  for (let batch = 0; batch < 20; batch++) await askRows(job, ['{"x":1}'], inference);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('calls off a request that is under way when its job ends', async () => {
  const ending = new AbortController();
  const asked = askRows({ ...job, deployment: 'silent' }, ['{"x":1}'], asking(ending.signal));
  port.once('request', () => ending.abort(new Error('nobody wants it')));
  await expect(asked).rejects.toThrow('nobody wants it');
  expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
});
