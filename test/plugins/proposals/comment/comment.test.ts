import { describe, expect, it } from 'vitest';
import type { Proposal } from '../../../../core/capabilities/forge.ts';
import { code, foreignMarkdown, text } from '../../../../plugins/proposals/comment/markdown.ts';
import { commentBytes, planComment } from '../../../../plugins/proposals/comment/plan-comment.ts';
import type { Judgement } from '../../../../plugins/proposals/proposals.ts';

const proposal: Proposal = {
  number: 7,
  state: 'open',
  key: null,
  title: 'x',
  body: '',
  author: { name: 'Ada' },
  pushes: [],
  base: 'refs/heads/main',
  head: 'a'.repeat(40),
  fromFork: false,
  labels: [],
  openedAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
};

function judgement(more: Partial<Judgement> = {}): Judgement {
  return {
    number: 7,
    head: 'a'.repeat(40),
    base: 'b'.repeat(40),
    merged: 'c'.repeat(40),
    conflicts: [],
    plan: { from: 'b'.repeat(40), to: 'c'.repeat(40), changes: [] },
    issues: [],
    warnings: [],
    held: null,
    checks: [],
    verdict: { state: 'allowed', requirements: [], approvals: [], breakGlass: null },
    models: [],
    blastRadius: { environments: [] },
    duration: { ms: null, of: [], unknown: [] },
    ...more,
  };
}

describe('the requests that a rollout wants', () => {
  const ref = 'Deployment/production/bird-strike';
  const step = {
    action: 'wait',
    description: 'wait for 1,200 requests of 1.3.0 in step 2 at 10 % (minSamples of healthy/error-rate)',
    facts: { requests: 1200, percent: 10, within: { ms: 300_000, words: 'its pause is 5m' } },
  };
  const change = { ref, type: 'changed', plugin: 'rollout', path: 'a.yaml', line: 1, fields: [] } as const;
  function told(requests: number | null, facts: unknown = step.facts) {
    const traffic =
      requests === null
        ? null
        : {
            requests: 2 * requests,
            touched: [{ ref, requests }],
            from: '2026-01-05T11:30:00Z',
            to: '2026-01-05T12:00:00Z',
          };
    const environment = { name: 'production', touched: [ref], deployments: 2, isDefault: false, traffic };
    const steps = [{ ...step, facts: facts as typeof step.facts }];
    return planComment(
      proposal,
      judgement({
        plan: { from: null, to: 'c', changes: [{ ...change, steps }] },
        blastRadius: { environments: [environment] },
      }),
    );
  }

  it('take so long at the traffic of today, and a step that is over before is warned of', () => {
    const comment = told(2600);
    const words = "about 2.3 h at today's 5,200 requests an hour; its pause is 5m: too short";
    expect(comment).toContain(words);
    expect(comment).toMatch(
      /> \[!WARNING\]\n> `Deployment\/production\/bird-strike`: wait for 1,200 requests/,
    );
  });

  it('are not warned of where there is time', () => {
    const comment = told(2_600_000);
    expect(comment).toContain("about 8 s at today's 5,200,000 requests an hour; its pause is 5m");
    expect(comment).not.toContain('too short');
  });

  it('take nobody knows how long without traffic, and nothing is said where it is not counted', () => {
    expect(told(0)).toContain(
      'nobody knows how long, as no request came of late; its pause is 5m: too short',
    );
    expect(told(null)).not.toContain('Requests wanted');
    expect(told(2600, { requests: 'many' })).not.toContain('Requests wanted');
  });
});

const hostile = [
  '@team please approve',
  '<img src=x onerror=alert(1)>',
  '![x](https://evil.example/pixel.png)',
  '[click](https://evil.example)',
  '## It may merge',
  '| a | b |',
  '```\n## It may merge\n```',
  '`code` **bold** _it_ ~~gone~~ $x$',
  'closes #12 and GH-3',
  'https://evil.example www.evil.example',
  '\u202Eegrem yam tI\u202C \u0000\u001B[31m',
  '</details></summary><script>x</script>',
  'a\r\nb\u2028c',
];

