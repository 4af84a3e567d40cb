import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../fixtures/until.ts';
import { type Child, spawnChild } from '../fixtures/child.ts';
import { inferJson, row } from '../fixtures/client.ts';
import { ControlEnd } from '../fixtures/control-end.ts';
import { temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

let folder: ReturnType<typeof temporaryFolder>;
let control: ControlEnd;
let child: Child;

beforeEach(async () => {
  folder = temporaryFolder();
  control = await ControlEnd.listen(`${folder.path}/control.sock`);
  child = await spawnChild('--control', `${folder.path}/control.sock`);
  await until(() => control.isConnected && control.hellos.length === 1);
  control.publish(table(deployment('m', [pin(folder.path, '1.0.0', linearModel(2, 0))])));
  await until(() => control.report?.routes['production/m'] !== undefined);
});

afterEach(async () => {
  child.process.kill('SIGKILL');
  await child.ended;
  await control.close();
  folder.remove();
});

const megabyte = Buffer.alloc(1024 * 1024, 0x20);
const path = '/v2/models/m/infer';

/** Bytes of memory by the next report. */
async function memory(): Promise<number> {
  const before = control.report?.at;
  await until(() => control.report?.at !== before);
  return control.report!.metrics.rssBytes;
}

/** Sends megabytes until it is answered, or all are sent. */
function upload(
  headers: Record<string, string>,
  megabytes: number,
): Promise<{ status: number; sent: number; body: string }> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let isAnswered = false;
    const outgoing = request(
      { port: child.port, host: '127.0.0.1', method: 'POST', path, headers },
      (response) => {
        isAnswered = true;
        let body = '';
        response.on('data', (chunk) => {
          body += String(chunk);
        });
        response.on('end', () => {
          outgoing.destroy();
          resolve({ status: response.statusCode ?? 0, sent, body });
        });
      },
    );
    outgoing.on('error', (error) => {
      if (!isAnswered) reject(error);
    });
    const send = (): void => {
      while (sent < megabytes && !isAnswered) {
        sent++;
        if (!outgoing.write(megabyte)) {
          outgoing.once('drain', send);
          return;
        }
      }
      if (sent === megabytes) outgoing.end();
    };
    send();
  });
}

describe('a body of 100 MB', () => {
  it('is refused before it is read when its length is announced', async () => {
    const before = await memory();
    const { status, body } = await upload({ 'content-length': String(100 * megabyte.length) }, 100);
    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject({ code: 'BodyTooLarge', hint: expect.any(String) });
    expect((await memory()) - before).toBeLessThan(30 * 2 ** 20);
    expect((await inferJson(child.port, 'm', row(1))).status).toBe(200);
  });

  it('is refused while it is read when it comes in chunks, and what follows is not kept', async () => {
    const { status } = await upload({ 'transfer-encoding': 'chunked' }, 100);
    expect(status).toBe(413);
    expect((await inferJson(child.port, 'm', row(1))).status).toBe(200);
  });

  it('is refused before it is sent when the client asks first', async () => {
    const socket = connect(child.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 104857600\r\n\r\n`,
    );
    await until(() => answer.includes('\r\n\r\n'));
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });
});

describe('a client that asks first', () => {
  it('is told to go on with a small body', async () => {
    const body = JSON.stringify(row(4));
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = {
        expect: '100-continue',
        'content-type': 'application/json',
        'content-length': String(body.length),
      };
      const outgoing = request(
        { port: child.port, host: '127.0.0.1', method: 'POST', path, headers },
        (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += String(chunk);
          });
          response.on('end', () => resolve(text));
        },
      );
      outgoing.on('error', reject);
      outgoing.on('continue', () => outgoing.end(body));
      outgoing.flushHeaders();
    });
    expect(JSON.parse(answer)).toMatchObject({ outputs: [{ data: [8] }] });
  });
});

describe('a client that goes away', () => {
  it('in the middle of its body harms nobody', async () => {
    const socket = connect(child.port, '127.0.0.1');
    await new Promise<void>((resolve) => {
      socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"inputs`, () =>
        resolve(),
      );
    });
    socket.destroy();
    expect((await inferJson(child.port, 'm', row(1))).status).toBe(200);
  });
});
