import { describe, expect, it } from 'vitest';
import { type Edit, editYaml } from '../../../libraries/yaml-edit/index.ts';

/** What an edit makes of a text: `[title, before, edits, after]`. */
type Case = readonly [title: string, before: string, edits: Edit | readonly Edit[], after: string];

const set = (pointer: string, value: unknown): Edit => ({ op: 'set', pointer, value });
const remove = (pointer: string): Edit => ({ op: 'remove', pointer });
const append = (pointer: string, value: unknown): Edit => ({ op: 'append', pointer, value });

function check(cases: readonly Case[]): void {
  for (const [title, before, edits, after] of cases) {
    it(title, () => {
      expect(editYaml(before, [edits].flat())).toBe(after);
    });
  }
}

describe('setting a value to another plain value', () => {
  check([
    [
      'keeps the comment beside it',
      'version: 1.0.0 # live\n',
      set('/version', '1.1.0'),
      'version: 1.1.0 # live\n',
    ],
    ['keeps double quotes', 'a: "x" # c\n', set('/a', 'v'), 'a: "v" # c\n'],
    ['keeps single quotes and doubles the one inside', "a: 'x'\n", set('/a', "it's"), "a: 'it''s'\n"],
    ['leaves single quotes where they cannot say it', "a: 'x'\n", set('/a', '\u0007'), 'a: "\\u0007"\n'],
    ['takes quotes off a number', 'a: "1"\n', set('/a', 2), 'a: 2\n'],
    ['replaces a hexadecimal number', 'a: 0x1F\n', set('/a', 32), 'a: 32\n'],
    ['writes null as a word', 'a: x\n', set('/a', null), 'a: null\n'],
    ['fills an empty value', 'a: # c\nb: 1\n', set('/a', 'x'), 'a: x # c\nb: 1\n'],
    ['fills an empty value with spaces behind it', 'a:  \nb: 1\n', set('/a', 'x'), 'a: x\nb: 1\n'],
    ['fills an empty value at the end of the text', 'a:', set('/a', 'x'), 'a: x'],
    ['fills an empty item', '-\n- # c\n', [set('/0', 'x'), set('/1', 'z')], '- x\n- z # c\n'],
    [
      'keeps a value on the line below its key',
      'a:\n  # c\n  x # d\n',
      set('/a', 'v'),
      'a:\n  # c\n  v # d\n',
    ],
    ['keeps the spaces that align values', 'a:    1\nbcd:  2\n', set('/a', 3), 'a:    3\nbcd:  2\n'],
    ['keeps tabs between key, value and comment', 'a:\t1\t# c\n', set('/a', 2), 'a:\t2\t# c\n'],
    [
      'makes one line of a plain value on several',
      'a: one\n  two # c\nb: 1\n',
      set('/a', 'three'),
      'a: three # c\nb: 1\n',
    ],
    [
      'makes one line of a quoted value on several',
      'a: "one\n  two" # c\n',
      set('/a', 'three'),
      'a: "three" # c\n',
    ],
    ['replaces a quoted value with escapes', 'a: "\\u0041\\x20"\n', set('/a', 'B '), 'a: "B "\n'],
    ['replaces the value of an explicit key', '? a\n: b # c\n', set('/a', 'd'), '? a\n: d # c\n'],
    ['replaces a value that is a whole document', '# c\nx # d\n', set('', 'v'), '# c\nv # d\n'],
    [
      'leaves a value that is the same in another writing',
      'a: 0x10\nb: "x"\nc: ~\n',
      [set('/a', 16), set('/b', 'x'), set('/c', null)],
      'a: 0x10\nb: "x"\nc: ~\n',
    ],
    [
      'reads escaped segments',
      'a/b: 1\nc~d: 2\n"": 3\n',
      [set('/a~1b', 4), set('/c~0d', 5), set('/', 6)],
      'a/b: 4\nc~d: 5\n"": 6\n',
    ],
    [
      'knows a key that is a number',
      '1: x\ntrue: v\n',
      [set('/1', 'z'), set('/true', 'w')],
      '1: z\ntrue: w\n',
    ],
    ['sets the pair of a list without braces', 'a: [b: 1, c]\n', set('/a/0/b', 2), 'a: [b: 2, c]\n'],
    ['fills a key without a colon in braces', 'a: {b, c: 1}\n', set('/a/b', 2), 'a: {b: 2, c: 1}\n'],
    [
      'fills an empty value in braces',
      'a: {b: , c: }\n',
      [set('/a/b', 2), set('/a/c', 3)],
      'a: {b: 2, c: 3 }\n',
    ],
  ]);
});

