import { describe, expect, it } from 'vitest';
import { isLine, methodNotAllowed, readFields } from '../../../libraries/json-requests/index.ts';

const refuse = (where: string, problem: string) => new Error(`${where}: ${problem}`);
const read = (body: string) =>
  readFields(new Request('http://localhost/', { method: 'POST', body }), ['by', 'reason'], {
    refuse,
    longest: 40,
  });

describe('the fields of a request', () => {
  it('are those of its JSON object, none where it is empty', async () => {
    expect(await read('{"by":"Ada","reason":null}')).toEqual({ by: 'Ada', reason: null });
    expect(await read(' \n')).toEqual({});
  });

  it.each([
    ['{', 'body: the body is not JSON'],
    ['[]', 'body: the body is not a JSON object'],
    ['null', 'body: the body is not a JSON object'],
    ['{"bye":"Ada"}', 'body bye: there is no field "bye" here: by, reason are'],
    ['{"__proto__":1}', 'body __proto__: there is no field "__proto__" here: by, reason are'],
    [`{"by":"${'a'.repeat(40)}"}`, 'body: the body is larger than 40 bytes'],
  ])('are refused in %s', async (body, said) => {
    await expect(read(body)).rejects.toThrow(said);
  });
});

it('a line says something, in one line', () => {
  const texts = ['Ada', 'a'.repeat(9), '', '  ', 'a\nb', 'a\u0000', 'a'.repeat(10), 1, null, undefined];
  expect(texts.map((text) => isLine(text, 9))).toEqual([true, true, ...Array(8).fill(false)]);
});

it('a method that is not allowed says which are', () => {
  expect(methodNotAllowed('PUT', 'GET or POST')).toMatchObject({
    ...{ code: 'MethodNotAllowed', status: 405, where: 'method' },
    message: 'PUT is not allowed here',
    hint: 'Use GET or POST.',
  });
});
