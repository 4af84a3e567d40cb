import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonValue, pointerTo } from '../../../core/manifest/json.ts';
import { parseManifests, yamlVersion } from '../../../core/manifest/parse.ts';
import { Positions } from '../../../core/manifest/positions.ts';
import { examineFile } from './examine-file.ts';

const folder = join(import.meta.dirname, '../../fixtures/hostile');
const kib = 1024;

function parse(text: string) {
  return parseManifests(Buffer.from(text)).documents;
}

function codes(text: string): string[] {
  return parse(text).flatMap(({ problems }) => problems.map(({ code }) => code));
}

/** Milliseconds that the processor was busy: what else the machine does is not counted. */
function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

describe('a hostile manifest', () => {
  for (const name of readdirSync(folder)) {
    it(`is refused at its place: ${name}`, () => {
      const bytes = readFileSync(join(folder, name));
      const expected = /^# expect (.*)$/m.exec(bytes.toString('latin1'))?.[1];
      expect(expected).toBeDefined();
      const [first] = examineFile(bytes);
      expect(`${first?.line}:${first?.column} ${first?.code}`).toBe(expected);
      expect(Object.prototype).not.toHaveProperty('polluted');
    });
  }

  it('is refused where UTF-16 was meant to be text', () => {
    const bytes = Buffer.from('\ufeffkind: Model\n', 'utf16le');
    const [document] = parseManifests(bytes).documents;
    expect(document?.problems).toMatchObject([
      { code: 'InvalidEncoding', message: 'the file is UTF-16', line: 1, column: 1 },
    ]);
  });

  it.each([
    ['lists', '['],
    ['maps', '{a: '],
    ['lists in blocks', '- '],
    ['explicit keys', '? '],
    ['keys on one line', 'a: '],
  ])('may nest 100,000 %s without harm', (_what, opening) => {
    expect(codes(opening.repeat(100_000).slice(0, 250 * kib))).toEqual(['TooDeep']);
  });

  it('may nest by indent without harm', () => {
    const text = Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n');
    expect(codes(text)).toEqual(['TooDeep']);
  });

  it('is refused with one list more than 64 inside each other', () => {
    expect(codes(`${'['.repeat(64)}${']'.repeat(64)}`)).toEqual([]);
    expect(codes(`${'['.repeat(65)}${']'.repeat(65)}`)).toEqual(['TooDeep']);
  });

  it('is not read beyond 256 KiB', () => {
    expect(codes(`a: ${'x'.repeat(256 * kib - 3)}`)).toEqual([]);
    expect(codes(`a: ${'x'.repeat(256 * kib - 2)}`)).toEqual(['FileTooLarge']);
  });

  it('is refused with more than 1,000 documents', () => {
    const documents = parse('a: 1\n---\n'.repeat(2_000));
    expect(documents.at(-1)?.problems).toMatchObject([{ code: 'TooManyDocuments' }]);
    expect(documents.length).toBeLessThanOrEqual(1_001);
  });

  it.each([
    ['commas', `[${','.repeat(200 * kib)}]`],
    ['closing brackets', '[]]'.repeat(80 * kib)],
    ['aliases', '*a '.repeat(80 * kib)],
    ['tags', '!a '.repeat(80 * kib)],
    ['quoted keys', `[${'"a" '.repeat(60 * kib)}]`],
    ['comments', 'a #b\n'.repeat(50 * kib)],
    ['blank lines', `a: |\n${'\n'.repeat(250 * kib)}`],
  ])('cannot keep the parser busy with %s', (_what, text) => {
    const documents = parse(text);
    for (const { problems } of documents) expect(problems.length).toBeLessThanOrEqual(20);
  });

  it('never shows in a message what stands in the file', () => {
    for (const text of [
      'a: "hunter2',
      'a: [hunter2: {',
      '@hunter2',
      'hunter2\n- a',
      '%hunter2',
      'a: !hunter2 b',
      'a: *hunter2',
    ]) {
      expect(JSON.stringify(parse(text).map(({ problems }) => problems))).not.toContain('hunter2');
    }
  });

  it('never makes the parser throw, whatever its bytes', () => {
    const piece = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '|\n',
      '? ',
      '&a ',
      '*a',
      '!t ',
      '#',
      '---\n',
      '...\n',
      '%',
      '\t',
      '\r',
      '\0',
      '\u{1f600}',
      '1e999',
      '<<: ',
      '\ufeff',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        for (const { line, column, problems } of parse(pieces.join(''))) {
          for (const place of [{ line, column }, ...problems]) {
            expect(place.line).toBeGreaterThan(0);
            expect(place.column).toBeGreaterThan(0);
          }
        }
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseManifests(bytes)));
  });
});

