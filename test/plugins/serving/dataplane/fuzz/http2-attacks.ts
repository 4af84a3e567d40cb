/** What a client that means no good sends over HTTP/2, frame by frame: each is bounded, and none is a call. */
import type { Random } from '../../../../../libraries/statistics/index.ts';
import { inferPath, prefix, rightInference } from './grpc-question.ts';

const types = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
const endStream = 1;
const endHeaders = 4;

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export function frame(
  type: keyof typeof types | number,
  flags: number,
  id: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = typeof type === 'number' ? type : types[type];
  head[4] = flags;
  head.writeUInt32BE(id >>> 0, 5);
  return Buffer.concat([head, payload]);
}

/** Settings as pairs of an identifier and a value. */
export function settings(...pairs: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  for (const [index, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  }
  return frame('settings', 0, 0, payload);
}

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

/** A text as HPACK has it, not compressed. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const size: number[] = [];
  if (bytes.length < 127) size.push(bytes.length);
  else {
    size.push(127);
    let left = bytes.length - 127;
    for (; left > 127; left >>>= 7) size.push((left & 127) | 128);
    size.push(left);
  }
  return Buffer.concat([Buffer.from(size), bytes]);
}

/** Names and values that are not remembered; `kept`: those that are. */
const line = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.from([0]), text(name), text(value)]);
const kept = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.from([0x40]), text(name), text(value)]);

/** The head of a call. */
export function head(path = inferPath): Buffer {
  return Buffer.concat([
    // POST, http.
    Buffer.from([0x83, 0x86]),
    line(':path', path),
    line(':authority', 'x'),
    line('content-type', 'application/grpc'),
    line('te', 'trailers'),
  ]);
}

const times = (count: number, make: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));
const begin = Buffer.concat([preface, settings()]);
const odd = (index: number): number => 2 * index + 1;
const reflection = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';

/** A call as it should be, in its frames. */
function wholeCall(id: number, random: Random): Buffer {
  return Buffer.concat([
    frame('headers', endHeaders, id, head()),
    frame('data', endStream, id, rightInference(`frame ${id}`, random).bytes),
  ]);
}

