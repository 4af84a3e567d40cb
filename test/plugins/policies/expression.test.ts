import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression, type ExpressionProblem } from '../../../plugins/policies/expression.ts';
import { contextOf, type ExpressionValues } from '../../../plugins/policies/expression-context.ts';
import { matchesGlob } from '../../../plugins/policies/glob.ts';

const values: ExpressionValues = {
  change: {
    kind: 'Deployment',
    type: 'promote',
    name: 'bird-strike',
    environment: 'production',
    model: 'bird-strike',
    labels: { risk: 'high' },
    from: '1.0.0',
    to: '1.1.0',
    path: 'environments/production/bird-strike.yaml',
    judging: false,
  },
  proposal: {
    number: 7n,
    title: 'Promote',
    labels: ['urgent'],
    fork: false,
    files: ['environments/production/bird-strike.yaml'],
    environments: ['production'],
    models: ['bird-strike'],
    judging: false,
  },
  author: { name: 'Ada', member: 'Ada', teams: ['risk'], machine: false },
  checks: { size: { outcome: 'pass', facts: { ratio: 1.2, slices: [1, 2] } } },
  now: new Date('2026-01-16T15:00:00Z'),
};

function holds(source: string, given: Partial<ExpressionValues> = {}): boolean | string {
  const expression = compileExpression(source);
  if ('code' in expression) return `${expression.code}: ${expression.message}`;
  try {
    return expression.holds(contextOf({ ...values, ...given }));
  } catch (thrown) {
    return `throws ${(thrown as Error).message}`;
  }
}

function problem(source: string): Partial<ExpressionProblem> {
  const found = compileExpression(source);
  return 'code' in found ? found : {};
}

describe('an expression', () => {
  it.each([
    ['change.environment == "production" && change.type == "promote"', true],
    ['change.labels.risk == "high"', true],
    ['change.labels[?"team"].orValue("none") == "none"', true],
    ['has(change.labels.team)', false],
    ['checks["size"].facts.ratio < 1.5', true],
    ['checks["size"].facts.ratio < 1', false],
    ['"latency" in checks && checks["latency"].facts.p95 < 10', false],
    ['proposal.files.all(f, f.startsWith("environments/"))', true],
    ['proposal.files.exists(f, glob(f, "environments/*/*.yaml"))', true],
    ['"risk" in author.teams && !author.machine', true],
    ['now.getHours("Europe/Berlin") == 16', true],
    ['proposal.number == 7 && size(proposal.models) == 1', true],
    ['now < timestamp("2026-01-17T00:00:00Z")', true],
  ])('%s', (source, expected) => {
    expect(holds(source)).toBe(expected);
  });

  it.each([
    ['chnge.kind == "x"', 'UnknownName', 'at character 1, there is no `chnge`', 'Did you mean `change`?'],
    [
      'change.enviroment == "x"',
      'UnknownName',
      'at character 8, `change` has no `enviroment`',
      'Did you mean `change.environment`?',
    ],
    [
      'environment == "x"',
      'UnknownName',
      'at character 1, there is no `environment`',
      'Did you mean `change.environment`?',
    ],
    [
      'proposal.files.exist(f, f == "a")',
      'UnknownName',
      'at character 16, there is no function `exist`',
      'Did you mean `exists`?',
    ],
    ['change.kind ==', 'InvalidExpression', 'at its end, unexpected token: EOF', undefined],
    ['change.judging + 1', 'InvalidExpression', 'at character 1, no such overload: bool + int', undefined],
    ['change.kind == 1', 'InvalidExpression', 'at character 1, no such overload: string == int', undefined],
    ['change.kind', 'NotACondition', 'it gives a string, and must give true or false', undefined],
    [
      'change.path.matches("(a+)+$")',
      'UnknownName',
      'at character 13, regular expressions cannot be used here: some take for ever',
      undefined,
    ],
  ])('is refused with its place and what was meant: %s', (source, code, message, hint) => {
    expect(problem(source)).toMatchObject({ code, message });
    if (hint !== undefined) expect(problem(source).hint).toBe(hint);
  });

  it('says what it cannot say: a key that is not there is not false', () => {
    expect(holds('checks["latency"].facts.p95 < 10')).toBe('throws no such key: latency');
    expect(holds('change.labels.team == "x"')).toBe('throws no such key: team');
    expect(holds('checks["size"].facts.ratio')).toMatch(/^throws/);
    expect(holds('change.labels.constructor == "x" || change.labels.__proto__ == "x"')).toMatch(/^throws/);
  });

  it('cannot be made to cost much, whatever is written', () => {
    const list = `[${Array.from({ length: 90 }, (_, index) => index).join(',')}]`;
    const hostile = [
      `${list}.all(a, ${list}.all(b, ${list}.all(c, ${list}.all(d, true))))`,
      `[1].all(a, [1].all(b, [1].exists(c, true)))`,
      `proposal.files.map(a, a + a).map(a, a + a).size() > 0`,
      `cel.bind(a, change.path + change.path, a == a)`,
      `${'('.repeat(5000)}true${')'.repeat(5000)}`,
      `${'!'.repeat(5001)}true`,
      `${'true && '.repeat(2000)}true`,
      `[${'1,'.repeat(5000)}1].size() > 0`,
      `"${'a'.repeat(2000)}".matches("(a|a)*b")`,
      `${'-'.repeat(1999)}1 > 0`,
    ];
    const started = performance.now();
    for (const source of hostile) expect(holds(source), source.slice(0, 60)).toMatch(/^\w+: /);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('is not run over lists of a size at which it would take long', () => {
    const files = Array.from({ length: 20_000 }, (_, index) => `data/${index}.csv`);
    const proposal = { ...values.proposal, files };
    const pairs = 'proposal.files.all(a, proposal.files.all(b, a == b || a != b))';
    expect(holds(pairs, { proposal })).toBe('throws it would take too long on lists of 20000 entries');
    expect(holds('proposal.files.all(a, a.startsWith("data/"))', { proposal })).toBe(true);
  });

  it('never throws while it is compiled, whatever is written', () => {
    const pieces = fc.constantFrom(
      ...['change', '.', 'kind', '==', '"x"', '(', ')', '[', ']', '&&', '!', '?', ':', 'in', '{', '}', ','],
      ...[
        'size',
        '1',
        '.exists(',
        'f',
        'checks',
        '\\',
        "'",
        'r"',
        'b"',
        'null',
        '\u0000',
        '𝒳',
        '/*',
        '//',
        '\n',
      ],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 24 }), (words) => {
        const result = holds(words.join(' '));
        expect(['boolean', 'string']).toContain(typeof result);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a glob', () => {
  it.each([
    ['models/*/card.md', 'models/a/card.md', true],
    ['models/*/card.md', 'models/a/b/card.md', false],
    ['models/**', 'models/a/b/card.md', true],
    ['**/card.md', 'card.md', true],
    ['**/card.md', 'models/a/card.md', true],
    ['**/card.md', 'models/a/postcard.md', false],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['?.md', 'a.md', true],
    ['?.md', '/.md', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['*.md', '𝒳.md', true],
  ])('%s takes %s: %s', (pattern, path, expected) => {
    expect(matchesGlob(path, pattern)).toBe(expected);
  });

  it('takes time in step with its length, not with its stars', () => {
    const started = performance.now();
    expect(matchesGlob(`${'a'.repeat(1000)}b`, `${'*a'.repeat(500)}c`)).toBe(false);
    expect(matchesGlob(`${'a/'.repeat(500)}b`, `${'**/'.repeat(300)}c`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1500);
  });
});
