import { expect, it } from 'vitest';
import {
  type HeaderLine,
  readPlainHead,
} from '../../../../../../plugins/serving/dataplane/http/plain/plain-head.ts';
import { refused, taken } from './corpus.ts';

const headOf = (text: string): string => text.split('\r\n\r\n', 1)[0]!;
const heads = Object.values({ ...taken, ...refused }).map(headOf);

it('reads what a head says, with names in lower case and values without space around them', () => {
  expect(
    readPlainHead('POST /v2/models/m/infer?a=b HTTP/1.1\r\nHost: x\r\nX-A: \t a: b \r\nContent-Length: 010'),
  ).toEqual({
    method: 'POST',
    url: '/v2/models/m/infer?a=b',
    headers: { host: 'x', 'x-a': 'a: b', 'content-length': '010' },
    bodyLength: 10,
  });
});

it('reads of a head what it says, whichever head came before on the connection', () => {
  expect(heads.filter((head) => readPlainHead(head) !== undefined).length).toBeGreaterThan(10);
  for (const before of heads) {
    const lines: HeaderLine[] = [];
    readPlainHead(before, lines);
    for (const head of heads) expect(readPlainHead(head, lines)).toEqual(readPlainHead(head));
  }
});

it('keeps few lines for the next head, and none of a long one', () => {
  const headOfMany = (value: string): string => {
    const headers = Array.from({ length: 90 }, (_, index) => `x-${index}: ${value}`);
    return ['GET / HTTP/1.1', 'host: x', ...headers].join('\r\n');
  };
  const lines: HeaderLine[] = [];
  expect(readPlainHead(headOfMany('a'.repeat(60)), lines)).toBeDefined();
  expect(lines).toEqual([]);
  expect(readPlainHead(headOfMany('a'), lines)).toBeDefined();
  expect(lines).toHaveLength(24);
});

it('leaves every request of the corpus that is refused to node:http, save for how its body goes on', () => {
  const hasHead = ([, text]: readonly [string, string]): boolean => text.includes('\r\n\r\n');
  const read = Object.entries(refused)
    .filter((entry) => hasHead(entry) && readPlainHead(headOf(entry[1])) !== undefined)
    .map(([name]) => name);
  expect(read).toEqual([
    'a body that never ends',
    'a body of which nothing comes',
    'a large body that never ends',
  ]);
});