describe('text of others', () => {
  it.each(hostile)('does nothing as running text: %j', (words) => {
    const shown = text(words);
    expect(shown).not.toMatch(/[\n\r\u2028]/);
    expect(shown).not.toMatch(/@[A-Za-z]/);
    expect(shown).not.toMatch(/<[A-Za-z/]/);
    expect(shown).not.toMatch(/(?<!\\)[[\]`|*]/);
    expect(shown).not.toMatch(/#\d|GH-\d|:\/\/|www\./);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(shown).not.toMatch(/[\u0000-\u001F\u202A-\u202E]/);
  });

  it.each(hostile)('stays inside of code: %j', (words) => {
    const shown = code(words);
    const fence = /^`+/.exec(shown)?.[0] ?? '';
    expect(fence.length).toBeGreaterThan(0);
    const inside = shown.slice(fence.length, -fence.length);
    expect(inside.match(/`+/g)?.some((run) => run.length === fence.length) ?? false).toBe(false);
    expect(inside).not.toMatch(/[\n\r\u2028]|(?<!\\)\|/);
  });

  it.each(hostile)('loses its effect in what a check wrote around it: %j', (words) => {
    const shown = foreignMarkdown(`| a |\n| --- |\n${words}`, 1000);
    expect(shown).not.toMatch(/@[A-Za-z]/);
    expect(shown).not.toMatch(/<[A-Za-z/!?]/);
    expect(shown).not.toMatch(/\]\(|!\[|:\/\//);
    expect((shown.match(/^\s*(```|~~~)/gm) ?? []).length % 2).toBe(0);
  });

  it('closes a block of code that was left open', () => {
    expect(foreignMarkdown('```\n## It may merge', 1000)).toBe('```\n## It may merge\n```');
    expect(foreignMarkdown('~~~\nx', 1000)).toBe('~~~\nx\n~~~');
  });

  it('is cut', () => {
    expect(text('x'.repeat(10_000)).length).toBeLessThanOrEqual(300);
    expect(foreignMarkdown('x'.repeat(10_000), 100).length).toBeLessThan(150);
  });
});

describe('the comment', () => {
  const change = (name: string, value: string) => ({
    ref: `Deployment/production/${name}`,
    type: 'changed' as const,
    plugin: 'rollout',
    path: `environments/production/${name}.yaml`,
    line: 1,
    fields: [{ pointer: '/spec/note', before: 'x', after: value }],
    steps: [{ action: 'set', description: `set ${value}` }],
  });

  it('has one heading, which is the verdict, whatever the proposal says', () => {
    for (const words of hostile) {
      const body = planComment(
        proposal,
        judgement({
          plan: { from: null, to: 'c', changes: [change('a', words)] },
          verdict: {
            state: 'refused',
            requirements: [{ gate: 'g', code: 'X', rule: words, met: false, message: words, hint: words }],
            approvals: [{ by: { name: words }, at: 'x' }],
            breakGlass: null,
          },
          checks: [
            {
              name: 'a',
              title: words,
              outcome: 'fail',
              summary: words,
              details: words,
              at: 'x',
              durationMs: 1,
              annotations: [
                {
                  code: 'X',
                  severity: 'error',
                  message: words,
                  path: words,
                  line: 1,
                  column: 1,
                  pointer: '',
                },
              ],
            },
          ],
        }),
      );
      const headings = withoutCode(body).match(/^## .*$/gm);
      expect(headings?.[0]).toBe('## It may not merge yet: 1 requirement not met');
      expect(withoutCode(body)).not.toMatch(/<(img|script)/);
      expect(withoutCode(body)).not.toMatch(/(^|[^`\w])@team/);
      const bare = withoutCode(body);
      expect((bare.match(/<details/g) ?? []).length).toBe((bare.match(/<\/details>/g) ?? []).length);
    }
  });

  it('fits into what a forge takes, and keeps the verdict', () => {
    const long = 'é'.repeat(2_000);
    const many = Array.from({ length: 500 }, (_, index) => index);
    const body = planComment(
      proposal,
      judgement({
        plan: { from: null, to: 'c', changes: many.map((index) => change(`d${index}`, long)) },
        checks: many.map((index) => ({
          name: `check-${index}`,
          title: 'x',
          outcome: 'fail' as const,
          summary: long,
          details: long.repeat(5),
          at: 'x',
          durationMs: 1,
        })),
        verdict: {
          state: 'refused',
          requirements: many.map(() => ({ gate: 'g', code: 'X', rule: long, met: false, message: long })),
          approvals: [],
          breakGlass: null,
        },
      }),
    );
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(commentBytes);
    expect(body.startsWith('## It may not merge yet: 500 requirements not met\n')).toBe(true);
    expect(body).toContain('left out');
    expect(body.trim().endsWith('`switchyard show 7`.</sub>')).toBe(true);
  });

  it('says that nothing changes, that the glass was broken, that it comes from a fork and would be held', () => {
    const body = planComment(
      { ...proposal, fromFork: true },
      judgement({
        held: { reason: 'MassRemovalHeld', message: 'it removes 40 %' },
        verdict: {
          state: 'allowed',
          requirements: [],
          approvals: [],
          breakGlass: { label: 'break-glass', by: 'Grace', unmet: 2 },
        },
      }),
    );
    expect(body).toContain('## It may merge, by breaking the glass');
    expect(body).toContain(
      'With the label `break-glass`, Grace let it pass in spite of 2 requirements not met.',
    );
    expect(body).toContain('**Nothing that the platform runs changes.**');
    expect(body).toContain('It comes from a fork');
    expect(body).toContain('MassRemovalHeld');
  });
});

function withoutCode(body: string): string {
  return body.replace(/^(```|~~~)[\s\S]*?^\1$/gm, '').replace(/(`+)[^\n]*?[^`]\1(?!`)/g, '');
}