/** By their names: all that is sent on one connection. */
export const attacks: Readonly<Record<string, (random: Random) => Buffer>> = {
  'streams of ids that no client may have': (random) =>
    Buffer.concat([
      begin,
      wholeCall(1, random),
      frame('headers', endHeaders, [0, 2, 1, 0xffff_ffff, 0x8000_0003][random.below(5)]!, head()),
      frame('data', 0, [0, 2, 99, 0x7fff_ffff][random.below(4)]!, prefix(10)),
    ]),
  'calls that are reset as soon as they are begun': (random) =>
    Buffer.concat([
      begin,
      times(2_000, (index) =>
        Buffer.concat([
          frame('headers', endHeaders, odd(index), head()),
          ...(random.below(2) === 0 ? [frame('data', 0, odd(index), prefix(1_000))] : []),
          frame('reset', 0, odd(index), number(random.below(14))),
        ]),
      ),
    ]),
  'whole calls that are reset': (random) =>
    Buffer.concat([
      begin,
      times(900, (index) =>
        Buffer.concat([wholeCall(odd(index), random), frame('reset', 0, odd(index), number(8))]),
      ),
    ]),
  'resets of streams that are not there': () =>
    Buffer.concat([begin, times(5_000, (index) => frame('reset', 0, odd(index), number(8)))]),
  'a head without an end': (random) =>
    Buffer.concat([
      begin,
      frame('headers', 0, 1, head()),
      times(2_000, (index) =>
        frame(
          'continuation',
          0,
          1,
          random.below(3) === 0 ? Buffer.alloc(0) : line(`x-${index}`, 'a'.repeat(500)),
        ),
      ),
    ]),
  'a head in pieces that another stream comes between': (random) =>
    Buffer.concat([begin, frame('headers', 0, 1, head()), wholeCall(3, random)]),
  'a head of thousands of lines': () =>
    Buffer.concat([
      begin,
      times(20, (index) =>
        frame(
          'headers',
          endHeaders,
          odd(index),
          Buffer.concat([head(), times(2_000, (at) => line(`h${at}`, ''))]),
        ),
      ),
    ]),
  'a head that names one long line again and again': () => {
    const first = Buffer.concat([head(), kept('x-long', 'a'.repeat(3_900))]);
    // The newest line of the table has the number 62.
    const again = Buffer.concat([head(), Buffer.alloc(12_000, 0x80 | 62)]);
    return Buffer.concat([
      begin,
      frame('headers', endHeaders | endStream, 1, first),
      times(50, (index) => frame('headers', endHeaders | endStream, odd(index + 1), again)),
    ]);
  },
  'tables of lines that grow and shrink': (random) =>
    Buffer.concat([
      begin,
      times(500, (index) => {
        const size = [Buffer.from([0x20]), Buffer.from([0x3f, 0xe1, 0x1f])];
        const lines = [...size, head(), kept(`x-${index}`, 'a'.repeat(random.below(3_000)))];
        return frame('headers', endHeaders | endStream, odd(index), Buffer.concat(lines));
      }),
    ]),
  'settings without end': (random) =>
    Buffer.concat([preface, times(20_000, () => settings([1 + random.below(6), random.below(2 ** 31)]))]),
  'a frame of thousands of settings': () =>
    Buffer.concat([
      preface,
      settings(...Array.from({ length: 2_700 }, (_, at) => [at & 0xffff, at] as const)),
    ]),
  'settings that are refused': (random) =>
    Buffer.concat([
      preface,
      settings(
        [
          [2, 7],
          [4, 2 ** 31],
          [5, 1],
          [5, 2 ** 31],
        ][random.below(4)] as [number, number],
      ),
      wholeCall(1, random),
    ]),
  'pings without end': () =>
    Buffer.concat([begin, times(20_000, () => frame('ping', 0, 0, Buffer.alloc(8)))]),
  'priorities without end': (random) =>
    Buffer.concat([
      begin,
      times(10_000, (index) =>
        frame('priority', 0, odd(index), Buffer.concat([number(random.below(2 ** 31)), Buffer.alloc(1)])),
      ),
    ]),
  'pieces of nothing': () =>
    Buffer.concat([begin, frame('headers', endHeaders, 1, head()), times(20_000, () => frame('data', 0, 1))]),
  'a message byte by byte, in padding': () =>
    Buffer.concat([
      begin,
      frame('headers', endHeaders, 1, head()),
      frame('data', 0, 1, prefix(500)),
      times(200, () => frame('data', 8, 1, Buffer.concat([Buffer.from([250, 0]), Buffer.alloc(250)]))),
    ]),
  'more padding than there is': () =>
    Buffer.concat([
      begin,
      frame('headers', endHeaders, 1, head()),
      frame('data', 8, 1, Buffer.from([255, 0])),
    ]),
  'windows that are too large, or grow by nothing': (random) =>
    Buffer.concat([
      begin,
      frame('headers', endHeaders, 1, head()),
      frame('windowUpdate', 0, random.below(2), number([0, 0x7fff_ffff][random.below(2)]!)),
      frame('windowUpdate', 0, random.below(2), number(0x7fff_ffff)),
    ]),
  'thousands of calls whose answers nobody takes': (random) =>
    Buffer.concat([preface, settings([4, 0]), times(1_500, (index) => wholeCall(odd(index), random))]),
  'thousands of calls that end nowhere': () =>
    Buffer.concat([
      begin,
      times(1_500, (index) =>
        Buffer.concat([
          frame('headers', endHeaders, odd(index), head()),
          frame('data', 0, odd(index), prefix(60_000)),
        ]),
      ),
    ]),
  'talks of half a question': () =>
    Buffer.concat([
      begin,
      times(900, (index) =>
        Buffer.concat([
          frame('headers', endHeaders, odd(index), head(reflection)),
          frame('data', 0, odd(index), Buffer.concat([prefix(60_000), Buffer.alloc(50)])),
        ]),
      ),
    ]),
  'talks that ask and take no answers': () => {
    const question = Buffer.from([0x22, 0x1b, ...Buffer.from('inference.ModelInferRequest')]);
    const asked = Buffer.concat([prefix(question.length), question]);
    return Buffer.concat([
      preface,
      settings([4, 0]),
      times(20, (index) =>
        Buffer.concat([
          frame('headers', endHeaders, odd(index), head(reflection)),
          frame(
            'data',
            0,
            odd(index),
            times(80, () => asked),
          ),
        ]),
      ),
    ]);
  },
  'what only servers send': (random) =>
    Buffer.concat([
      begin,
      frame('headers', endHeaders, 1, head()),
      frame('pushPromise', endHeaders, 1, Buffer.concat([number(2), head()])),
      wholeCall(3, random),
    ]),
  'a goodbye, and calls behind it': (random) =>
    Buffer.concat([
      begin,
      frame(
        'goAway',
        0,
        0,
        Buffer.concat([number(0), number(random.below(14)), Buffer.alloc(random.below(1_000))]),
      ),
      times(50, (index) => wholeCall(odd(index), random)),
    ]),
  'a second head, and a third': (random) =>
    Buffer.concat([
      begin,
      frame('headers', endHeaders, 1, head()),
      frame('headers', endHeaders, 1, head()),
      frame('headers', endHeaders | endStream, 1, line('x-late', 'a')),
      frame('data', 0, 1, prefix(random.below(100))),
    ]),
  'methods and types that are not of gRPC': (random) =>
    Buffer.concat([
      begin,
      times(300, (index) => {
        // GET or POST, http, `/`.
        const lines = Buffer.concat([
          Buffer.from([0x82 + random.below(2), 0x86, 0x84]),
          line(':authority', 'x'),
          ...(random.below(2) === 0 ? [line('content-type', 'text/html')] : []),
        ]);
        const id = odd(index);
        const more =
          random.below(2) === 0 ? frame('reset', 0, id, number(8)) : frame('data', 0, id, prefix(9));
        return Buffer.concat([frame('headers', endHeaders, id, lines), more]);
      }),
    ]),
  'another protocol': (random) =>
    [Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'), Buffer.alloc(10_000, 0x16), preface.subarray(0, 10)][
      random.below(3)
    ]!,
  'frames with some of their bytes changed': (random) => {
    const calls = times(20, (index) => wholeCall(odd(index), random));
    for (let changes = 1 + random.below(8); changes > 0; changes--)
      calls[random.below(calls.length)] = random.below(256);
    return Buffer.concat([
      begin,
      calls.subarray(0, random.below(4) === 0 ? random.below(calls.length) : undefined),
    ]);
  },
  'frames of types, flags and lengths by chance': (random) =>
    Buffer.concat([
      begin,
      times(200, () => {
        const payload = Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)));
        return frame(random.below(14), random.below(256), random.below(12), payload);
      }),
    ]),
};
