import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../demo/answers.ts';
import { qualityOf } from '../../demo/quality.ts';
import { heldOutStrikes, type Strike, tensorsOf } from '../../demo/strikes.ts';
import { isWithoutLoss, Traffic, underTraffic } from '../../demo/traffic.ts';
import { packageFile } from '../../libraries/package-files/index.ts';

let server: Server | undefined;
afterEach(() => server?.close());

const strike = (id: number, damaged: boolean): Strike => ({
  ...{ id, damaged, year: 1995, speed: 140, airport: 'A', aircraft: 'B', operator: 'C', origin_state: 'D' },
  ...{ phase_of_flight: 'E', wildlife_size: 'F', wildlife_species: 'G', time_of_day: 'H' },
});

/** A server of the Open Inference Protocol that drops every third request, and answers every fourth with an error. */
async function badServer(): Promise<string> {
  let count = 0;
  const own = createServer((request, response) => {
    count += 1;
    const body = text(request);
    if (count % 3 === 0) return void request.socket.destroy();
    response.setHeader('content-type', 'application/json');
    if (count % 4 === 0) {
      response.statusCode = 503;
      return void response.end('{"error": "model is being loaded", "code": "ModelLoading"}');
    }
    const outputs = [
      { name: 'label', datatype: 'INT64', shape: [1, 1], data: [1] },
      { name: 'probability', datatype: 'FP32', shape: [1, 1], data: [0.5] },
    ];
    void body.then((asked) => {
      const { id } = JSON.parse(asked) as { id: string };
      response.end(JSON.stringify({ model_name: 'm', model_version: '1.0.0', id, outputs }));
    });
  });
  server = own;
  await new Promise<void>((settle) => own.listen(0, '127.0.0.1', settle));
  return `http://127.0.0.1:${(own.address() as AddressInfo).port}`;
}

describe('traffic', () => {
  it('counts every request that was dropped or refused, and says why', async () => {
    const target = { server: await badServer(), deployment: 'm' };
    const traffic = new Traffic(target, [strike(1, true), strike(2, false)], 2);
    await expect.poll(() => traffic.answeredBy('1.0.0')).toBeGreaterThan(20);
    const report = await traffic.stop();
    expect(report.failed).toBeGreaterThan(5);
    expect(report.answers.length + report.failed).toBe(report.sent);
    expect(report.failures.join()).toContain('model is being loaded');
    expect(report.byVersion.get('1.0.0')).toBe(report.answers.length);
    expect(isWithoutLoss(report, 0)).toBe(false);
    expect(isWithoutLoss({ ...report, failed: 0, sent: report.answers.length }, 0)).toBe(true);
    expect(isWithoutLoss({ ...report, failed: 0, sent: report.answers.length }, 1)).toBe(false);
  });

  it('ends with what happens meanwhile, also where that fails', async () => {
    const target = { server: await badServer(), deployment: 'm' };
    const signal = AbortSignal.timeout(30_000);
    let during: Traffic | undefined;
    const failing = underTraffic(target, [strike(1, true)], async (traffic) => {
      during = traffic;
      await traffic.goesOn('1.0.0', 10, signal);
      throw new Error('not as expected');
    });
    await expect(failing).rejects.toThrow('not as expected');
    const { sent, answers, failed } = (await during?.stop()) ?? { sent: 0, answers: [], failed: 0 };
    expect(answers.length).toBeGreaterThanOrEqual(10);
    expect(answers.length + failed).toBe(sent);
  });
});

describe('the quality of answers', () => {
  it('is judged by what really happened', () => {
    const strikes = [strike(1, true), strike(2, false), strike(3, true), strike(4, false)];
    const answers = [0.9, 0.8, 0.7, 0.1].map(
      (probability): Answer => ({ probability, damaged: probability > 0.5, version: '1.0.0', commit: '' }),
    );
    // Of four pairs of a damaging and a harmless strike, three are ranked right.
    expect(qualityOf(strikes, answers)).toEqual({
      version: '1.0.0',
      auc: 0.75,
      right: 3,
      caught: 2,
      alarms: 1,
    });
  });

  it('is a coin toss where all answers are alike', () => {
    const strikes = [strike(1, true), strike(2, false)];
    const answers = strikes.map(
      (): Answer => ({ probability: 0.3, damaged: false, version: '1', commit: '' }),
    );
    expect(qualityOf(strikes, answers).auc).toBe(0.5);
  });
});

describe('the strikes', () => {
  it('are those of the template’s data that no version was trained on', async () => {
    const file = packageFile('registry-repo-template/data/bird-strikes.csv');
    const strikes = await heldOutStrikes(file, 1995, 1998);
    expect(strikes.length).toBeGreaterThan(500);
    expect(strikes.every(({ id, year }) => id % 5 === 0 && year >= 1995 && year <= 1998)).toBe(true);
    expect(new Set(strikes.map(({ damaged }) => damaged))).toEqual(new Set([true, false]));
    expect(strikes.every(({ speed }) => speed === -1 || speed >= 0)).toBe(true);
    const tensors = tensorsOf(strikes.slice(0, 2));
    expect(tensors).toHaveLength(9);
    expect(tensors.every(({ shape, data }) => shape[0] === 2 && data.length === 2)).toBe(true);
  });
});