describe('a file of manifests', () => {
  it('holds several documents, each with its own first line', () => {
    const documents = parse('# first\na: 1\n---\n\n# second\n  b: 2\n...\n---\nc: 3\n');
    expect(documents.map(({ line, column, value }) => [line, column, value])).toEqual([
      [2, 1, { a: 1 }],
      [6, 3, { b: 2 }],
      [9, 1, { c: 3 }],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['comments', '# one\n# two\n'],
    ['markers', '---\n---\n...\n---\n'],
    ['an explicit null', '---\nnull\n---\n~\n'],
  ])('holds no document where it holds %s', (_what, text) => {
    expect(parse(text)).toEqual([]);
  });

  it('gives the documents before a broken one', () => {
    const documents = parse('a: 1\n---\nb: [\n---\nc: 3\n');
    expect(documents[0]).toMatchObject({ value: { a: 1 }, problems: [], torn: false });
    expect(documents.some(({ torn }) => torn)).toBe(true);
  });

  it('may begin with a byte order mark, which moves nothing', () => {
    const [document] = parseManifests(Buffer.from('\ufeffa: 1\nb: 2\n')).documents;
    expect(document).toMatchObject({ line: 1, column: 1, value: { a: 1, b: 2 } });
  });

  it('means the same with CRLF', () => {
    const unix = 'a: 1\nb:\n  - c: |\n      text\n';
    const [first, second] = [...parse(unix), ...parse(unix.replaceAll('\n', '\r\n'))];
    expect(second).toEqual(first);
  });

  it('reads 30,000 keys in a time that grows with them, not with their square', () => {
    const read = (count: number) => {
      const text = Array.from({ length: count }, (_, index) => `k${index}:`).join('\n');
      return processorTime(() => {
        expect(Object.keys(parse(text)[0]?.value ?? {})).toHaveLength(count);
      });
    };
    read(3_000); // the first time is slower
    expect(read(30_000) / read(3_000)).toBeLessThan(40);
  });

  it('keeps `yes`, times, versions and dates as text, as YAML 1.2 has it', () => {
    expect(parse('[yes, no, on, 12:30, 2024-01-01, 1.2.3, 0777, 1_000]')[0]?.value).toEqual([
      'yes',
      'no',
      'on',
      '12:30',
      '2024-01-01',
      '1.2.3',
      777,
      '1_000',
    ]);
  });

  it('makes minus zero zero, which JSON could not tell apart', () => {
    expect(parse('[-0]')[0]?.value).toEqual([0]);
  });

  it('keeps keys that every object inherits as keys of its own', () => {
    const value = parse('__proto__: { a: 1 }\nconstructor: b\ntoString: c\n')[0]?.value ?? null;
    expect(Object.keys(value ?? {})).toEqual(['__proto__', 'constructor', 'toString']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('has a digest that comments, order and layout do not change', () => {
    const [a, b, c] = [
      parse('a: 1\nb: { c: x, d: y }\n'),
      parse('# why\nb:\n  d: "y"\n  c: x # so\na: 1\n'),
      parse('a: 1\nb: { c: x, d: z }\n'),
    ].map(([document]) => document?.digest);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  it('is known to speak of Switchyard even where it cannot be read', () => {
    expect(parseManifests(Buffer.from('apiVersion: switchyard/v1\n', 'utf16le')).mentions).toBe(true);
    expect(parseManifests(Buffer.from('apiVersion: v1\n')).mentions).toBe(false);
  });
});

describe('positions', () => {
  it('tell keys, values on the same line, entries, and the parent of what is missing', () => {
    const [document] = parse('a: one\nb:\n  - x: 1\n    2: two\n    1: one\n  -   y\nc: { d: e }\n');
    const positions = new Positions(document?.value ?? null, document?.positions ?? '', {
      line: 1,
      column: 1,
    });
    const at = (pointer: string, of: 'key' | 'value' = 'value') => {
      const { line, column } = positions.of(pointer, of);
      return `${line}:${column}`;
    };
    expect(at('/a')).toBe('1:4');
    expect(at('/a', 'key')).toBe('1:1');
    expect(at('/b')).toBe('2:1');
    expect(at('/b/0/x')).toBe('3:8');
    expect(at('/b/0/2')).toBe('4:8');
    expect(at('/b/0/1')).toBe('5:8');
    expect(at('/b/1')).toBe('6:7');
    expect(at('/c/d')).toBe('7:9');
    expect(at('/c/missing/deeper')).toBe('7:1');
    expect(at('/missing')).toBe('1:1');
  });

  it('are exact for any document', () => {
    const key = fc.oneof(
      fc.constantFrom('a', 'b~', 'c/d', '1', '0', '__proto__'),
      fc.string({ minLength: 1, maxLength: 5 }),
    );
    const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.constantFrom<JsonValue>(null, true, 1, 'text', 'x: y'),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, value, { minKeys: 1, noNullPrototype: true }), (json) => {
        const { text, places } = writeBlocks(json);
        const [document] = parse(text);
        fc.pre(document?.problems.length === 0);
        expect(document?.value).toEqual(json);
        const start = { line: 1, column: 1 };
        const positions = new Positions(document?.value ?? null, document?.positions ?? '', start);
        for (const [pointer, place] of places) {
          expect([pointer, positions.of(pointer, 'key'), positions.of(pointer)]).toEqual([pointer, ...place]);
        }
      }),
      { numRuns: 200 },
    );
  });
});

interface At {
  readonly line: number;
  readonly column: number;
}

/** Writes JSON as block YAML and notes where each key and each value went. */
function writeBlocks(json: JsonValue): { text: string; places: Map<string, [key: At, value: At]> } {
  const lines: string[] = [];
  const places = new Map<string, [At, At]>();
  const write = (value: JsonValue, pointer: string, indent: number): void => {
    const keys = Array.isArray(value) ? value.keys() : Object.keys(value as object);
    for (const key of keys) {
      const child = (value as { readonly [key: string | number]: JsonValue })[key] as JsonValue;
      const at = pointerTo(pointer, key);
      const start = Array.isArray(value) ? '-' : `${JSON.stringify(key)}:`;
      const line = lines.length + 1;
      const isNested = typeof child === 'object' && child !== null && Object.keys(child).length > 0;
      const column = indent + start.length + 2;
      lines.push(`${' '.repeat(indent)}${start}${isNested ? '' : ` ${JSON.stringify(child)}`}`);
      const own = { line, column: indent + 1 };
      const ofValue = { line, column };
      // The place of an entry of a list is that of its value.
      if (!Array.isArray(value)) places.set(at, [own, isNested ? own : ofValue]);
      else if (!isNested) places.set(at, [ofValue, ofValue]);
      if (isNested) write(child, at, indent + 2);
    }
  };
  write(json, '', 0);
  return { text: `${lines.join('\n')}\n`, places };
}

describe('the version of the parser', () => {
  it('speaks of the yaml package that is installed', () => {
    const installed = createRequire(import.meta.url)('yaml/package.json') as { version: string };
    expect(yamlVersion).toBe(installed.version);
  });
});
