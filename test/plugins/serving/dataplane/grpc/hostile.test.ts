/** What no client that is made from the protocol file can send: bytes as they come, over the real port. */
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { identityModel, linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const folder = temporaryFolder();
let serving: Serving;
let client: Client;

beforeAll(async () => {
  serving = await startServing({ bodyLimit: 1024 * 1024 });
  await serving.follow(
    table(
      deployment('linear', [pin(folder.path, '1.0.0', linearModel(2, 1))]),
      deployment('bytes', [pin(folder.path, '1.0.0', identityModel('BYTES'))]),
      deployment('int64', [pin(folder.path, '1.0.0', identityModel('INT64'))]),
    ),
  );
  const port = await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' });
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
}, 60_000);

afterAll(async () => {
  client.close();
  await serving.stop();
  folder.remove();
});

/** A field of bytes. */
function field(number: number, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  const size: number[] = [];
  for (let left = bytes.length; ; left >>>= 7) {
    size.push(left > 127 ? (left & 127) | 128 : left);
    if (left <= 127) break;
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...size]), bytes]);
}

function tensor(datatype: string, shape: readonly number[], contents: Uint8Array): Buffer {
  return field(
    5,
    Buffer.concat([field(1, 'x'), field(2, datatype), field(3, Buffer.from(shape)), field(5, contents)]),
  );
}

const float = (value: number) => Buffer.from(Float32Array.of(value).buffer);
const linear = (value: number) =>
  Buffer.concat([
    field(1, 'linear'),
    field(3, `id ${value}`),
    tensor('FP32', [1, 1], field(6, float(value))),
  ]);
const fill = (bytes: readonly number[]) => Buffer.alloc(1_000_000, Buffer.from(bytes));

/** The bytes of the answer, or what went wrong. */
function send(bytes: Uint8Array): Promise<Buffer | string> {
  const path = '/inference.GRPCInferenceService/ModelInfer';
  const same = (given: Buffer) => given;
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      same,
      same,
      Buffer.from(bytes),
      { deadline: Date.now() + 20_000 },
      (error: ServiceError | null, answer?: Buffer) => {
        resolve(error === null ? answer! : `${status[error.code]}: ${error.details}`);
      },
    );
  });
}

it.each([
  ['a name as long as a message', field(1, fill([0x61])), /^NOT_FOUND: no model "a+…$/],
  ['a long name that trailers write six times as long', field(1, fill([0xc3, 0xa9])), /^NOT_FOUND/],
  [
    'a name that is cut within a character',
    Buffer.concat([field(1, 'linear'), field(5, field(1, `${'a'.repeat(99)}😀`))]),
    /^INVALID_ARGUMENT: input "a{99}\ufffd"/,
  ],
  [
    'an id that is no text',
    Buffer.concat([field(1, 'linear'), field(3, Buffer.from([0xe3, 0x61]))]),
    /^INVALID_ARGUMENT: the message is no ModelInferRequest: .*utf-8/,
  ],
  ['inputs of nothing', Buffer.concat([field(1, 'linear'), fill([0x2a, 0])]), /more than 10000 entries/],
  ['outputs of nothing', Buffer.concat([field(1, 'linear'), fill([0x32, 0])]), /more than 10000 entries/],
  [
    'raw contents of nothing',
    Buffer.concat([field(1, 'linear'), fill([0x3a, 0])]),
    /more than 10000 entries/,
  ],
  [
    'a shape without end',
    Buffer.concat([field(1, 'linear'), field(5, field(3, fill([1])))]),
    /10000 entries/,
  ],
  [
    'contents in pieces without end',
    Buffer.concat([field(1, 'linear'), field(5, fill([0x2a, 0]))]),
    /10000 entries/,
  ],
  [
    'more elements than the shape has',
    Buffer.concat([field(1, 'bytes'), tensor('BYTES', [1, 2], fill([0x42, 0]))]),
    /its contents have more than the 2 elements of its shape/,
  ],
  [
    'a shape that promises more than there is',
    Buffer.concat([
      field(1, 'int64'),
      tensor('INT64', [0xff, 0xff, 0xff, 0x7f, 2], field(3, Uint8Array.of(1, 2))),
    ]),
    /^INVALID_ARGUMENT: input "x": 2 elements in its contents/,
  ],
  [
    'a float that is written as a whole number',
    Buffer.concat([field(1, 'linear'), tensor('FP32', [1, 1], Buffer.from([0x30, 1, 2, 3, 4]))]),
    /its contents are not written as those of FP32/,
  ],
  [
    'a list that ends within a number',
    Buffer.concat([field(1, 'linear'), tensor('FP32', [1, 1], Buffer.from([0x32, 2, 0, 0, 0, 0]))]),
    /its contents cannot be read: a list ends within a number/,
  ],
])('refuses %s, and answers the next on the same connection', async (_, bytes, expected) => {
  expect(await send(bytes)).toMatch(expected);
  expect(await send(linear(3))).toBeInstanceOf(Buffer);
});
