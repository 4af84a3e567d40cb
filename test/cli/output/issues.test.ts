import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { issuesForGitHub } from '../../../cli/output/issues-github.ts';
import { issuesForPeople } from '../../../cli/output/issues-human.ts';
import { issuesAsSarif } from '../../../cli/output/issues-sarif.ts';
import type { Issue } from '../../../core/manifest/issue.ts';

const issue: Issue = {
  code: 'MissingReference',
  severity: 'error',
  message: 'there is no ModelVersion bird-strike/1.9.0',
  hint: 'Did you mean 1.1.0?',
  path: 'environments/production/bird-strike.yaml',
  line: 8,
  column: 12,
  pointer: '/spec/version',
  ref: 'Deployment/production/bird-strike',
};
const plain = picocolors.createColors(false);

describe('issues for people', () => {
  it('show where, what, the line with a mark under the place, and what to do', async () => {
    const text = await issuesForPeople([issue], async () => '  version: 1.9.0', plain);
    expect(text).toBe(
      [
        'environments/production/bird-strike.yaml:8:12  error  MissingReference',
        '  there is no ModelVersion bird-strike/1.9.0',
        '  8 |   version: 1.9.0',
        '    |            ^',
        '  hint: Did you mean 1.1.0?',
        '',
      ].join('\n'),
    );
  });

  it('do without the line where it cannot be read', async () => {
    const text = await issuesForPeople([issue], async () => undefined, plain);
    expect(text).not.toContain('|');
  });

  it('cut a very long line around the place', async () => {
    const line = `${'x '.repeat(2500)}HERE${' y'.repeat(2500)}`;
    const text = await issuesForPeople([{ ...issue, column: 5001 }], async () => line, plain);
    const [, , quoted = '', mark = ''] = text.split('\n');
    expect(quoted.length).toBeLessThan(120);
    expect(quoted.slice(mark.indexOf('^'), mark.indexOf('^') + 4)).toBe('HERE');
  });

  it('let no control character of a manifest reach the terminal', async () => {
    const hostile = { ...issue, message: 'bad \u001b[2J\u001b]0;title\u0007 value', hint: undefined };
    const text = await issuesForPeople([hostile], async () => '\u001b[31mred\u0008', plain);
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

describe('issues for GitHub', () => {
  it('are workflow commands with their place', () => {
    expect(issuesForGitHub([issue])).toBe(
      '::error file=environments/production/bird-strike.yaml,line=8,col=12,title=MissingReference::there is no ModelVersion bird-strike/1.9.0%0ADid you mean 1.1.0?\n',
    );
  });

  it('cannot be forged by a line end in a message or a path', () => {
    const text = issuesForGitHub([
      { ...issue, path: 'a,b:c.yaml', message: 'one\n::error::two\r100%', hint: undefined },
    ]);
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(text).toContain('file=a%2Cb%3Ac.yaml');
    expect(text).toContain('one%0A::error::two%0D100%25');
  });
});

describe('issues as SARIF', () => {
  it('name the tool, one rule a code, and each place', () => {
    const warning: Issue = { ...issue, severity: 'warning', code: 'UnknownField', path: 'a b.yaml' };
    const log = issuesAsSarif([issue, warning, issue], '1.2.3') as {
      version: string;
      runs: {
        tool: { driver: { name: string; version: string; rules: { id: string }[] } };
        results: { ruleId: string; ruleIndex: number; level: string; locations: unknown[] }[];
      }[];
    };
    const [run] = log.runs;
    expect(log.version).toBe('2.1.0');
    expect(run?.tool.driver).toMatchObject({ name: 'switchyard', version: '1.2.3' });
    expect(run?.tool.driver.rules.map((rule) => rule.id)).toEqual(['MissingReference', 'UnknownField']);
    expect(run?.results.map((result) => [result.ruleId, result.ruleIndex, result.level])).toEqual([
      ['MissingReference', 0, 'error'],
      ['UnknownField', 1, 'warning'],
      ['MissingReference', 0, 'error'],
    ]);
    expect(run?.results[1]?.locations[0]).toMatchObject({
      physicalLocation: {
        artifactLocation: { uri: 'a%20b.yaml' },
        region: { startLine: 8, startColumn: 12 },
      },
    });
  });
});
