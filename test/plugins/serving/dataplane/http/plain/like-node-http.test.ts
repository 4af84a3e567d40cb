/** What the inference port reads of any bytes is what `node:http` alone reads of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../../../libraries/statistics/index.ts';
import { readPlainHead } from '../../../../../../plugins/serving/dataplane/http/plain/plain-head.ts';
import { refused, taken } from './corpus.ts';
import {
  type Conversation,
  converse,
  type Peer,
  startInferencePort,
  startNodeAlone,
  understand,
} from './peers.ts';

let ours: Peer;
let theirs: Peer;

beforeAll(async () => {
  ours = await startInferencePort();
  theirs = await startNodeAlone();
});

afterAll(async () => {
  await ours.close();
  await theirs.close();
});

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Cut before each of the positions. */
function cut(bytes: Buffer, positions: readonly number[]): Buffer[] {
  const all = [0, ...positions, bytes.length];
  return all.slice(1).map((end, index) => bytes.subarray(all[index], end));
}

/** Chance that is the same each time. */
function dice(seed: number) {
  const random = seededRandom(seed);
  return {
    whole: (bound: number) => random.below(bound),
    choose: <Item>(items: readonly Item[]): Item => items[random.below(items.length)]!,
  };
}

/** Runs so many at a time. */
async function each<Item>(items: readonly Item[], check: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) await check(items[next++]!);
  };
  await Promise.all(Array.from({ length: 32 }, work));
}

/**
 * `node:http` reads requests that were sent at once before it has answered the first. Where a later one makes no sense, it
 * drops that answer, which the inference port gives; where the first is to be the last, it may or may not read on before it closes the connection. What both
 * answered must be the same then, and else all.
 */
function expectAlike(got: Conversation, wanted: Conversation, what: string): void {
  if (!wanted.isClosed && !got.isClosed)
    expect(got.refusals.length > 0, what).toBe(wanted.refusals.length > 0);
  const isCutOff = wanted.isClosed || wanted.refusals.length > 0;
  const common = isCutOff ? Math.min(got.read.length, wanted.read.length) : undefined;
  expect(got.read.slice(0, common), what).toEqual(wanted.read.slice(0, common));
}

describe.each(Object.entries({ ...taken, ...refused }))('%s', (name, text) => {
  it('is read like node:http reads it, whole and in pieces', async () => {
    const bytes = bytesOf(text);
    const wanted = understand(await converse(theirs.port, [bytes]));
    expect(wanted.read.length, 'is as the corpus says').toBe(name in taken ? 1 : 0);
    expect(wanted.refusals.length, 'is as the corpus says').toBe(name in taken ? 0 : 1);
    const got = understand(await converse(ours.port, [bytes]));
    expectAlike(got, wanted, 'whole');
    expect(got.refusals).toEqual(wanted.refusals);
    const body = text.indexOf('\r\n\r\n') + 4;
    expectAlike(understand(await converse(ours.port, cut(bytes, [body]))), wanted, 'cut before its body');
  });
});

const cutEverywhere = [
  'a body with a length',
  'no body',
  'chunks with a trailer',
  'Expect',
  'a body of line ends',
  'a body like a request',
  'a length and chunks',
  'two lengths that differ',
  'a space before the colon',
  'a folded value',
  'a line feed alone in a head',
];

describe.each(cutEverywhere)('%s', (name) => {
  it('means the same wherever it is cut', async () => {
    const bytes = bytesOf({ ...taken, ...refused }[name]!);
    const wanted = understand(await converse(theirs.port, [bytes]));
    const positions = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
    await each(positions, async (position) => {
      const got = understand(await converse(ours.port, cut(bytes, [position])));
      expectAlike(got, wanted, `cut at ${position}`);
    });
  });

  it('means the same byte by byte', async () => {
    const bytes = bytesOf({ ...taken, ...refused }[name]!);
    const wanted = understand(await converse(theirs.port, [bytes]));
    const got = understand(await converse(ours.port, cut(bytes, Array.from(bytes.keys()).slice(1))));
    expectAlike(got, wanted, 'byte by byte');
  });
});

/** Requests behind which the connection is closed. */
const ends = /HTTP\/1\.0|GET \/v2\r|Connection: (close|upgrade)/;

it('requests one behind the other are answered in their order, as if each had a connection of its own', async () => {
  const { whole, choose } = dice(20260101);
  const lasting = Object.entries(taken).filter(([, text]) => text.length < 1_000 && !ends.test(text));
  const alone = new Map<string, readonly unknown[]>();
  for (const [name, text] of lasting) {
    alone.set(name, understand(await converse(theirs.port, [bytesOf(text)])).read);
  }
  const rows = Array.from({ length: 150 }, () => Array.from({ length: 2 + whole(5) }, () => choose(lasting)));
  await each(rows, async (row) => {
    const bytes = bytesOf(row.map(([, text]) => text).join(''));
    const pieces = cut(
      bytes,
      [whole(bytes.length), whole(bytes.length)].sort((a, b) => a - b),
    );
    const got = understand(await converse(ours.port, pieces));
    expect(got.refusals).toEqual([]);
    expect(got.read).toEqual(row.flatMap(([name]) => alone.get(name)!));
  });
});

it('mutilated requests are read as node:http reads them', async () => {
  const { whole, choose } = dice(7);
  const seeds = Object.values({ ...taken, ...refused }).filter((text) => text.length < 600);
  const isPlain = (text: string): boolean =>
    readPlainHead(text.slice(0, text.indexOf('\r\n\r\n'))) !== undefined;
  const plainSeeds = seeds.filter(isPlain);
  const mutants = Array.from({ length: 1_000 }, () => {
    let text = choose(whole(2) === 0 ? seeds : plainSeeds) + (whole(3) === 0 ? choose(seeds) : '');
    for (let turn = 1 + whole(2); turn > 0; turn--) {
      const at = whole(text.length);
      const odd = choose([
        '\r',
        '\n',
        '\r\n',
        ' ',
        '\t',
        ':',
        '\x00',
        '\x0b',
        '\x85',
        '\xa0',
        '\xff',
        ',',
        '0',
        '1',
        '9',
        'a',
        '#',
        '',
      ]);
      const length = whole(4) === 0 ? whole(30) : whole(2);
      const cutOut = text.slice(at, at + length);
      text = text.slice(0, at) + odd + text.slice(at + length) + (whole(10) === 0 ? cutOut : '');
    }
    return text;
  });
  let plain = 0;
  let refusals = 0;
  await each(mutants, async (text) => {
    const bytes = bytesOf(text);
    const what = JSON.stringify(text);
    const wanted = understand(await converse(theirs.port, [bytes]));
    const pieces = whole(2) === 0 ? [bytes] : cut(bytes, [whole(bytes.length)]);
    expectAlike(understand(await converse(ours.port, pieces)), wanted, what);
    if (wanted.refusals.length > 0) refusals++;
    else if (isPlain(text)) plain++;
  });
  // Otherwise it tries nothing.
  expect(Math.min(plain, refusals)).toBeGreaterThan(30);
});

it('plain requests are answered to the byte as node:http answers them', async () => {
  for (const name of [
    'a body with a length',
    'no body',
    'HEAD',
    'a body of 300 KB',
    'keep-alive in capitals',
  ]) {
    const bytes = bytesOf(taken[name]!);
    expect(await converse(ours.port, [bytes]), name).toBe(await converse(theirs.port, [bytes]));
  }
});