describe('text that would be read as something else without quotes', () => {
  const dangerous = [
    '1.10',
    '1',
    '-7',
    '0x1F',
    '0o17',
    '017',
    '1_000',
    '1e3',
    '.5',
    '.inf',
    '.nan',
    '12:30:45',
    'null',
    'Null',
    '~',
    '',
    'true',
    'True',
    'yes',
    'no',
    'NO',
    'on',
    'off',
    'y',
    'n',
    '2026-11-22',
    '2026-11-22T10:00:00Z',
    ' leading',
    'trailing ',
    'a: b',
    'key:',
    'a #b',
    '#a',
    '- a',
    '-',
    '? a',
    ': a',
    '*a',
    '&a b',
    '!a',
    '%a',
    '@a',
    '`a',
    '|',
    '>',
    '|-',
    '{a}',
    '[a]',
    '"a"',
    "'a'",
    '---',
    '...',
    '=',
    '<<',
    '\ta',
    '\u2028',
    '\ufeff',
    '\u0085',
  ];
  it.each(dangerous)('quotes %j', (text) => {
    const after = editYaml('a: plain # c\nb: 1\n', [set('/a', text)]);
    expect(after).toMatch(/^a: ".*" # c\nb: 1\n$/);
    expect(editYaml(after, [set('/a', text)])).toBe(after);
  });

  const harmless = [
    '1.1.0',
    '1.10.0',
    'sha256:00ff',
    '10m',
    'a-b',
    'a b',
    'a,b',
    "it's",
    'a#b',
    'a:b',
    'http://x/y?z',
    'nope',
    '-a',
    'ünï',
    'x{y}',
    '1.0.0-rc.1',
    'models/a.onnx',
    'team@example.com',
    'a"b',
    '50%',
    '$x',
    '(a)',
    '\u{1f426}',
  ];
  it.each(harmless)('leaves %j without quotes', (text) => {
    expect(editYaml('a: plain # c\n', [set('/a', text)])).toBe(`a: ${text} # c\n`);
  });

  it('quotes commas and brackets only where they mean something', () => {
    const edits = [set('/a', 'x, y'), set('/b/0', 'x, y'), set('/b/1', 'x{y}')];
    expect(editYaml('a: p\nb: [q, r]\n', edits)).toBe('a: x, y\nb: ["x, y", "x{y}"]\n');
  });

  it('takes the quotes that the document prefers', () => {
    expect(editYaml("a: 'x y'\nb: 'z'\nc: plain\n", [set('/c', 'no')])).toBe("a: 'x y'\nb: 'z'\nc: 'no'\n");
  });

  it('writes numbers so that every YAML reads a number', () => {
    const edits = [1e21, -1.5e-7, 1e-7, 0.1, -0, 2 ** 53].map((value, index) => set(`/${index}`, value));
    const text = editYaml('- 1\n- 1\n- 1\n- 1\n- 1\n- 1\n', edits);
    expect(text).toBe('- 1.0e+21\n- -1.5e-7\n- 1.0e-7\n- 0.1\n- 0\n- 9007199254740992\n');
  });
});

describe('text of several lines', () => {
  check([
    [
      'keeps a literal block and its other lines',
      'a: | # c\n    one\n    two\n\nb: 1\n',
      set('/a', 'one\nthree\n'),
      'a: | # c\n    one\n    three\n\nb: 1\n',
    ],
    [
      'changes what a literal block says of its end',
      'a: |\n  one\nb: 1\n',
      set('/a', 'one\ntwo'),
      'a: |-\n  one\n  two\nb: 1\n',
    ],
    [
      'keeps blank lines that a block counts',
      'a: |+\n  one\n\nb: 1\n',
      set('/a', 'two\n\n'),
      'a: |+\n  two\n\nb: 1\n',
    ],
    [
      'keeps the indentation that a block declares',
      'a: |2\n   one\nb: 1\n',
      set('/a', ' two\n'),
      'a: |2\n   two\nb: 1\n',
    ],
    [
      'keeps a folded block and the lines before the change',
      'a: >-\n  The first line of a long text goes here,\n  the second one goes on.\nb: 1\n',
      set('/a', 'The first line of a long text goes here, the second one ends.'),
      'a: >-\n  The first line of a long text goes here,\n  the second one ends.\nb: 1\n',
    ],
    [
      'keeps the other paragraphs of a folded block',
      'a: >\n  one\n  two\n\n  three\n  four\n',
      set('/a', 'one two\nfive\n'),
      'a: >\n  one two\n\n  five\n'.replace('one two', 'one\n  two'),
    ],
    ['keeps a block for text of one line', 'a: |-\n  one\n  two\n', set('/a', 'one'), 'a: |-\n  one\n'],
    ['leaves a block for a number', 'a: | # c\n  one\n\nb: 1\n', set('/a', 5), 'a: 5 # c\n\nb: 1\n'],
    ['leaves a block for a map', 'a: | # c\n  one\nb: 1\n', set('/a', { x: 1 }), 'a: # c\n  x: 1\nb: 1\n'],
    [
      'leaves a block for text that it cannot say',
      'a: |\n  one\nb: 1\n',
      set('/a', '\u0007\n'),
      'a: "\\u0007\\n"\nb: 1\n',
    ],
    [
      'begins a block where text gets lines',
      'a: x # c\nb: 1\n',
      set('/a', 'one\n\n  two\n'),
      'a: | # c\n  one\n\n    two\nb: 1\n',
    ],
    [
      'begins a block in a list',
      'l:\n  - x\n  - v\n',
      set('/l/0', 'one\ntwo'),
      'l:\n  - |-\n    one\n    two\n  - v\n',
    ],
    ['escapes line ends inside braces', 'a: { b: x }\n', set('/a/b', 'one\ntwo'), 'a: { b: "one\\ntwo" }\n'],
    ['escapes line ends inside quotes', 'a: "x"\n', set('/a', ' one\ntwo'), 'a: " one\\ntwo"\n'],
    [
      'writes a block with the line endings of the text',
      'a: |\r\n  one\r\nb: 1\r\n',
      set('/a', 'two\nthree\n'),
      'a: |\r\n  two\r\n  three\r\nb: 1\r\n',
    ],
    ['keeps a block without a last line end', 'b: 1\na: |-\n  one', set('/a', 'two'), 'b: 1\na: |-\n  two'],
    ['adds a key below a block', 'a: |\n  one\n', set('/b', 1), 'a: |\n  one\nb: 1\n'],
    [
      'adds a key below a block that keeps its blank lines',
      'a: |+\n  one\n\n',
      set('/b', 1),
      'a: |+\n  one\n\nb: 1\n',
    ],
    ['removes a block', 'a: |\n  one\n  # text\n\nb: 1\n', remove('/a'), 'b: 1\n'],
  ]);
});

describe('setting a map or a list', () => {
  check([
    [
      'changes only the keys that differ',
      'a:\n  # about x\n  x: 1 # one\n  v: 2\n',
      set('/a', { v: 2, x: 3 }),
      'a:\n  # about x\n  x: 3 # one\n  v: 2\n',
    ],
    [
      'adds and removes keys',
      'a:\n  x: 1 # one\n  v: 2\n',
      set('/a', { x: 1, z: 4 }),
      'a:\n  x: 1 # one\n  z: 4\n',
    ],
    [
      'changes the whole document',
      '# top\na: 1 # one\nb: 2\n',
      set('', { a: 1, c: 3 }),
      '# top\na: 1 # one\nc: 3\n',
    ],
    [
      'changes only the items that differ',
      'l:\n  - a # 1\n  - b # 2\n  - c # 3\n',
      set('/l', ['a', 'x', 'c']),
      'l:\n  - a # 1\n  - x # 2\n  - c # 3\n',
    ],
    [
      'takes items out of the middle',
      'l:\n  - a # 1\n  - b # 2\n  - c # 3\n',
      set('/l', ['a', 'c']),
      'l:\n  - a # 1\n  - c # 3\n',
    ],
    ['puts items into the middle', 'l: [a, c]\n', set('/l', ['a', 'b', 'c']), 'l: [a, b, c]\n'],
    [
      'puts a map in the place of a value',
      'a: 1 # c\nb: 2\n',
      set('/a', { x: 1, v: [] }),
      'a: # c\n  x: 1\n  v: []\nb: 2\n',
    ],
    [
      'puts a value in the place of a map',
      'a: # c\n  x: 1 # d\n  # e\nb: 2\n',
      set('/a', 5),
      'a: 5 # c\n  # e\nb: 2\n',
    ],
    [
      'puts a list in the place of a map',
      'a: # c\n  x: 1\nb: 2\n',
      set('/a', [1, { v: 2, z: 3 }]),
      'a: # c\n  - 1\n  - v: 2\n    z: 3\nb: 2\n',
    ],
    [
      'puts a map in the place of a list item',
      '- a # c\n- b\n',
      [set('/0', { x: 1, v: 2 }), set('/1', { x: 3 })],
      '- # c\n  x: 1\n  v: 2\n- x: 3\n',
    ],
    [
      'puts a value in the place of a map beside a dash',
      '- x: 1 # c\n  v: 2\n- b\n',
      set('/0', 5),
      '- 5\n- b\n',
    ],
    ['puts an empty map in the place of a map', 'a:\n  x: 1\nb: 2\n', set('/a', {}), 'a: {}\nb: 2\n'],
    ['puts an empty list in the place of a value', 'a: x # c\n', set('/a', []), 'a: [] # c\n'],
    [
      'puts a map in the place of a value below its key',
      'a:\n  x # c\nb: 1\n',
      set('/a', { v: 1 }),
      'a:\n  # c\n  v: 1\nb: 1\n',
    ],
    ['stays in braces', 'a: { b: 1 }\n', set('/a/b', { c: [1, 'x'] }), 'a: { b: { c: [1, x] } }\n'],
    [
      'looks like the maps beside it',
      'l:\n  - { name: a, shape: [1, 2] }\n',
      append('/l', { name: 'b', shape: [3] }),
      'l:\n  - { name: a, shape: [1, 2] }\n  - { name: b, shape: [3] }\n',
    ],
    [
      'looks like the lists inside the maps beside it',
      'l:\n  - name: a\n    shape: [1, 2]\n',
      append('/l', { name: 'b', shape: [3] }),
      'l:\n  - name: a\n    shape: [1, 2]\n  - name: b\n    shape: [3]\n',
    ],
    [
      'quotes like the text beside it',
      'l: ["Large"]\nm: { a: x }\n',
      append('/l', 'Small'),
      'l: ["Large", "Small"]\nm: { a: x }\n',
    ],
    [
      'indents like the document',
      'a:\n    b:\n    -   c: 1\n        d: 2\n',
      [append('/a/b', { c: 3, d: 4 }), set('/a/e', { f: 5 })],
      'a:\n    b:\n    -   c: 1\n        d: 2\n    -   c: 3\n        d: 4\n    e:\n        f: 5\n',
    ],
  ]);
});

describe('making what is missing', () => {
  check([
    [
      'adds a key at the end of its map',
      'a:\n  x: 1 # c\n# above b\nb: 2\n',
      set('/a/v', 2),
      'a:\n  x: 1 # c\n  v: 2\n# above b\nb: 2\n',
    ],
    [
      'adds a key above comments that end the map',
      'a:\n  x: 1\n  # v: 2\nb: 2\n',
      set('/a/z', 3),
      'a:\n  x: 1\n  z: 3\n  # v: 2\nb: 2\n',
    ],
    ['makes the maps on the way', 'a: 1\n', set('/b/c/d', 'x'), 'a: 1\nb:\n  c:\n    d: x\n'],
    ['makes maps in braces where it is in braces', 'a: {x: 1}\n', set('/a/b/c', 2), 'a: {x: 1, b: {c: 2}}\n'],
    ['makes a map of an empty value', 'a: # c\nb: 1\n', set('/a/x', 2), 'a: # c\n  x: 2\nb: 1\n'],
    ['makes a map of empty braces', 'a: {} # c\nb: 1\n', set('/a/x', 2), 'a: # c\n  x: 2\nb: 1\n'],
    ['keeps empty braces in braces', 'a: { b: {} }\n', set('/a/b/x', 2), 'a: { b: { x: 2 } }\n'],
    [
      'makes a map on one line where that is asked for',
      'a:\n  - x: 1\n    y: 2 # c\n    z:\n      v: 1\n',
      { op: 'insert', pointer: '/a/0/w', value: { b: 'c', d: [1] }, after: 'y', inBraces: true },
      'a:\n  - x: 1\n    y: 2 # c\n    w: { b: c, d: [1] }\n    z:\n      v: 1\n',
    ],
    ['makes a list', 'a: 1\n', append('/b', 'x'), 'a: 1\nb:\n  - x\n'],
    ['makes a list of an empty value', 'a:\nb: 1\n', append('/a', 'x'), 'a:\n  - x\nb: 1\n'],
    ['makes a list of empty brackets', 'a: []\nb: [x]\n', append('/a', 'v'), 'a: [v]\nb: [x]\n'],
    ['begins an empty text', '', set('/a/b', 1), 'a:\n  b: 1\n'],
    ['begins a text of comments', '# c\n', set('/a', 1), '# c\na: 1\n'],
    ['begins a text of comments without a last line end', '# c', set('/a', 1), '# c\na: 1'],
    ['begins a document between markers', '---\n# c\n...\n', set('/a', [1]), '---\n# c\na:\n  - 1\n...\n'],
    ['begins after a byte order mark', '\uFEFF', set('/a', 1), '\uFEFFa: 1\n'],
    ['adds to a text without a last line end', 'a: 1', set('/b', 2), 'a: 1\nb: 2'],
    [
      'adds with the line endings of the text',
      'a: 1\r\nb:\r\n  c: 1\r\n',
      [set('/b/d', 2), set('/e', 3)],
      'a: 1\r\nb:\r\n  c: 1\r\n  d: 2\r\ne: 3\r\n',
    ],
    [
      'keeps blank lines between the members of a map',
      'a: 1\n\nb: 2\n',
      set('/c', 3),
      'a: 1\n\nb: 2\n\nc: 3\n',
    ],
    [
      'quotes keys like those beside them',
      '{"a":1,"b":{"c":"d"}}',
      [set('/b/e', 'f'), set('/g', [true])],
      '{"a":1,"b":{"c":"d","e":"f"},"g":[true]}',
    ],
    [
      'quotes a key that must be',
      'a: 1\n',
      [set('/no', 1), set('/x: v', 2), set('/#', 3)],
      'a: 1\n"no": 1\n"x: v": 2\n"#": 3\n',
    ],
    [
      'does not trip over __proto__',
      'a: 1\n',
      set('/__proto__', JSON.parse('{"__proto__": 1}')),
      'a: 1\n__proto__:\n  __proto__: 1\n',
    ],
  ]);
});

describe('inserting', () => {
  const insert = (
    pointer: string,
    value: unknown,
    where: { before?: string; after?: string } = {},
  ): Edit => ({ op: 'insert', pointer, value, ...where });
  check([
    [
      'puts a key above another and its comments',
      'a: 1\n# about b\nb: 2\n',
      insert('/c', 3, { before: 'b' }),
      'a: 1\nc: 3\n# about b\nb: 2\n',
    ],
    [
      'puts a key below another and what hangs on it',
      'a:\n  x: 1 # c\n  # v: 2\nb: 2\n',
      insert('/c', 3, { after: 'a' }),
      'a:\n  x: 1 # c\n  # v: 2\nc: 3\nb: 2\n',
    ],
    [
      'puts a key first, under the comment that opens the document',
      '# top\na: 1\n',
      insert('/b', 2, { before: 'a' }),
      '# top\nb: 2\na: 1\n',
    ],
    [
      'puts a key first beside a dash',
      '- a: 1 # c\n  b: 2\n',
      insert('/0/c', { d: 3 }, { before: 'a' }),
      '- c:\n    d: 3\n  a: 1 # c\n  b: 2\n',
    ],
    [
      'puts a key into braces',
      'a: { b: 1, c: 2 }\n',
      [insert('/a/x', 0, { before: 'b' }), insert('/a/v', 1, { after: 'b' })],
      'a: { x: 0, b: 1, v: 1, c: 2 }\n',
    ],
    [
      'puts an item at an index',
      'l:\n  - a # 1\n  # about b\n  - b\n',
      insert('/l/1', 'x'),
      'l:\n  - a # 1\n  - x\n  # about b\n  - b\n',
    ],
    [
      'puts an item first',
      'l:\n  # about a\n  - a\n',
      insert('/l/0', 'x'),
      'l:\n  - x\n  # about a\n  - a\n',
    ],
    ['puts an item last', 'l: [a]\n', insert('/l/-', 'x'), 'l: [a, x]\n'],
    [
      'puts an item into a list inside a list',
      '- - a\n  - b\n',
      [insert('/0/0', 'x'), insert('/0/3', 'v')],
      '- - x\n  - a\n  - b\n  - v\n',
    ],
    [
      'puts items into brackets on lines',
      'l: [\n  a, # 1\n  b # 2\n]\n',
      [append('/l', 'c'), insert('/l/1', 'x'), insert('/l/0', 'v')],
      'l: [\n  v,\n  a, # 1\n  x,\n  b, # 2\n  c\n]\n',
    ],
    ['keeps a comma at the end of lines', 'l: [\n  a,\n]\n', append('/l', 'b'), 'l: [\n  a,\n  b,\n]\n'],
    ['keeps a comma at the end of a line', 'l: [a, ]\n', append('/l', 'b'), 'l: [a, b, ]\n'],
    [
      'puts a list at the indentation of its key',
      'l:\n- a\nm: 1\n',
      append('/l', { x: 1, v: [2] }),
      'l:\n- a\n- x: 1\n  v:\n  - 2\nm: 1\n',
    ],
  ]);
});

describe('removing', () => {
  check([
    [
      'takes the comment beside and the comments above along',
      'a: 1\n# one\n# two\nb: 2 # three\nc: 3\n',
      remove('/b'),
      'a: 1\nc: 3\n',
    ],
    [
      'leaves a comment with a blank line under it',
      'a: 1\n# loose\n\n# about b\nb: 2\nc: 3\n',
      remove('/b'),
      'a: 1\n# loose\n\nc: 3\n',
    ],
    [
      'leaves the comment that opens the document',
      '# $schema=x\na: 1\nb: 2\n',
      remove('/a'),
      '# $schema=x\nb: 2\n',
    ],
    ['leaves the comments of the next key', 'a: 1\n# about b\nb: 2\n', remove('/a'), '# about b\nb: 2\n'],
    ['takes deeper comments below along', 'a:\n  x: 1\n  # v: 2\n\n  # z: 3\nb: 2\n', remove('/a'), 'b: 2\n'],
    [
      'leaves deeper comments of the key before',
      'a:\n  x: 1\n  # v: 2\nb: 2\nc: 3\n',
      remove('/b'),
      'a:\n  x: 1\n  # v: 2\nc: 3\n',
    ],
    [
      'leaves empty braces for the last key',
      'a: # c\n  x: 1 # d\nb: 2\n',
      remove('/a/x'),
      'a: {} # c\nb: 2\n',
    ],
    ['leaves empty brackets for the last item', 'a:\n- x\nb: 2\n', remove('/a/0'), 'a: []\nb: 2\n'],
    [
      'leaves empty braces for the last key beside a dash',
      '- a: 1 # c\n- b\n',
      remove('/0/a'),
      '- {}\n- b\n',
    ],
    ['leaves empty braces for the last key of a document', '# top\na: 1 # c\n', remove('/a'), '# top\n{}\n'],
    ['leaves empty brackets inside a list', '- - a\n- b\n', remove('/0/0'), '- []\n- b\n'],
    ['leaves no doubled blank lines', 'a: 1\n\nb: 2\n\nc: 3\n', remove('/b'), 'a: 1\n\nc: 3\n'],
    ['leaves no blank line at the end', 'a: 1\n\nb: 2\n', remove('/b'), 'a: 1\n'],
    [
      'leaves a blank line between parents',
      'a:\n  x: 1\n\n  v: 2\n\nb: 2\n',
      remove('/a/v'),
      'a:\n  x: 1\n\nb: 2\n',
    ],
    ['leaves no blank line at the start', 'a: 1\n\nb: 2\n', remove('/a'), 'b: 2\n'],
    ['moves the next key up beside the dash', '- a: 1 # c\n  b: 2\n', remove('/0/a'), '- b: 2\n'],
    ['keeps a missing last line end missing', 'a: 1\nb: 2', remove('/b'), 'a: 1'],
    ['keeps other line endings', 'a: 1\r\nb: 2\r\nc: 3\r\n', remove('/b'), 'a: 1\r\nc: 3\r\n'],
    ['takes a key out of braces', 'a: { x: 1, v: 2, z: 3 }\n', remove('/a/v'), 'a: { x: 1, z: 3 }\n'],
    ['takes the first key out of braces', 'a: {x: 1, v: 2}\n', remove('/a/x'), 'a: {v: 2}\n'],
    ['takes the last key out of braces', 'a: { x: 1, v: 2 }\n', remove('/a/v'), 'a: { x: 1 }\n'],
    ['takes the only key out of braces', 'a: { x: 1 } # c\n', remove('/a/x'), 'a: {} # c\n'],
    [
      'takes an item out of brackets on lines',
      'l: [\n  a, # 1\n  # about b\n  b, # 2\n  c # 3\n]\n',
      remove('/l/1'),
      'l: [\n  a, # 1\n  c # 3\n]\n',
    ],
    [
      'takes the last item out of brackets on lines',
      'l: [\n  a, # 1\n  b # 2\n]\n',
      remove('/l/1'),
      'l: [\n  a # 1\n]\n',
    ],
    ['keeps a comma at the end of brackets', 'l: [\n  a,\n  b,\n]\n', remove('/l/1'), 'l: [\n  a,\n]\n'],
    ['takes an explicit key away', '? a\n: b\nc: d\n', remove('/a'), 'c: d\n'],
    ['takes a value with a tag away', 'a: !secret x\nb: 1\n', remove('/a'), 'b: 1\n'],
    [
      'takes a key away that stands above a marker',
      'a: 1\nb: 2\n... # end\n',
      remove('/b'),
      'a: 1\n... # end\n',
    ],
  ]);
});

describe('around the values', () => {
  check([
    ['edits a list behind a byte order mark', '\uFEFF- a\n- b\n', set('/1', 'c'), '\uFEFF- a\n- c\n'],
    [
      'gives a pair braces when it gets a second',
      'a: [b: 1, c]\n',
      [set('/a/0/d', 2), set('/a/0/e', 3)],
      'a: [{ b: 1, d: 2, e: 3 }, c]\n',
    ],
    ['leaves empty braces for a pair without braces', 'a: [b: 1, c]\n', remove('/a/0/b'), 'a: [{}, c]\n'],
    ['keeps a byte order mark', '\uFEFFa: 1\nb: 2\n', [set('/a', 3), remove('/b')], '\uFEFFa: 3\n'],
    [
      'keeps directives and markers',
      '%YAML 1.2\n--- # begins\na: 1\n... # ends\n',
      set('/a', 2),
      '%YAML 1.2\n--- # begins\na: 2\n... # ends\n',
    ],
    ['keeps a value beside the marker', '--- x # c\n', set('', 'v'), '--- v # c\n'],
    [
      'keeps mixed line endings',
      'a: 1\r\nb: 2\nc: 3\r\n',
      [set('/b', 4), set('/a', 5)],
      'a: 5\r\nb: 4\nc: 3\r\n',
    ],
    ['keeps spaces at the ends of lines', 'a: 1  \n   \nb: 2\t\n', set('/b', 3), 'a: 1  \n   \nb: 3\t\n'],
    ['keeps a tag of a type that fits', 'a: !!str 1 # c\n', set('/a', '2'), 'a: !!str 2 # c\n'],
    ['drops a tag of a type that does not fit', 'a: !!str 1 # c\n', set('/a', 2), 'a: 2 # c\n'],
    ['edits inside a value with a tag', 'a: !config\n  x: 1\n', set('/a/x', 2), 'a: !config\n  x: 2\n'],
    [
      'edits beside anchors and aliases',
      'a: &x 1\nb: *x\nc: 3\n',
      [set('/c', 4), set('/d', 5)],
      'a: &x 1\nb: *x\nc: 4\nd: 5\n',
    ],
    [
      'keeps a comment inside empty braces',
      'a: { # c\n  }\nb: 1\n',
      set('/a/x', 1),
      'a: { # c\n  x: 1 }\nb: 1\n',
    ],
  ]);

  it('edits the document that is named and leaves the others', () => {
    const text = '# one\na: 1\n---\n# nothing here\n---\na: 2 # two\n...\n---\na: 3\n';
    expect(editYaml(text, [set('/a', 9)], { document: 0 })).toBe(text.replace('a: 1', 'a: 9'));
    expect(editYaml(text, [set('/a', 9)], { document: 1 })).toBe(text.replace('a: 2', 'a: 9'));
    expect(editYaml(text, [set('/b', [9]), remove('/a')], { document: 2 })).toBe(
      text.replace('a: 3', 'b:\n  - 9'),
    );
    expect(editYaml(text, [set('/b', 1)], { document: 1 })).toBe(text.replace('# two', '# two\nb: 1'));
  });
});
